"""The network block of a stack."""

from stacks.model import Model, PrivateCidr


class Network(Model):
    """Addresses of the stack's own network."""

    cidr: PrivateCidr = "10.64.0.0/13"
    """One private block, /16 or larger, that every range of the stack is cut from. Changing it replaces the cluster,
    with whatever runs in it, and on AKS the database too."""


class AksNetwork(Network):
    """Addresses of the stack's own network, and what else is reached in it."""

    private_endpoints: bool = False
    """Whether the storage accounts and the key vaults are closed to the internet and reached from the network alone;
    nodes pull images inside it too. The registry goes on to answer whoever pushes to it. Chosen when the stack is
    created: AKS moves from an open vault to a closed one only with encryption off."""
