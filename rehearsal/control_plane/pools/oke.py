"""The node pools of an OKE cluster, from what the API was asked for.

Sources: docs.oracle.com/iaas/Content/ContEng/Reference/contengsupportedlabelsusecases.htm (labels),
Tasks/contengusingpreemptiblecapacity.htm (label and taint of preemptible nodes; the taint's value and effect as in the
FAQ of github.com/oracle/karpenter-provider-oci), Tasks/contengpodnetworking_topic-OCI_CNI_plugin.htm (pods of a node),
Tasks/contengusingcustomcloudinitscripts.htm (taints come by the nodes' start script).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.control_plane.pools.machines import oke_machine
from rehearsal.control_plane.pools.node_pools import REGION_LABELS, Pool, Taint, bounded

_ZONES: Final = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_SHORT_REGIONS: Final = {"us-ashburn-1": "iad", "us-phoenix-1": "phx"}
_FAULT_DOMAINS: Final = ("FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3")
_PREEMPTIBLE: Final = "oci.oraclecloud.com/oke-is-preemptible"
_REGISTERED: Final = re.compile(r"--register-with-taints=([^\s\"']+)")
_PODS_OF_A_CARD: Final = 31


def node_pool(
    name: str,
    inputs: Mapping[str, Any],
    *,
    region: str,
    addresses: str,
    limits: tuple[int, int] | None,
) -> Pool:
    """One pool. `limits` are what the cluster's autoscaler was told about it."""
    shape = inputs.get("nodeShapeConfig") or {}
    details = inputs.get("nodeConfigDetails") or {}
    placements = details.get("placementConfigs") or []
    ocpus = float(shape.get("ocpus") or 1)
    count = int(details.get("size") or 0)
    version = str(inputs.get("kubernetesVersion") or "")
    return Pool(
        name=name,
        cloud="oke",
        machine=oke_machine(str(inputs["nodeShape"]), ocpus, float(shape.get("memoryInGbs") or 16 * ocpus)),
        zones=tuple(_zone(placement["availabilityDomain"]) for placement in placements) or ("",),
        count=bounded(count, limits),
        limits=limits,
        pods=_pods(details, ocpus),
        disk_gib=int((inputs.get("nodeSourceDetails") or {}).get("bootVolumeSizeInGbs") or 47),
        labels={
            **_labels(version, spot=_spot(inputs)),
            **dict.fromkeys(REGION_LABELS, _SHORT_REGIONS.get(region, region)),
            **{label["key"]: label.get("value") or "" for label in inputs.get("initialNodeLabels") or []},
        },
        zone_labels=_ZONES,
        rotating={"oci.oraclecloud.com/fault-domain": _FAULT_DOMAINS},
        taints=taints(inputs),
        node_name="{address}",
        provider_id=f"ocid1.instance.oc1.{region}.{{digest:.60}}",
        addresses=addresses,
        version=version,
    )


def taints(inputs: Mapping[str, Any]) -> tuple[Taint, ...]:
    """Those that the start script registers the nodes with, and that of preemptible capacity."""
    metadata = inputs.get("nodeMetadata") or {}
    try:
        script = base64.b64decode(str(metadata.get("user_data") or "")).decode(errors="replace")
    except binascii.Error:
        script = ""
    found = [Taint(key=_PREEMPTIBLE, value="present")] if _spot(inputs) else []
    registered = [Taint.parsed(text) for text in ",".join(_REGISTERED.findall(script)).split(",")]
    return tuple(found + [taint for taint in registered if taint.key])


def scaled(configurations: list[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """The limits that the autoscaler's add-on is given, by node pool: `nodes` is a list of `<min>:<max>:<pool>`."""
    given = {item.get("key"): str(item.get("value") or "") for item in configurations}
    found: dict[str, tuple[int, int]] = {}
    for text in filter(None, given.get("nodes", "").split(",")):
        least, most, pool = text.strip().split(":", 2)
        found[pool] = int(least), int(most)
    return found


def _spot(inputs: Mapping[str, Any]) -> bool:
    placements = (inputs.get("nodeConfigDetails") or {}).get("placementConfigs") or []
    return any(placement.get("preemptibleNodeConfig") for placement in placements)


def _pods(details: Mapping[str, Any], ocpus: float) -> int:
    """Pods with addresses of the network: 31 for each network card but the first, two cards at least."""
    network = details.get("nodePoolPodNetworkOptionDetails") or {}
    if network.get("maxPodsPerNode"):
        return int(network["maxPodsPerNode"])
    if network.get("cniType") != "OCI_VCN_IP_NATIVE":
        return 110
    return min((max(int(ocpus), 2) - 1) * _PODS_OF_A_CARD, 110)


def _zone(domain: str) -> str:
    """An availability domain without the tenancy's prefix."""
    return domain.rpartition(":")[2]


def _labels(version: str, *, spot: bool) -> dict[str, str]:
    return {
        "node-role.kubernetes.io/node": "",
        "node.info.ds_proxymux_client": "true",
        "node.info/kubeletVersion": version.rpartition(".")[0],
        "oci.oraclecloud.com/node.info.managed": "true",
        "oci.oraclecloud.com/vcn-native-ip-cni": "true",
        "oke.oraclecloud.com/node.info.private_subnet": "true",
        "oke.oraclecloud.com/node.info.private_worker": "true",
        **({_PREEMPTIBLE: "true"} if spot else {}),
    }
