"""What NetworkPolicies have to know of the network of a GKE stack. Dataplane V2, which is Cilium, enforces them."""

from components.address_plan import AddressPlan
from components.network.cluster_network import ClusterNetwork, Door

METADATA_SERVER = (Door(block="169.254.169.254/32", ports=[80]), Door(block="169.254.169.252/32", ports=[988]))
"""Where pods get the tokens of their identity: as Dataplane V2 sees it, and as it is on the node.
https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity"""


def cluster_network(addresses: AddressPlan) -> ClusterNetwork:
    """The addresses of a stack. Google runs databases in the range that is lent to it."""
    own = (addresses.pods, addresses.services, addresses.nodes, addresses.control_plane, addresses.private_services)
    return ClusterNetwork(
        own=own,
        api_server=[Door(block=addresses.control_plane, ports=[443])],
        identity=METADATA_SERVER,
        databases=[addresses.private_services],
    )
