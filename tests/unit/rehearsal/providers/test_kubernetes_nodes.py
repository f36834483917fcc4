"""Whether a pod without tolerations finds a node in a rehearsed AKS cluster."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Endpoint, Inventory, Resource
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.connection import Connection

ACCOUNT = "azure/11111111-2222-4333-a444-555555555555"
CONTROL_PLANE = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
CRITICAL = {"name": "system", "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"]}


def cluster(inventory: Inventory, *profiles: dict[str, Any]) -> Cluster:
    """A cluster that was created with these pools."""
    aks = Resource(
        account=ACCOUNT, type=CONTROL_PLANE, id="/aks", name="aks", inputs={"agentPoolProfiles": profiles}, outputs={}
    )
    inventory.put(aks)
    endpoint = Endpoint(
        host="aks.example",
        account="kubernetes/aks.example",
        cloud="aks",
        cluster_type=CONTROL_PLANE,
        cluster_id="/aks",
        certificate="",
        plugin="kubelogin",
    )
    return Cluster(Connection("kubernetes/aks.example", "aks", endpoint), inventory)


def add_pool(inventory: Inventory, name: str, *taints: str) -> None:
    given = {"resourceName": "aks", "nodeTaints": list(taints)}
    inventory.put(Resource(account=ACCOUNT, type=POOL, id=f"/aks/{name}", name=name, inputs=given, outputs={}))


def test_a_system_pool_that_is_kept_for_critical_addons_takes_no_other_pod(inventory: Inventory):
    assert not cluster(inventory, CRITICAL).has_nodes()


@pytest.mark.parametrize("taint", ["dedicated=ml:NoSchedule", "dedicated=ml:NoExecute"])
def test_another_pool_with_a_taint_of_its_own_does_not_help(inventory: Inventory, taint: str):
    add_pool(inventory, "ml", taint)

    assert not cluster(inventory, CRITICAL).has_nodes()


@pytest.mark.parametrize("taints", [[], ["dedicated=ml:PreferNoSchedule"]])
def test_a_pool_that_keeps_nothing_off_takes_every_pod(inventory: Inventory, taints: list[str]):
    add_pool(inventory, "apps", *taints)

    assert cluster(inventory, CRITICAL).has_nodes()


def test_a_system_pool_without_a_taint_takes_every_pod(inventory: Inventory):
    assert cluster(inventory, {"name": "system"}).has_nodes()
