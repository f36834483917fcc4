"""The kubernetes provider of a rehearsal: it goes to the cluster that its kubeconfig points at."""

from dataclasses import replace
from typing import Any, ClassVar

from rehearsal.providers import latency
from rehearsal.providers.autonaming import generate
from rehearsal.providers.diff import Diff, changes, replacing
from rehearsal.providers.errors import CheckFailure, CloudError, InitializationError
from rehearsal.providers.inventory import Inventory, Resource, open_inventory
from rehearsal.providers.kubernetes.cluster import DEFINITION, NAMESPACE, Cluster
from rehearsal.providers.kubernetes.connection import active, connect, parse_kubeconfig
from rehearsal.providers.kubernetes.kinds import RELEASE, Kind, immutable, kind_of, replaces
from rehearsal.providers.kubernetes.objects import guarded, live_object, previewed_object
from rehearsal.providers.kubernetes.references import check_admission, missing
from rehearsal.providers.kubernetes.releases import Releases, check_release, pending
from rehearsal.providers.kubernetes.tables import rules
from rehearsal.providers.kubernetes.updates import check_update
from rehearsal.providers.provider import GONE, Created, Found, Operation, configuration_diff, refuse_function
from rehearsal.providers.wire import Properties, has_unknown, plain

_AUTONAMED = "pulumi.com/autonamed"
_SKIP_AWAIT = "pulumi.com/skipAwait"


class KubernetesProvider:
    """Everything that happens in one cluster."""

    package: ClassVar[str] = "kubernetes"

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._configuration: Properties = {}

    def configure(self, configuration: Properties) -> None:
        self._configuration = plain(configuration)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Source: pulumi-kubernetes provider.go DiffConfig."""
        old, new = plain(old), plain(new)
        diff = configuration_diff(old, new)
        if not diff.changes:
            return diff
        identifier = new.get("clusterIdentifier")
        if identifier is not None and identifier == old.get("clusterIdentifier"):
            return diff
        both_identified = identifier is not None and "clusterIdentifier" in old
        found = ["clusterIdentifier"] if both_identified else []
        return replace(diff, replaces=found + _another_cluster(old, new))

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        if operation.type == RELEASE:
            return check_release(self._named_release(operation))
        return guarded(kind_of(operation.type), self._named_object(operation)), []

    def diff(self, operation: Operation) -> Diff:
        old = operation.old_inputs or {key: operation.old_outputs.get(key) for key in operation.inputs}
        found = changes(old, operation.inputs)
        fixed = replaces(operation.type, self._configuration)
        needed = [change.path for change in found if replacing(change, fixed)]
        return Diff(changes=found, replaces=needed, delete_before_replace=bool(needed) and _keeps_name(operation))

    def create(self, operation: Operation) -> Created:
        if operation.type == RELEASE:
            return Created("", pending(operation)) if operation.preview else self._releases().install(operation)
        kind = kind_of(operation.type)
        if operation.preview:
            return Created("", previewed_object(kind, operation.inputs, {}))
        cluster = self._cluster()
        row = self._admit(kind, operation, cluster)
        latency.wait(operation.type, "create")
        with self._inventory.transaction():
            row = self._admit(kind, operation, cluster)
            count = self._inventory.next_incarnation(row.account, row.type, row.id)
            live = live_object(kind, operation.inputs, row.scope, row.account, count, "")
            self._inventory.put(replace(row, outputs=live, incarnation=count))
        self._await(kind, operation, row, live, cluster)
        return Created(row.id, live)

    def read(self, operation: Operation) -> Found:
        row = self._inventory.get(operation.type, operation.id, self._cluster().account)
        if row is None:
            return GONE
        inputs = self._inventory.restored(row.inputs, operation.old_inputs)
        return Found(row.id, inputs, self._inventory.restored(row.outputs, operation.old_outputs))

    def update(self, operation: Operation) -> Properties:
        kind = kind_of(operation.type)
        if operation.preview:
            return (
                pending(operation)
                if operation.type == RELEASE
                else previewed_object(kind, operation.inputs, operation.old_outputs)
            )
        cluster = self._cluster()
        row = self._inventory.get(operation.type, operation.id, cluster.account)
        if row is None:
            raise CloudError(f'{kind.plural} "{operation.id}" not found')
        if operation.type == RELEASE:
            return self._releases().upgrade(operation, row)
        inputs = plain(operation.inputs)
        check_admission(kind, inputs, row.scope, cluster)
        check_update(kind, row, changes(operation.old_inputs, operation.inputs), immutable(operation.type))
        latency.wait(operation.type, "update")
        live = live_object(kind, operation.inputs, row.scope, row.account, row.incarnation, row.created)
        self._inventory.put(replace(row, inputs=operation.inputs, outputs=live))
        self._await(kind, operation, row, live, cluster)
        return live

    def delete(self, operation: Operation) -> None:
        cluster = self._cluster()
        row = self._inventory.get(operation.type, operation.id, cluster.account)
        if row is None:
            return
        if operation.type == RELEASE:
            self._releases().uninstall(row)
            return
        kind = kind_of(operation.type)
        if row.name in rules()["built_in"].get(kind.name, ()):
            raise CloudError(f'{kind.plural} "{row.name}" is forbidden: this {kind.name.lower()} may not be deleted')
        latency.wait(operation.type, "delete")
        with self._inventory.transaction():
            if operation.type == NAMESPACE:
                cluster.remove_namespace(row.name)
            if operation.type == DEFINITION:
                cluster.remove_definition(row)
            self._inventory.delete(row)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def _cluster(self) -> Cluster:
        return Cluster(connect(self._configuration, self._inventory), self._inventory)

    def _releases(self) -> Releases:
        return Releases(self._cluster(), self._inventory)

    def _admit(self, kind: Kind, operation: Operation, cluster: Cluster) -> Resource:
        """The object that would be stored, if the API server takes it."""
        cluster.check_kind(kind)
        inputs = plain(operation.inputs)
        name, namespace = inputs["metadata"]["name"], ""
        if cluster.namespaced(kind):
            namespace = inputs["metadata"].get("namespace") or self._configuration.get("namespace") or "default"
        if cluster.has(operation.type, name, namespace or None):
            raise CloudError(f'{kind.plural} "{name}" already exists')
        check_admission(kind, inputs, namespace, cluster)
        return Resource(
            account=cluster.account,
            type=operation.type,
            id=f"{namespace}/{name}" if namespace else name,
            name=name,
            scope=namespace,
            inputs=guarded(kind, operation.inputs),
            outputs={},
        )

    def _await(self, kind: Kind, operation: Operation, row: Resource, live: Properties, cluster: Cluster) -> None:
        annotations = plain(operation.inputs)["metadata"].get("annotations") or {}
        if str(annotations.get(_SKIP_AWAIT)).lower() == "true":
            return
        reasons = missing(kind, plain(operation.inputs), row.scope, cluster)
        if reasons:
            raise InitializationError(
                row.id, live, [f"{kind.name} {row.id} never became ready: {why}" for why in reasons]
            )

    def _named_release(self, operation: Operation) -> Properties:
        inputs = {"namespace": self._configuration.get("namespace") or "default", **operation.inputs}
        if "name" not in inputs:
            inputs["name"] = operation.old_inputs.get("name") or self._generate(operation)
        return inputs

    def _named_object(self, operation: Operation) -> Properties:
        metadata = dict(operation.inputs.get("metadata") or {})
        if "name" in metadata or "generateName" in metadata:
            return operation.inputs
        former = operation.old_inputs.get("metadata") or {}
        kept = (former.get("annotations") or {}).get(_AUTONAMED) == "true"
        metadata["name"] = former["name"] if kept else self._generate(operation)
        metadata["annotations"] = {**(metadata.get("annotations") or {}), _AUTONAMED: "true"}
        return {**operation.inputs, "metadata": metadata}

    def _generate(self, operation: Operation) -> Any:
        return generate(operation.name, operation.seed, digits=8, engine=operation.autonaming)


def _another_cluster(old: Properties, new: Properties) -> list[str]:
    keys = [key for key in ("kubeconfig", "context", "cluster") if old.get(key) != new.get(key)]
    unknown = [key for key in keys if has_unknown(new.get(key))]
    if unknown:
        return unknown[:1]
    return keys if keys and _active_cluster(old) != _active_cluster(new) else []


def _active_cluster(configuration: Properties) -> object:
    kubeconfig = parse_kubeconfig(configuration.get("kubeconfig"))
    if kubeconfig is None:
        return configuration.get("context")
    try:
        return active(kubeconfig, configuration)[0]
    except CloudError:
        return None


def _keeps_name(operation: Operation) -> bool:
    """An object with a name of its own has to go before its successor comes. Source: pulumi-kubernetes provider.go."""
    if operation.type == RELEASE:
        return False
    old, new = operation.old_inputs.get("metadata") or {}, operation.inputs.get("metadata") or {}
    autonamed = (new.get("annotations") or {}).get(_AUTONAMED) == "true"
    return not autonamed and (old.get("name"), old.get("namespace")) == (new.get("name"), new.get("namespace"))


def create(inventory: Inventory | None = None) -> KubernetesProvider:
    return KubernetesProvider(inventory or open_inventory())
