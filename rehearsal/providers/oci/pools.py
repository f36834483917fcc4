"""The node pools of a rehearsed OKE cluster, and what its autoscaler is told about them, from the inventory."""

from rehearsal.control_plane.pools import oke as oke_pools
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.cluster_checks import NODE_POOL
from rehearsal.providers.oci.network_checks import SUBNET
from rehearsal.providers.wire import Properties

_ADDON = "oci:ContainerEngine/addon:Addon"

Limits = dict[str, tuple[int, int]]


def node_pools(subject: Subject, region: str, inventory: Inventory) -> list[Pool]:
    """The one that a node pool is, or those that an autoscaler is told about."""
    if subject.type == NODE_POOL:
        limits = _limits(str(subject.inputs["clusterId"]), inventory)
        return [_pool(subject.id, subject.inputs, region, limits, inventory)]
    scaled = _scaled(subject.inputs)
    rows = [row for row in inventory.list(account=subject.account, type=NODE_POOL) if row.id in scaled]
    return [_pool(row.id, row.inputs, region, scaled, inventory) for row in rows]


def former_node_pools(subject: Subject, region: str, inventory: Inventory) -> list[Pool]:
    """Without its autoscaler a pool stays as large as it is asked to be."""
    if subject.type != _ADDON:
        return []
    rows = [row for row in inventory.list(account=subject.account, type=NODE_POOL) if row.id in _scaled(subject.inputs)]
    return [_pool(row.id, row.inputs, region, {}, inventory) for row in rows]


def _pool(identity: str, inputs: Properties, region: str, limits: Limits, inventory: Inventory) -> Pool:
    reference = paths.first(inputs, "nodeConfigDetails.placementConfigs[0].subnetId")
    subnet = inventory.get(SUBNET, str(reference))
    addresses = subnet.inputs["cidrBlock"] if subnet else "10.0.10.0/24"
    return oke_pools.node_pool(identity, inputs, region=region, addresses=addresses, limits=limits.get(identity))


def _limits(cluster: str, inventory: Inventory) -> Limits:
    found: Limits = {}
    for row in inventory.list(type=_ADDON):
        if row.inputs.get("clusterId") == cluster:
            found |= _scaled(row.inputs)
    return found


def _scaled(inputs: Properties) -> Limits:
    """Nothing for an add-on that is no autoscaler."""
    if inputs.get("addonName") != "ClusterAutoscaler":
        return {}
    return oke_pools.scaled(inputs.get("configurations") or [])
