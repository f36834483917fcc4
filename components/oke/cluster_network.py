"""What NetworkPolicies have to know of the network of an OKE stack, for whatever enforces them there."""

from components.address_plan import AddressPlan
from components.network.cluster_network import ClusterNetwork, Door
from components.oke.firewall import API_PORT, CONTROL_PLANE_PORT


def cluster_network(addresses: AddressPlan) -> ClusterNetwork:
    """The addresses of a stack. The control plane has a second port, at which pods get the tokens of their identity.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
    """
    own = (addresses.pods, addresses.services, addresses.nodes, addresses.control_plane, addresses.databases)
    return ClusterNetwork(
        own=own,
        api_server=[Door(block=addresses.control_plane, ports=[API_PORT[0]])],
        identity=[Door(block=addresses.control_plane, ports=[CONTROL_PLANE_PORT[0]])],
        databases=[addresses.databases],
    )
