"""Keeps in a rehearsed cluster what its controllers make: done again whenever something changes that they look at."""

from collections.abc import Iterator
from dataclasses import replace

from rehearsal.providers import paths
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes import vault
from rehearsal.providers.kubernetes.cluster import DEFINITION, NAMESPACE, Cluster
from rehearsal.providers.kubernetes.controllers import MadeSecret, Outcome, labels_of_pods, outcome, tokens
from rehearsal.providers.kubernetes.kinds import RELEASE, Kind, kind_of
from rehearsal.providers.kubernetes.objects import live_object
from rehearsal.providers.wire import Properties

_SECRET = Kind("core", "v1", "Secret")
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_LOOKED_AT = frozenset({RELEASE, DEFINITION, NAMESPACE, _DEPLOYMENT, _SECRET.token})
_LEFT = "a controller that leaves it behind"


class MadeSecrets:
    """The controllers of one cluster."""

    def __init__(self, cluster: Cluster, inventory: Inventory) -> None:
        self._cluster, self._inventory = cluster, inventory

    def settle(self, changed: str) -> None:
        """Makes and removes Secrets, where the type that changed is one that controllers look at."""
        if changed not in _LOOKED_AT and changed not in tokens():
            return
        with self._inventory.transaction():
            makers = list(self._makers())
            for row in makers:
                for secret in self.outcome(row).secrets:
                    self._keep(secret, row)
            self._collect({_owner(row) for row in makers})

    def outcome(self, row: Resource) -> Outcome:
        """What has been made of an object by now."""
        return outcome(tokens()[row.type], _live(row), self)

    def runs_in(self, chart: str) -> str | None:
        for row in self._cluster.objects(RELEASE):
            status = row.outputs["status"]
            if (status["chart"], status["status"]) == (chart, "deployed"):
                return row.scope
        # Controllers that are no chart's are Deployments of the program's own.
        for row in self._cluster.objects(_DEPLOYMENT):
            labels = paths.first(row.inputs, "spec.template.metadata.labels") or {}
            if labels_of_pods(chart).items() <= labels.items():
                return row.scope
        return None

    def find(self, kind: str, name: str, namespace: str) -> Properties | None:
        if kind == "core/Namespace":
            there = self._cluster.has(NAMESPACE, name)
            return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} if there else None
        candidates = [token for token, known in tokens().items() if known == kind] or [_SECRET.token]
        for token in candidates:
            for row in self._cluster.objects(token):
                if row.name == name and row.scope in ("", namespace):
                    return _live(row)
        return None

    def in_vault(self, name: str) -> bool:
        return name not in vault.absent(self._inventory.path.parent)

    def _makers(self) -> Iterator[Resource]:
        for token in tokens():
            yield from self._cluster.objects(token)

    def _keep(self, secret: MadeSecret, maker: Resource) -> None:
        """One that somebody else has put there stays as it is."""
        there = self._cluster.get(_SECRET.token, secret.name, secret.namespace)
        if there is not None and there.owner != _owner(maker):
            return
        account, identity = self._cluster.account, f"{secret.namespace}/{secret.name}"
        count = there.incarnation if there else self._inventory.next_incarnation(account, _SECRET.token, identity)
        inputs = secret.manifest(_live(maker))
        made = Resource(
            account=account,
            type=_SECRET.token,
            id=identity,
            name=secret.name,
            scope=secret.namespace,
            owner=_owner(maker) if secret.owned else _LEFT,
            incarnation=count,
            inputs=inputs,
            outputs=live_object(_SECRET, inputs, secret.namespace, account, count, ""),
        )
        self._inventory.put(replace(made, created=there.created) if there else made)

    def _collect(self, owners: set[str]) -> None:
        """What was owned goes with its owner."""
        for row in self._cluster.objects(_SECRET.token):
            if row.owner and row.owner != _LEFT and row.owner not in owners:
                self._inventory.delete(row)


def _live(row: Resource) -> Properties:
    kind, scope = kind_of(row.type), {"namespace": row.scope} if row.scope else {}
    metadata = {**row.outputs["metadata"], **scope}
    return {**row.outputs, "apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def _owner(row: Resource) -> str:
    return f"{row.type}::{row.id}"
