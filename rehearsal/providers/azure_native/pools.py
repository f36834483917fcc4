"""The agent pools of a rehearsed AKS cluster, from the inventory around them."""

from collections.abc import Callable
from typing import Any

from rehearsal.control_plane.pools import aks as aks_pools
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.providers import paths
from rehearsal.providers.azure_native.checks import CLUSTER
from rehearsal.providers.azure_native.network_checks import SUBNET
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import Properties


def node_pools(
    subject: Subject,
    subscription: str,
    inventory: Inventory,
    referee: Referee,
    location_of_group: Callable[[Properties], str],
) -> list[Pool]:
    """Those of a cluster's own list, or the one that an agent pool is."""
    if subject.type == CLUSTER:
        cluster, name = subject.inputs, subject.name
        pools = [(str(pool["name"]), pool) for pool in cluster.get("agentPoolProfiles") or []]
    else:
        row = inventory.get(CLUSTER, subject.id.rpartition("/agentPools/")[0])
        cluster, name = (row.inputs, row.name) if row else ({}, "")
        pools = [(subject.name, subject.inputs)]
    location = str(cluster.get("location") or location_of_group(subject.inputs))
    common: dict[str, Any] = {
        "location": location,
        "node_group": cluster.get("nodeResourceGroup") or f"MC_{cluster.get('resourceGroupName')}_{name}_{location}",
        "subscription": subscription,
        "overlay": paths.first(cluster, "networkProfile.networkPluginMode") == "overlay",
    }
    return [
        aks_pools.agent_pool(
            pool_name,
            pool,
            **common,
            addresses=_addresses(subject, pool, referee),
            version=f"v{pool.get('orchestratorVersion') or cluster.get('kubernetesVersion') or ''}",
        )
        for pool_name, pool in pools
    ]


def _addresses(subject: Subject, pool: Properties, referee: Referee) -> str:
    """The block of the nodes' subnet; that of the network that AKS makes where none is given."""
    subnet = referee.find([SUBNET], str(pool.get("vnetSubnetID")), subject.account)
    return subnet.inputs["addressPrefix"] if subnet else "10.224.0.0/16"
