"""One plan for every address range of a stack, cut from one private block."""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AddressPlan:
    """The ranges of one network. None overlaps another."""

    pods: str
    """Half of the block: each node takes a /24 of it on GKE."""

    services: str
    """A sixteenth of the block, at most a /20: cluster IPs."""

    nodes: str
    """A sixteenth of the block, at most a /20: addresses of nodes and of internal load balancers."""

    control_plane: str
    """A /28 for the cluster's API."""

    load_balancers: str
    """A /24 for load balancers, on clouds that keep them in a subnet of their own."""

    private_endpoints: str
    """A /24 for addresses of the cloud's own services, on clouds that give them one inside the network."""

    private_services: str
    """A sixteenth of the block, at most a /20: lent to the cloud's own network, where it runs what it manages (GKE)."""

    databases: str
    """A /24 for databases that the cloud runs, on clouds that want a subnet for them alone."""


def plan_addresses(cidr: str) -> AddressPlan:
    """Cuts the ranges of a stack from `cidr`, a private block of /16 or larger.

    The second half of the block starts with the small ranges and is otherwise free, so that ranges which come later
    move none that is in use. Raises `ValueError` for a block that is too small.
    """
    block = ipaddress.IPv4Network(cidr)
    if block.prefixlen > 16:
        raise ValueError(f"{cidr}: too small for a stack, a /16 or larger is needed")
    pods, rest = block.subnets(prefixlen_diff=1)
    size = max(20, block.prefixlen + 4)
    ranges = rest.subnets(new_prefix=size)
    nodes, services, small, private_services = (next(ranges) for _ in range(4))
    control_plane = next(small.subnets(new_prefix=28))
    _, load_balancers, private_endpoints, databases, *_ = small.subnets(new_prefix=24)
    return AddressPlan(
        pods=str(pods),
        services=str(services),
        nodes=str(nodes),
        control_plane=str(control_plane),
        load_balancers=str(load_balancers),
        private_endpoints=str(private_endpoints),
        private_services=str(private_services),
        databases=str(databases),
    )
