"""The node pools of a rehearsed cluster, as far as they decide whether a pod finds a node."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rehearsal.control_plane.kubelet.placement import tolerates
from rehearsal.control_plane.pools import aks as aks_pools
from rehearsal.control_plane.pools import oke as oke_pools
from rehearsal.control_plane.pools.node_pools import Taint
from rehearsal.providers.inventory import Inventory, Resource

NO_POOL = "0/0 nodes are available: the cluster has no node pool"
_AKS_POOL = "azure-native:containerservice:AgentPool"
_GKE_POOL = "gcp:container/nodePool:NodePool"
_OKE_POOL = "oci:ContainerEngine/nodePool:NodePool"


def obstacle(
    cloud: str, cluster: Resource, inventory: Inventory, tolerations: Sequence[Mapping[str, Any]] = ()
) -> str | None:
    """Why a pod with these tolerations finds no node; None if it finds one. Taints are looked at on AKS and on OKE."""
    pools = _taints(cloud, cluster, inventory)
    if not pools:
        return NO_POOL
    closed = [[taint for taint in pool if not _lets_on(taint, tolerations)] for pool in pools]
    if not all(closed):
        return None
    untolerated = {f"{{{taint.key}: {taint.value}}}": None for pool in closed for taint in pool}
    return f"no node is available: every node pool has an untolerated taint: {', '.join(untolerated)}"


def _lets_on(taint: Taint, tolerations: Sequence[Mapping[str, Any]]) -> bool:
    return taint.effect == "PreferNoSchedule" or any(tolerates(one, asdict(taint)) for one in tolerations)


def _taints(cloud: str, cluster: Resource, inventory: Inventory) -> list[tuple[Taint, ...]]:
    """The taints of each pool, those that the cloud adds by itself included."""
    match cloud:
        case "gke":
            own = cluster.inputs.get("removeDefaultNodePool") is not True
            alone = own or cluster.inputs.get("enableAutopilot") is True
            return [() for _ in [*_pools(_GKE_POOL, "cluster", cluster, inventory), *([cluster] if alone else [])]]
        case "aks":
            own = cluster.inputs.get("agentPoolProfiles") or []
            others = _pools(_AKS_POOL, "resourceName", cluster, inventory)
            return [aks_pools.taints(pool) for pool in [*own, *others]]
        case _:
            return [oke_pools.taints(pool) for pool in _pools(_OKE_POOL, "clusterId", cluster, inventory)]


def _pools(pool_type: str, reference: str, cluster: Resource, inventory: Inventory) -> list[Mapping[str, Any]]:
    """What the pools that name the cluster were asked for as."""
    names = (cluster.id, cluster.name, cluster.outputs.get("selfLink"))
    pools = inventory.list(account=cluster.account, type=pool_type)
    return [pool.inputs for pool in pools if pool.inputs.get(reference) in names]
