"""Registries of a rehearsed cloud: who may pull an image that a release names."""

import re
from collections.abc import Iterator

from rehearsal.providers import paths
from rehearsal.providers.azure_native.roles import holds_role
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.private_names import unresolved
from rehearsal.providers.wire import Properties

_GOOGLE = re.compile(r"^(?P<location>[\w-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/")
_POOL = "gcp:container/nodePool:NodePool"
_GRANTS = ("gcp:artifactregistry/repositoryIamMember:RepositoryIamMember", "gcp:projects/iAMMember:IAMMember")
_READERS = tuple(f"roles/artifactregistry.{role}" for role in ("reader", "writer", "repoAdmin", "admin"))

_AZURE = re.compile(r"^(?P<host>[\w-]+\.azurecr\.io)/")
_REGISTRY = "azure-native:containerregistry:Registry"
_PULLERS = ("AcrPull", "AcrPush")

_ORACLE = re.compile(r"^(ocir\.[\w-]+\.oci\.oraclecloud\.com|[\w-]+\.ocir\.io)/[^/]+/(?P<repository>[^:@]+)")
_REPOSITORY = "oci:Artifacts/containerRepository:ContainerRepository"


def image_obstacles(release: Properties, cluster: Cluster, inventory: Inventory) -> list[str]:
    """Why nodes are refused an image of the cloud's own registry."""
    image = str(paths.first(release, "values.image.repository"))
    has_credentials = bool(paths.first(release, "values.imagePullSecrets"))
    return [f"ErrImagePull: {image}: {reason}" for reason in refusals(image, has_credentials, cluster, inventory)]


def refusals(image: str, has_credentials: bool, cluster: Cluster, inventory: Inventory) -> list[str]:
    """What the cloud's own registry says to nodes that pull an image.

    `has_credentials` says whether the pod brings some for that registry.
    """
    match cluster.cloud:
        case "gke":
            return list(_google(image, cluster, inventory))
        case "aks":
            return [] if has_credentials else list(_azure(image, cluster, inventory))
        case "oke":
            return [] if has_credentials else list(_oracle(image, inventory))
        case _:
            return []


def _google(image: str, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    """Source: cloud.google.com/artifact-registry/docs/integrate-gke: the nodes' own account needs the reader's role."""
    match = _GOOGLE.match(image)
    control_plane = cluster.control_plane
    if match is None or control_plane is None:
        return
    pools = [row for row in inventory.list(account=control_plane.account, type=_POOL) if _is_of(row, control_plane)]
    accounts = {paths.first(pool.inputs, "nodeConfig.serviceAccount") for pool in pools} - {None, "default"}
    for account in sorted(accounts):
        if not any(
            grant.inputs.get("member") == f"serviceAccount:{account}"
            and grant.inputs.get("role") in _READERS
            and grant.inputs.get("repository", match["repository"]).endswith(match["repository"])
            for type_ in _GRANTS
            for grant in inventory.list(type=type_)
        ):
            yield f"403 Forbidden: {account} may not read the repository"


def _azure(image: str, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    """Source: learn.microsoft.com/azure/aks/cluster-container-registry-integration: the kubelets' identity pulls."""
    match = _AZURE.match(image)
    if match is None or cluster.control_plane is None:
        return
    rows = inventory.list(type=_REGISTRY)
    registry = next((row for row in rows if row.outputs.get("loginServer") == match["host"]), None)
    if registry is None:
        yield f"lookup {match['host']}: no such host"
        return
    yield from unresolved(registry, registry.outputs["loginServer"], inventory)
    kubelet = paths.first(cluster.control_plane.outputs, "identityProfile.kubeletidentity.objectId")
    if not holds_role(kubelet, _PULLERS, registry.id, inventory, account=registry.account):
        yield f"401 Unauthorized: the kubelets' identity {kubelet} does not hold AcrPull"


def _oracle(image: str, inventory: Inventory) -> Iterator[str]:
    """Source: docs.oracle.com/iaas/Content/Registry/Tasks/registrypullingimagesfromocir.htm: nodes have no identity
    that a private repository knows, so that pods bring a Secret.
    """
    match = _ORACLE.match(image)
    if match is None:
        return
    for repository in inventory.list(type=_REPOSITORY):
        private = repository.inputs.get("isPublic") is not True
        if private and repository.inputs.get("displayName") == match["repository"]:
            yield f"401 Unauthorized: the repository {match['repository']} is private, and no Secret is given to pull"


def _is_of(pool: Resource, control_plane: Resource) -> bool:
    return pool.inputs.get("cluster") in (control_plane.id, control_plane.name, control_plane.outputs.get("selfLink"))
