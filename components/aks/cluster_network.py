"""What NetworkPolicies have to know of the network of an AKS stack. Cilium enforces them."""

from components.address_plan import AddressPlan
from components.network.cluster_network import ClusterNetwork, Door


def cluster_network(addresses: AddressPlan) -> ClusterNetwork:
    """The addresses of a stack. The API server has one in the network; tokens come from Entra ID, which is outside.

    https://learn.microsoft.com/en-us/azure/aks/api-server-vnet-integration
    """
    own = (addresses.pods, addresses.services, addresses.nodes, addresses.control_plane, addresses.databases)
    return ClusterNetwork(
        own=own,
        api_server=[Door(block=addresses.control_plane, ports=[443])],
        databases=[addresses.databases],
    )
