"""What NetworkPolicies have to know of the network of a cluster: no label selects what is no pod."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Door:
    """A block of addresses, and the TCP ports at which it is reached."""

    block: str
    ports: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class ClusterNetwork:
    """The addresses of a cluster."""

    own: Sequence[str]
    """Blocks of pods, cluster IPs, nodes, control plane and databases: all that is not outside."""

    api_server: Sequence[Door]
    """Where pods reach the Kubernetes API, once its cluster IP is translated."""

    identity: Sequence[Door] = ()
    """Where pods that are principals of the cloud get their tokens, if that is inside the network."""

    databases: Sequence[str] = ()
    """Blocks in which the cloud runs databases."""
