"""One rehearsed cluster, as the Kubernetes provider sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes import node_pools
from rehearsal.providers.kubernetes.connection import Connection
from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.kubernetes.tables import rules

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
NAMESPACE = "kubernetes:core/v1:Namespace"
_NAT = "gcp:compute/routerNat:RouterNat"
_ROUTER = "gcp:compute/router:Router"
_STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"


class Cluster:
    """What is in a cluster, made by programs, by charts or by the cloud."""

    def __init__(self, connection: Connection, inventory: Inventory) -> None:
        self._inventory = inventory
        self._connection = connection
        self.account = connection.account

    @property
    def cloud(self) -> str:
        """`gke`, `aks`, `oke`, or `local` for a cluster that the user already has."""
        return self._connection.cloud

    @property
    def control_plane(self) -> Resource | None:
        """The cluster as its cloud knows it; None where the user already has it."""
        endpoint = self._connection.endpoint
        return self._inventory.get(endpoint.cluster_type, endpoint.cluster_id) if endpoint else None

    def get(self, kind: str, name: str, namespace: str | None = None) -> Resource | None:
        identity = f"{namespace}/{name}" if namespace else name
        return self._inventory.get(kind, identity, self.account)

    def objects(self, kind: str | None = None) -> list[Resource]:
        return self._inventory.list(account=self.account, type=kind)

    def has(self, kind: str, name: str, namespace: str | None = None) -> bool:
        """Whether an object exists; what Kubernetes and the cloud put there counts."""
        short = kind.rpartition(":")[2]
        if name in rules()["built_in"].get(short, ()):
            return True
        if kind == _STORAGE_CLASS and name in self._cloud()["storage_classes"]:
            return True
        if (short, name) in (("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")):
            return True
        return self.get(kind, name, namespace) is not None

    def has_storage_class(self, name: str) -> bool:
        return self.has(_STORAGE_CLASS, name)

    def check_kind(self, kind: Kind) -> None:
        """The API server knows a kind that is built in or has a definition."""
        if kind.built_in or kind.qualified in self._cloud()["kinds"]:
            return
        definition = self.definition(kind.qualified)
        if definition is None or kind.version not in definition["versions"]:
            raise CloudError(
                f'no matches for kind "{kind.name}" in version "{kind.api_version}": '
                "its CustomResourceDefinition must be in the cluster first"
            )

    def namespaced(self, kind: Kind) -> bool:
        if kind.built_in:
            return kind.name not in rules()["cluster_scoped"]["kinds"]
        definition = self.definition(kind.qualified)
        if definition is not None:
            return definition["scope"] == "Namespaced"
        return kind.name not in self._cloud()["cluster_kinds"]

    def definition(self, qualified: str) -> dict[str, Any] | None:
        """Scope and served versions of a custom kind."""
        for row in self.objects(DEFINITION):
            spec = row.inputs.get("spec") or {}
            if f"{spec.get('group')}/{paths.first(spec, 'names.kind')}" == qualified:
                served = [item["name"] for item in spec.get("versions") or [] if item.get("served", True)]
                return {"scope": spec.get("scope"), "versions": served}
        return None

    def node_obstacle(self, tolerations: Sequence[Mapping[str, Any]] = ()) -> str | None:
        """Why a pod finds no node. A cluster that the user already has is taken to have nodes."""
        if self._connection.endpoint is None:
            return None
        row = self.control_plane
        if row is None:
            return node_pools.NO_POOL
        return node_pools.obstacle(self._connection.cloud, row, self._inventory, tolerations)

    def pull_obstacle(self) -> str | None:
        """Why nodes get no images: on GKE they may have no addresses of their own, and reach registries by NAT alone.

        Source: cloud.google.com/kubernetes-engine/docs/how-to/private-clusters. Whether all images come from Google's
        own registries, for which no NAT is needed, is not looked at.
        """
        row = self.control_plane
        if row is None or self._connection.cloud != "gke":
            return None
        if paths.first(row.inputs, "privateClusterConfig.enablePrivateNodes") is not True:
            return None
        network, region = _last(row.inputs.get("network", "default")), _region(row)
        for nat in self._inventory.list(account=row.account, type=_NAT):
            router = self._router(nat)
            if (
                router is not None
                and _last(router.inputs.get("network", "")) == network
                and region in nat.id.split("/")
            ):
                return None
        return (
            f"ErrImagePull: no route from private nodes to the registry: the network {network} has no RouterNat "
            f"in {region}"
        )

    def remove_namespace(self, name: str) -> None:
        """A namespace takes everything in it along."""
        for row in self.objects():
            if row.scope == name:
                self._inventory.delete(row)

    def remove_definition(self, row: Resource) -> None:
        """A definition takes every object of its kind along."""
        spec = row.inputs.get("spec") or {}
        start, end = f"kubernetes:{spec.get('group')}/", f":{paths.first(spec, 'names.kind')}"
        for other in self.objects():
            if other.type.startswith(start) and other.type.endswith(end):
                self._inventory.delete(other)
        self._inventory.delete(row)

    def _cloud(self) -> dict[str, Any]:
        return rules()["clouds"][self._connection.cloud]

    def _router(self, nat: Resource) -> Resource | None:
        """The router that a NAT belongs to, in its region."""
        region = nat.id.split("/")[1]
        for router in self._inventory.list(account=nat.account, type=_ROUTER):
            if router.name == _last(nat.inputs.get("router", "")) and region in router.id.split("/"):
                return router
        return None


def _region(cluster: Resource) -> str:
    """The region of a cluster that lies in a region or in one of its zones."""
    location = str(cluster.outputs["location"])
    return location if location[-1].isdigit() else location.rpartition("-")[0]


def _last(reference: Any) -> str:
    return str(reference).rstrip("/").rpartition("/")[2]
