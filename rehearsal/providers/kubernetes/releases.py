"""Helm releases: installed, upgraded, rolled back and uninstalled without rendering a chart."""

from dataclasses import replace
from typing import Any

from rehearsal.providers import latency
from rehearsal.providers.errors import CheckFailure, CloudError, InitializationError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.charts import Chart, locate
from rehearsal.providers.kubernetes.cluster import DEFINITION, Cluster
from rehearsal.providers.kubernetes.images import image_obstacles
from rehearsal.providers.kubernetes.issuance import records_obstacles
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes.object_stores import store_obstacles
from rehearsal.providers.kubernetes.references import missing_in_values
from rehearsal.providers.kubernetes.sidecars import sidecar_obstacles
from rehearsal.providers.kubernetes.webhooks import injection_obstacles, pod_annotations, webhook_refusal
from rehearsal.providers.provider import Created, Operation
from rehearsal.providers.wire import UNKNOWN, Properties, has_unknown, plain

_NAMESPACE = "kubernetes:core/v1:Namespace"


def check_release(inputs: Properties) -> tuple[Properties, list[CheckFailure]]:
    """The chart must be there; like the real provider, only a release without unknown values is looked at."""
    if has_unknown(inputs):
        return inputs, []
    try:
        chart = locate(plain(inputs))
    except CloudError as error:
        reason = f"{error}; check the chart name and repository configuration."
        return inputs, [CheckFailure("chart", reason)]
    return ({**inputs, "version": chart.version} if chart.version else inputs), []


def pending(operation: Operation) -> Properties:
    """Outputs of a release in a preview."""
    known = {"resourceNames": UNKNOWN, "status": UNKNOWN}
    return {**operation.inputs, **known}


class Releases:
    """The releases of one cluster."""

    def __init__(self, cluster: Cluster, inventory: Inventory) -> None:
        self._cluster = cluster
        self._inventory = inventory

    def install(self, operation: Operation) -> Created:
        inputs = plain(operation.inputs)
        name, namespace = inputs["name"], inputs["namespace"]
        chart = locate(inputs)
        if self._cluster.get(RELEASE, name, namespace) is not None:
            raise CloudError("cannot re-use a name that is still in use")
        self._ensure_namespace(inputs)
        self._check_kinds(chart, inputs)
        latency.wait(RELEASE, "create", variant=chart.name, inputs=inputs)
        with self._inventory.transaction():
            row = self._put(operation, chart, revision=1)
            self._put_definitions(chart, inputs, row)
        self._await(chart, inputs, row, operation, former=None)
        return Created(row.id, {**operation.inputs, **_computed(row)})

    def upgrade(self, operation: Operation, row: Resource) -> Properties:
        inputs = plain(operation.inputs)
        chart = locate(inputs)
        self._check_kinds(chart, inputs)
        latency.wait(RELEASE, "update", variant=chart.name)
        revision = int(row.outputs["status"]["revision"]) + 1
        with self._inventory.transaction():
            upgraded = self._put(operation, chart, revision=revision, created=row.created)
            if not chart.keeps_definitions:
                self._put_definitions(chart, inputs, upgraded)
        self._await(chart, inputs, upgraded, operation, former=row)
        return {**operation.inputs, **_computed(upgraded)}

    def uninstall(self, row: Resource) -> None:
        chart = row.outputs["status"]["chart"]
        latency.wait(RELEASE, "delete", variant=chart)
        with self._inventory.transaction():
            for definition in self._cluster.objects(DEFINITION):
                if definition.owner == row.id:
                    self._release_definition(definition)
            self._inventory.delete(row)

    def _release_definition(self, definition: Resource) -> None:
        if definition.inputs.get("kept"):
            self._inventory.put(replace(definition, owner=""))
        else:
            self._cluster.remove_definition(definition)

    def _ensure_namespace(self, inputs: Properties) -> None:
        namespace = inputs["namespace"]
        if self._cluster.has(_NAMESPACE, namespace):
            return
        if inputs.get("createNamespace") is not True:
            raise CloudError(f'create: failed to create: namespaces "{namespace}" not found')
        made: dict[str, Any] = {"metadata": {"name": namespace}}
        row = Resource(
            account=self._cluster.account, type=_NAMESPACE, id=namespace, name=namespace, inputs=made, outputs=made
        )
        self._inventory.put(row)

    def _check_kinds(self, chart: Chart, inputs: Properties) -> None:
        values = inputs.get("values") or {}
        brought = {f"{item['group']}/{item['kind']}" for item in _brought(chart, inputs)}
        for kind in chart.needed_kinds(values):
            if kind in brought:
                continue
            if self._cluster.definition(kind) is None:
                group, _, name = kind.rpartition("/")
                raise CloudError(
                    "unable to build kubernetes objects from release manifest: resource mapping not found: "
                    f'no matches for kind "{name}" in group "{group}": ensure CRDs are installed first'
                )
            if refused := webhook_refusal(kind, self._cluster):
                raise CloudError(refused)

    def _await(
        self, chart: Chart, inputs: Properties, row: Resource, operation: Operation, former: Resource | None
    ) -> None:
        """Pods that cannot start keep a release from ever becoming ready."""
        if inputs.get("skipAwait") is True or not chart.runs_pods:
            return
        reasons = self._obstacles(chart, inputs)
        if not reasons:
            return
        why = f"timed out waiting for the condition: {'; '.join(reasons)}"
        if inputs.get("atomic") is True:
            self._roll_back(row, former)
            done = "uninstalled" if former is None else "rolled back"
            raise CloudError(f"release {row.name} failed, and has been {done} due to atomic being set: {why}")
        failed = replace(row, outputs={**row.outputs, "status": {**row.outputs["status"], "status": "failed"}})
        self._inventory.put(failed)
        raise InitializationError(
            row.id,
            {**operation.inputs, **_computed(failed)},
            [f'Helm release "{row.id}" was created, but has a failed status: {why}'],
        )

    def _obstacles(self, chart: Chart, inputs: Properties) -> list[str]:
        values, namespace = inputs.get("values") or {}, inputs["namespace"]
        unplaced = self._cluster.node_obstacle()
        found = [unplaced] if unplaced else []
        needed = {
            "Secret": chart.needed_secrets(values),
            "ConfigMap": chart.needed_config_maps(values),
            "PersistentVolumeClaim": chart.needed_claims(values),
        }
        found += [
            f'{kind.lower()} "{name}" not found'
            for kind, names in needed.items()
            for name in names
            if not self._cluster.has(f"kubernetes:core/v1:{kind}", name, namespace)
        ]
        if pull := self._cluster.pull_obstacle():
            found.append(pull)
        found += image_obstacles(inputs, self._cluster, self._inventory)
        found += store_obstacles(chart, inputs, self._cluster, self._inventory)
        found += records_obstacles(chart, inputs, self._cluster, self._inventory)
        found += injection_obstacles(pod_annotations(values), self._cluster)
        found += sidecar_obstacles(pod_annotations(values), namespace, self._cluster)
        return found + missing_in_values(values, self._cluster)

    def _roll_back(self, row: Resource, former: Resource | None) -> None:
        with self._inventory.transaction():
            if former is None:
                self.uninstall(row)
            else:
                # Helm records the failed revision and the one that rolls it back.
                status = {**former.outputs["status"], "revision": int(row.outputs["status"]["revision"]) + 1}
                self._inventory.put(replace(former, outputs={**former.outputs, "status": status}))

    def _put(self, operation: Operation, chart: Chart, revision: int, created: str = "") -> Resource:
        inputs = plain(operation.inputs)
        status = {
            "name": inputs["name"],
            "namespace": inputs["namespace"],
            "revision": revision,
            "status": "deployed",
            "version": chart.version,
            "chart": chart.name,
            "appVersion": chart.app_version,
        }
        row = Resource(
            account=self._cluster.account,
            type=RELEASE,
            id=f"{inputs['namespace']}/{inputs['name']}",
            name=inputs["name"],
            scope=inputs["namespace"],
            inputs=operation.inputs,
            outputs={**operation.inputs, "resourceNames": {}, "status": status},
            created=created,
        )
        return self._inventory.put(row)

    def _put_definitions(self, chart: Chart, inputs: Properties, release: Resource) -> None:
        for item in _brought(chart, inputs):
            if self._cluster.get(DEFINITION, item["name"]) is not None:
                continue
            served = [{"name": version, "served": True} for version in item["versions"]]
            spec = {"group": item["group"], "scope": item["scope"], "names": {"kind": item["kind"]}, "versions": served}
            made = {"metadata": {"name": item["name"]}, "spec": spec, "kept": chart.keeps_definitions}
            self._inventory.put(
                Resource(
                    account=self._cluster.account,
                    type=DEFINITION,
                    id=item["name"],
                    name=item["name"],
                    owner=release.id,
                    inputs=made,
                    outputs=made,
                )
            )


def _computed(row: Resource) -> Properties:
    return {key: row.outputs[key] for key in ("resourceNames", "status")}


def _brought(chart: Chart, inputs: Properties) -> list[dict[str, Any]]:
    """The definitions that a release installs."""
    if inputs.get("skipCrds") is True and chart.has_folder_of_definitions:
        return []
    return chart.definitions(inputs.get("values") or {})
