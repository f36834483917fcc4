"""Whether a pod finds a node in a rehearsed cluster of a cloud that taints nodes by itself."""

import base64
from typing import Any

import pytest

from components.oke.node_pools import START_SCRIPT
from rehearsal.providers.inventory import Endpoint, Inventory, Resource
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.connection import Connection

ACCOUNTS = {"aks": "azure/11111111-2222-4333-a444-555555555555", "oke": "oci/ocid1.tenancy.oc1..acme"}
CONTROL_PLANES = {"aks": "azure-native:containerservice:ManagedCluster", "oke": "oci:ContainerEngine/cluster:Cluster"}
POOLS = {"aks": "azure-native:containerservice:AgentPool", "oke": "oci:ContainerEngine/nodePool:NodePool"}
CRITICAL = {"name": "system", "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"]}
PREEMPTIBLE = "oci.oraclecloud.com/oke-is-preemptible"


def cluster(inventory: Inventory, cloud: str, **inputs: Any) -> Cluster:
    """A cluster of the cloud, asked for as `inputs` say."""
    kind = CONTROL_PLANES[cloud]
    inventory.put(Resource(account=ACCOUNTS[cloud], type=kind, id="/main", name="main", inputs=inputs, outputs={}))
    endpoint = Endpoint(
        host="main.example",
        account="kubernetes/main.example",
        cloud=cloud,
        cluster_type=kind,
        cluster_id="/main",
        certificate="",
        plugin="",
    )
    return Cluster(Connection("kubernetes/main.example", cloud, endpoint), inventory)


def aks(inventory: Inventory, *profiles: dict[str, Any]) -> Cluster:
    """An AKS cluster that was created with these pools."""
    return cluster(inventory, "aks", agentPoolProfiles=profiles)


def add_pool(inventory: Inventory, cloud: str, name: str, **inputs: Any) -> None:
    given = {"resourceName": "main"} if cloud == "aks" else {"clusterId": "/main"}
    pool = {**given, **inputs}
    inventory.put(
        Resource(account=ACCOUNTS[cloud], type=POOLS[cloud], id=f"/{name}", name=name, inputs=pool, outputs={})
    )


def placed(*, spot: bool) -> dict[str, Any]:
    """Where the nodes of an OKE pool are."""
    preemptible = {"preemptibleNodeConfig": {"preemptionAction": {"type": "TERMINATE"}}} if spot else {}
    return {"size": 1, "placementConfigs": [{"availabilityDomain": "EXMP:EU-FRANKFURT-1-AD-1", **preemptible}]}


def test_a_system_pool_that_is_kept_for_critical_addons_takes_no_other_pod(inventory: Inventory):
    assert aks(inventory, CRITICAL).node_obstacle() == (
        "no node is available: every node pool has an untolerated taint: {CriticalAddonsOnly: true}"
    )


@pytest.mark.parametrize("taint", ["dedicated=ml:NoSchedule", "dedicated=ml:NoExecute"])
def test_another_pool_with_a_taint_of_its_own_does_not_help(inventory: Inventory, taint: str):
    add_pool(inventory, "aks", "ml", nodeTaints=[taint])

    assert aks(inventory, CRITICAL).node_obstacle()


def test_a_spot_pool_of_aks_does_not_help_whether_its_taint_is_asked_for_or_not(inventory: Inventory):
    add_pool(inventory, "aks", "batch", scaleSetPriority="Spot")

    assert "{kubernetes.azure.com/scalesetpriority: spot}" in str(aks(inventory, CRITICAL).node_obstacle())


@pytest.mark.parametrize("taints", [[], ["dedicated=ml:PreferNoSchedule"]])
def test_a_pool_that_keeps_nothing_off_takes_every_pod(inventory: Inventory, taints: list[str]):
    add_pool(inventory, "aks", "apps", nodeTaints=taints)

    assert aks(inventory, CRITICAL).node_obstacle() is None


def test_a_system_pool_without_a_taint_takes_every_pod(inventory: Inventory):
    assert aks(inventory, {"name": "system"}).node_obstacle() is None


def test_preemptible_nodes_of_oke_take_no_pod_that_does_not_tolerate_it(inventory: Inventory):
    add_pool(inventory, "oke", "batch", nodeConfigDetails=placed(spot=True))

    assert cluster(inventory, "oke").node_obstacle() == (
        f"no node is available: every node pool has an untolerated taint: {{{PREEMPTIBLE}: present}}"
    )


def test_a_pool_of_oke_whose_nodes_register_with_a_taint_does_not_help(inventory: Inventory):
    script = base64.b64encode(START_SCRIPT.format(taints="gpu=yes:NoSchedule").encode()).decode()
    add_pool(inventory, "oke", "batch", nodeConfigDetails=placed(spot=True))
    add_pool(inventory, "oke", "gpu", nodeConfigDetails=placed(spot=False), nodeMetadata={"user_data": script})

    assert "{gpu: yes}" in str(cluster(inventory, "oke").node_obstacle())


def test_one_ordinary_pool_of_oke_takes_every_pod(inventory: Inventory):
    add_pool(inventory, "oke", "batch", nodeConfigDetails=placed(spot=True))
    add_pool(inventory, "oke", "system", nodeConfigDetails=placed(spot=False))

    assert cluster(inventory, "oke").node_obstacle() is None


@pytest.mark.parametrize(
    ("toleration", "finds"),
    [
        ({"operator": "Exists"}, True),
        ({"key": PREEMPTIBLE, "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": PREEMPTIBLE, "value": "present"}, True),
        ({"key": PREEMPTIBLE, "value": "true"}, False),
        ({"key": PREEMPTIBLE, "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "gpu", "operator": "Exists"}, False),
    ],
)
def test_a_pod_that_tolerates_the_taint_finds_a_node(inventory: Inventory, toleration: dict[str, str], finds: bool):
    add_pool(inventory, "oke", "batch", nodeConfigDetails=placed(spot=True))

    assert (cluster(inventory, "oke").node_obstacle([toleration]) is None) == finds


@pytest.mark.parametrize("cloud", ["aks", "oke"])
def test_without_a_pool_there_is_no_node(inventory: Inventory, cloud: str):
    assert cluster(inventory, cloud).node_obstacle() == "0/0 nodes are available: the cluster has no node pool"
