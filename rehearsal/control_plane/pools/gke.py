"""The node pools of a GKE cluster, from what the API was asked for.

Sources: cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels, concepts/spot-vms (a label, no taint),
how-to/prepare-arm-workloads-for-deployment (a taint on ARM nodes), concepts/cluster-autoscaler (limits for each zone or
in total); labels as nodes of GKE show them.
"""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.control_plane.pools.machines import Machine, gke_machine
from rehearsal.control_plane.pools.node_pools import REGION_LABELS, Pool, Taint, bounded

_EFFECTS: Final = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}
_ZONES: Final = (
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.gke.io/zone",
)
_DEFAULT_MACHINE: Final = "e2-medium"
_DEFAULT_POOL: Final = "default-pool"


def cluster_pools(inputs: Mapping[str, Any], **place: Any) -> list[Pool]:
    """The pools that a cluster is created with: the default pool, unless it is removed or others are given instead."""
    given = inputs.get("nodePools") or []
    if given:
        return [node_pool(str(pool.get("name", f"pool-{index}")), pool, **place) for index, pool in enumerate(given)]
    if inputs.get("removeDefaultNodePool") is True:
        return []
    return [node_pool(_DEFAULT_POOL, inputs, **place)]


def node_pool(
    name: str,
    inputs: Mapping[str, Any],
    *,
    cluster: str,
    project: str,
    region: str,
    zones: tuple[str, ...],
    addresses: str,
    version: str,
) -> Pool:
    """One pool of the cluster called `cluster`. `zones` are the cluster's, for a pool that names none."""
    config = inputs.get("nodeConfig") or {}
    machine = gke_machine(config.get("machineType") or _DEFAULT_MACHINE)
    zones = tuple(inputs.get("nodeLocations") or zones)
    limits = _limits(inputs.get("autoscaling") or {}, len(zones))
    asked = inputs.get("nodeCount") or inputs.get("initialNodeCount") or 0
    count = int(asked) * len(zones)
    pods = int(inputs.get("maxPodsPerNode") or 110)
    return Pool(
        name=name,
        cloud="gke",
        machine=machine,
        zones=zones,
        count=bounded(count, limits),
        limits=limits,
        pods=pods,
        disk_gib=int(config.get("diskSizeGb") or 100),
        labels={
            **_labels(name, config, machine, pods),
            **dict.fromkeys(REGION_LABELS, region),
            **(config.get("labels") or {}),
        },
        zone_labels=_ZONES,
        taints=_taints(config, machine),
        node_name=f"gke-{cluster[:18].rstrip('-')}-{name[:16].rstrip('-')}-{{group}}-{{number:0>4}}",
        provider_id=f"gce://{project}/{{zone}}/{{name}}",
        addresses=addresses,
        version=version,
    )


def _limits(autoscaling: Mapping[str, Any], zones: int) -> tuple[int, int] | None:
    """Limits are for the whole pool, or for each of its zones."""
    if not autoscaling:
        return None
    if autoscaling.get("totalMaxNodeCount") is not None:
        return int(autoscaling.get("totalMinNodeCount") or 0), int(autoscaling["totalMaxNodeCount"])
    return int(autoscaling.get("minNodeCount") or 0) * zones, int(autoscaling.get("maxNodeCount") or 0) * zones


def _labels(name: str, config: Mapping[str, Any], machine: Machine, pods: int) -> dict[str, str]:
    spot, preemptible = config.get("spot") is True, config.get("preemptible") is True
    metadata = (config.get("workloadMetadataConfig") or {}).get("mode") == "GKE_METADATA"
    provisioning = "spot" if spot else "preemptible" if preemptible else "standard"
    return {
        "cloud.google.com/gke-nodepool": name,
        "cloud.google.com/gke-provisioning": provisioning,
        **({"cloud.google.com/gke-spot": "true"} if spot else {}),
        **({"cloud.google.com/gke-preemptible": "true"} if preemptible else {}),
        **({"iam.gke.io/gke-metadata-server-enabled": "true"} if metadata else {}),
        "cloud.google.com/gke-boot-disk": config.get("diskType") or "pd-balanced",
        "cloud.google.com/gke-container-runtime": "containerd",
        "cloud.google.com/gke-cpu-scaling-level": str(machine.cpus),
        "cloud.google.com/gke-max-pods-per-node": str(pods),
        "cloud.google.com/gke-memory-gb-scaling-level": str(machine.memory_mib // 1024),
        "cloud.google.com/gke-os-distribution": (config.get("imageType") or "COS_CONTAINERD").partition("_")[0].lower(),
        "cloud.google.com/machine-family": machine.name.partition("-")[0],
    }


def _taints(config: Mapping[str, Any], machine: Machine) -> tuple[Taint, ...]:
    own = [
        Taint(key=taint["key"], value=taint.get("value") or "", effect=_EFFECTS[taint["effect"]])
        for taint in config.get("taints") or []
    ]
    arm = [Taint(key="kubernetes.io/arch", value="arm64")] if machine.arm else []
    gpu = [Taint(key="nvidia.com/gpu", value="present")] if config.get("guestAccelerators") else []
    known = {taint.key for taint in own}
    return tuple(own + [taint for taint in arm + gpu if taint.key not in known])
