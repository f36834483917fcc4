"""The agent pools of an AKS cluster, from what the API was asked for.

Sources: learn.microsoft.com/azure/aks/use-labels, spot-node-pool (label and taint that AKS adds), use-system-pools,
availability-zones (labels), azure-cni-overlay (pods of a node), quotas-skus-regions.
"""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.control_plane.pools.machines import aks_machine
from rehearsal.control_plane.pools.node_pools import REGION_LABELS, Pool, Taint, bounded

_ZONES: Final = (
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.disk.csi.azure.com/zone",
)
_SPOT: Final = "kubernetes.azure.com/scalesetpriority"
_NO_ZONE: Final = "0"


def agent_pool(
    name: str,
    inputs: Mapping[str, Any],
    *,
    location: str,
    node_group: str,
    subscription: str,
    overlay: bool,
    addresses: str,
    version: str,
) -> Pool:
    """One pool, in the cluster's own list or beside it. `node_group` is the resource group of the nodes."""
    location = location.lower().replace(" ", "")
    spot = inputs.get("scaleSetPriority") == "Spot"
    count = 1 if inputs.get("count") is None else int(inputs["count"])
    limits = None
    if inputs.get("enableAutoScaling") is True:
        limits = int(inputs.get("minCount") or 0), int(inputs.get("maxCount") or count)
    zones = tuple(f"{location}-{zone}" for zone in inputs.get("availabilityZones") or ()) or (_NO_ZONE,)
    scale_set = f"aks-{name}-{{group_digits}}-vmss"
    path = f"/subscriptions/{subscription}/resourceGroups/{node_group.lower()}/providers/Microsoft.Compute"
    return Pool(
        name=name,
        cloud="aks",
        machine=aks_machine(str(inputs["vmSize"])),
        zones=zones,
        count=bounded(count, limits),
        limits=limits,
        pods=int(inputs.get("maxPods") or (250 if overlay else 30)),
        disk_gib=int(inputs.get("osDiskSizeGB") or 128),
        labels={
            **_labels(name, inputs, node_group, spot=spot),
            **dict.fromkeys(REGION_LABELS, location),
            **(inputs.get("nodeLabels") or {}),
        },
        zone_labels=_ZONES,
        taints=taints(inputs),
        node_name=f"{scale_set}{{number:0>6}}",
        provider_id=f"azure://{path}/virtualMachineScaleSets/{scale_set}/virtualMachines/{{number}}",
        addresses=addresses,
        version=version,
    )


def taints(inputs: Mapping[str, Any]) -> tuple[Taint, ...]:
    """Taints such as `key=value:NoSchedule`, and the one that spot nodes have in any case."""
    own = [Taint.parsed(str(text)) for text in inputs.get("nodeTaints") or []]
    if inputs.get("scaleSetPriority") == "Spot" and not any(taint.key == _SPOT for taint in own):
        own.append(Taint(key=_SPOT, value="spot"))
    return tuple(own)


def _labels(name: str, inputs: Mapping[str, Any], node_group: str, *, spot: bool) -> dict[str, str]:
    return {
        "agentpool": name,
        "kubernetes.azure.com/agentpool": name,
        "kubernetes.azure.com/cluster": node_group,
        "kubernetes.azure.com/mode": str(inputs.get("mode") or "User").lower(),
        "kubernetes.azure.com/os-sku": str(inputs.get("osSKU") or "Ubuntu"),
        "kubernetes.azure.com/role": "agent",
        "kubernetes.azure.com/storageprofile": str(inputs.get("osDiskType") or "Managed").lower(),
        **({_SPOT: "spot"} if spot else {}),
    }
