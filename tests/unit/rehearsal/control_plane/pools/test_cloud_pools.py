"""What the APIs of the clouds are asked for, as pools of nodes."""

import base64
from typing import Any

import pytest

from components.oke.node_pools import START_SCRIPT
from rehearsal.control_plane.pools import aks as aks_pools
from rehearsal.control_plane.pools import gke as gke_pools
from rehearsal.control_plane.pools import oke as oke_pools
from rehearsal.control_plane.pools.node_pools import Pool, Taint, added

GKE: dict[str, Any] = {
    "cluster": "groundwork-dev",
    "project": "acme-dev",
    "region": "europe-west4",
    "zones": ("europe-west4-a", "europe-west4-b"),
    "addresses": "10.0.0.0/20",
    "version": "v1.35.8",
}
AKS: dict[str, Any] = {
    "location": "West Europe",
    "node_group": "Acme-nodes",
    "subscription": "sub",
    "overlay": True,
    "addresses": "10.0.0.0/20",
    "version": "v1.35.2",
}
AKS_INPUTS = {"vmSize": "Standard_D4s_v5", "mode": "User", "count": 2}
OKE_INPUTS: dict[str, Any] = {
    "nodeShape": "VM.Standard.E5.Flex",
    "nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 16},
    "kubernetesVersion": "v1.35.2",
    "nodeConfigDetails": {"size": 2, "placementConfigs": [{"availabilityDomain": "EXMP:EU-FRANKFURT-1-AD-2"}]},
}


def oke(limits: tuple[int, int] | None = None, **changes: Any) -> Pool:
    return oke_pools.node_pool(
        "pool", {**OKE_INPUTS, **changes}, region="eu-frankfurt-1", addresses="10.0.0.0/24", limits=limits
    )


@pytest.mark.parametrize(
    ("autoscaling", "initial", "count", "limits"),
    [
        ({}, 2, 4, None),
        ({"totalMinNodeCount": 1, "totalMaxNodeCount": 9}, 1, 2, (1, 9)),
        ({"totalMinNodeCount": 3, "totalMaxNodeCount": 9}, 1, 3, (3, 9)),
        ({"totalMinNodeCount": 0, "totalMaxNodeCount": 1}, 1, 1, (0, 1)),
        ({"minNodeCount": 2, "maxNodeCount": 4}, 1, 4, (4, 8)),
    ],
)
def test_gke_counts_nodes_by_zone_and_limits_them_by_zone_or_in_total(
    autoscaling: dict[str, int], initial: int, count: int, limits: tuple[int, int] | None
):
    pool = gke_pools.node_pool("apps", {"initialNodeCount": initial, "autoscaling": autoscaling}, **GKE)

    assert (pool.count, pool.limits) == (count, limits)


def test_a_gke_cluster_has_a_default_pool_unless_it_is_removed():
    [pool] = gke_pools.cluster_pools({"initialNodeCount": 1}, **GKE)

    assert (pool.name, pool.machine.name, pool.count) == ("default-pool", "e2-medium", 2)
    assert gke_pools.cluster_pools({"initialNodeCount": 1, "removeDefaultNodePool": True}, **GKE) == []
    assert [one.name for one in gke_pools.cluster_pools({"nodePools": [{"name": "a"}, {"name": "b"}]}, **GKE)] == [
        "a",
        "b",
    ]


def test_spot_nodes_of_gke_have_a_label_and_no_taint():
    config = {"machineType": "e2-standard-4", "spot": True, "labels": {"team": "a"}}
    pool = gke_pools.node_pool("apps", {"nodeConfig": config, "initialNodeCount": 1}, **GKE)

    assert pool.taints == ()
    assert pool.labels["cloud.google.com/gke-spot"] == "true"
    assert pool.labels["cloud.google.com/gke-provisioning"] == "spot"
    assert pool.labels["cloud.google.com/gke-nodepool"] == "apps"
    assert pool.labels["topology.kubernetes.io/region"] == "europe-west4"
    assert pool.labels["team"] == "a"


def test_taints_of_gke_are_spelled_as_kubernetes_does_and_arm_nodes_have_their_own():
    taint = {"key": "only", "value": "x", "effect": "NO_EXECUTE"}
    config = {"machineType": "t2a-standard-4", "taints": [taint]}
    pool = gke_pools.node_pool("apps", {"nodeConfig": config, "initialNodeCount": 1}, **GKE)

    assert pool.taints == (
        Taint(key="only", value="x", effect="NoExecute"),
        Taint(key="kubernetes.io/arch", value="arm64"),
    )


def test_nodes_of_gke_are_known_by_project_zone_and_name():
    [one] = added(gke_pools.node_pool("apps", {"initialNodeCount": 1}, **GKE), [], 1)
    name = one["metadata"]["name"]

    assert name.startswith("gke-groundwork-dev-apps-")
    assert one["spec"]["providerID"] == f"gce://acme-dev/europe-west4-a/{name}"
    assert one["metadata"]["labels"]["topology.gke.io/zone"] == "europe-west4-a"


def test_aks_puts_label_and_taint_on_spot_nodes_whether_they_are_asked_for_or_not():
    spot = {**AKS_INPUTS, "scaleSetPriority": "Spot"}
    taint = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot")

    for asked in ([], ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]):
        pool = aks_pools.agent_pool("apps", {**spot, "nodeTaints": asked}, **AKS)
        assert pool.taints == (taint,)
        assert pool.labels["kubernetes.azure.com/scalesetpriority"] == "spot"


def test_nodes_of_aks_are_machines_of_a_scale_set():
    pool = aks_pools.agent_pool("apps", {**AKS_INPUTS, "availabilityZones": ["1", "2"], "mode": "System"}, **AKS)
    first, second = added(pool, [], 2)
    scale_set = first["metadata"]["name"].removesuffix("000000")

    assert second["metadata"]["name"] == f"{scale_set}000001"
    assert second["spec"]["providerID"] == (
        "azure:///subscriptions/sub/resourceGroups/acme-nodes/providers/Microsoft.Compute/virtualMachineScaleSets/"
        f"{scale_set}/virtualMachines/1"
    )
    assert second["metadata"]["labels"]["topology.kubernetes.io/zone"] == "westeurope-2"
    assert second["metadata"]["labels"]["kubernetes.azure.com/mode"] == "system"
    assert second["metadata"]["labels"]["agentpool"] == "apps"


def test_an_autoscaled_pool_of_aks_starts_within_its_limits():
    scaled = {**AKS_INPUTS, "enableAutoScaling": True, "minCount": 3, "maxCount": 5}
    pool = aks_pools.agent_pool("apps", scaled, **AKS)

    assert (pool.count, pool.limits) == (3, (3, 5))
    assert aks_pools.agent_pool("apps", AKS_INPUTS, **AKS).limits is None


def test_taints_of_aks_may_lack_a_value():
    pool = aks_pools.agent_pool("apps", {**AKS_INPUTS, "nodeTaints": ["only:NoExecute", "a=b:NoSchedule"]}, **AKS)

    assert pool.taints == (Taint(key="only", effect="NoExecute"), Taint(key="a", value="b"))


def test_taints_of_oke_are_those_that_the_start_script_registers():
    script = base64.b64encode(START_SCRIPT.format(taints="only=x:NoSchedule,other=:NoExecute").encode()).decode()
    pool = oke(nodeMetadata={"user_data": script})

    assert pool.taints == (Taint(key="only", value="x"), Taint(key="other", effect="NoExecute"))


def test_oke_puts_label_and_taint_on_preemptible_nodes():
    placement = {"availabilityDomain": "EXMP:EU-FRANKFURT-1-AD-2", "preemptibleNodeConfig": {"preemptionAction": {}}}
    pool = oke(nodeConfigDetails={"size": 1, "placementConfigs": [placement]})

    assert pool.taints == (Taint(key="oci.oraclecloud.com/oke-is-preemptible", value="present"),)
    assert pool.labels["oci.oraclecloud.com/oke-is-preemptible"] == "true"


def test_nodes_of_oke_are_called_by_their_address_in_a_zone_without_the_tenancys_prefix():
    [one] = added(oke(initialNodeLabels=[{"key": "team", "value": "a"}]), [], 1)

    assert one["metadata"]["name"] == one["status"]["addresses"][0]["address"]
    assert one["metadata"]["labels"]["topology.kubernetes.io/zone"] == "EU-FRANKFURT-1-AD-2"
    assert one["metadata"]["labels"]["oci.oraclecloud.com/fault-domain"] == "FAULT-DOMAIN-1"
    assert one["metadata"]["labels"]["team"] == "a"
    assert one["spec"]["providerID"].startswith("ocid1.instance.oc1.eu-frankfurt-1.")


@pytest.mark.parametrize(("ocpus", "pods"), [(1, 31), (2, 31), (4, 93), (8, 110)])
def test_a_node_of_oke_serves_pods_by_its_network_cards(ocpus: int, pods: int):
    network = {"nodePoolPodNetworkOptionDetails": {"cniType": "OCI_VCN_IP_NATIVE"}}
    details = {**OKE_INPUTS["nodeConfigDetails"], **network}
    pool = oke(nodeShapeConfig={"ocpus": ocpus, "memoryInGbs": 16}, nodeConfigDetails=details)

    assert pool.pods == pods


def test_the_autoscaler_of_oke_is_told_limits_by_pool():
    nodes = {"key": "nodes", "value": "1:4:ocid1.nodepool.oc1..a, 2:5:ocid1.nodepool.oc1..b"}

    assert oke_pools.scaled([{"key": "authType", "value": "workload"}, nodes]) == {
        "ocid1.nodepool.oc1..a": (1, 4),
        "ocid1.nodepool.oc1..b": (2, 5),
    }
    assert (oke(limits=(3, 5)).count, oke().limits) == (3, None)
