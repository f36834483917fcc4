"""The kubernetes provider of a rehearsal: it goes to the cluster that its kubeconfig points at."""

from dataclasses import replace
from typing import ClassVar

from rehearsal.providers import latency
from rehearsal.providers.diff import Diff, changes
from rehearsal.providers.errors import CheckFailure, CloudError, InitializationError
from rehearsal.providers.inventory import Inventory, Resource, open_inventory
from rehearsal.providers.kubernetes.cluster import DEFINITION, NAMESPACE, Cluster
from rehearsal.providers.kubernetes.configuration import change_of_configuration
from rehearsal.providers.kubernetes.connection import connect
from rehearsal.providers.kubernetes.controllers import tokens
from rehearsal.providers.kubernetes.differences import difference
from rehearsal.providers.kubernetes.issuance import issuance_obstacles
from rehearsal.providers.kubernetes.kinds import RELEASE, Kind, immutable, kind_of
from rehearsal.providers.kubernetes.made_secrets import MadeSecrets
from rehearsal.providers.kubernetes.naming import named_object, named_release
from rehearsal.providers.kubernetes.objects import guarded, live_object, previewed_object
from rehearsal.providers.kubernetes.references import check_admission, check_count, missing
from rehearsal.providers.kubernetes.releases import Releases, check_release, pending
from rehearsal.providers.kubernetes.tables import rules
from rehearsal.providers.kubernetes.updates import check_update
from rehearsal.providers.kubernetes.wait_for import ANNOTATION as WAIT_FOR
from rehearsal.providers.kubernetes.wait_for import unmet
from rehearsal.providers.provider import GONE, Created, Found, Operation, refuse_function
from rehearsal.providers.wire import Properties, plain

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
        return change_of_configuration(old, new)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        if operation.type == RELEASE:
            return check_release(named_release(operation, self._configuration.get("namespace") or "default"))
        return guarded(kind_of(operation.type), named_object(operation)), []

    def diff(self, operation: Operation) -> Diff:
        return difference(operation, self._configuration)

    def create(self, operation: Operation) -> Created:
        if operation.type == RELEASE:
            return Created("", pending(operation)) if operation.preview else self._install(operation)
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
        live = self._settled(row, live, cluster)
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
            upgraded = self._releases().upgrade(operation, row)
            MadeSecrets(cluster, self._inventory).settle(RELEASE)
            return upgraded
        inputs = plain(operation.inputs)
        check_admission(kind, inputs, row.scope, cluster)
        check_update(kind, row, changes(operation.old_inputs, operation.inputs), immutable(operation.type))
        latency.wait(operation.type, "update")
        live = live_object(kind, operation.inputs, row.scope, row.account, row.incarnation, row.created)
        self._inventory.put(replace(row, inputs=operation.inputs, outputs=live))
        live = self._settled(row, live, cluster)
        self._await(kind, operation, row, live, cluster)
        return live

    def delete(self, operation: Operation) -> None:
        cluster = self._cluster()
        row = self._inventory.get(operation.type, operation.id, cluster.account)
        if row is None:
            return
        if operation.type == RELEASE:
            self._releases().uninstall(row)
            MadeSecrets(cluster, self._inventory).settle(RELEASE)
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
        MadeSecrets(cluster, self._inventory).settle(operation.type)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def _cluster(self) -> Cluster:
        return Cluster(connect(self._configuration, self._inventory), self._inventory)

    def _releases(self) -> Releases:
        return Releases(self._cluster(), self._inventory)

    def _install(self, operation: Operation) -> Created:
        installed = self._releases().install(operation)
        MadeSecrets(self._cluster(), self._inventory).settle(RELEASE)
        return installed

    def _settled(self, row: Resource, live: Properties, cluster: Cluster) -> Properties:
        """The object once its controller, and those that look at it, have done what they can."""
        secrets = MadeSecrets(cluster, self._inventory)
        secrets.settle(row.type)
        if row.type not in tokens():
            return live
        stored = self._inventory.get(row.type, row.id, row.account) or row
        live = {**live, "status": secrets.outcome(stored).status}
        self._inventory.put(replace(stored, outputs=live))
        return live

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
        check_count(kind, name, namespace, cluster)
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
        waited = annotations.get(WAIT_FOR)
        inputs = plain(operation.inputs)
        reasons = unmet(waited, live) if waited else missing(kind, inputs, row.scope, cluster)
        reasons += issuance_obstacles(kind, inputs, cluster, self._inventory)
        if reasons:
            raise InitializationError(
                row.id, live, [f"{kind.name} {row.id} never became ready: {why}" for why in reasons]
            )


def create(inventory: Inventory | None = None) -> KubernetesProvider:
    return KubernetesProvider(inventory or open_inventory())
