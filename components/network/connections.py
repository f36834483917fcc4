"""A connection: who reaches whom, at which ports, and what for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias


@dataclass(frozen=True, order=True)
class Port:
    """A port of a pod, or of an address outside. Policies see packets after a Service's port became the pod's."""

    number: int
    protocol: Literal["TCP", "UDP"] = "TCP"


def tcp(*numbers: int) -> tuple[Port, ...]:
    """TCP ports."""
    return tuple(Port(number) for number in numbers)


def udp(*numbers: int) -> tuple[Port, ...]:
    """UDP ports."""
    return tuple(Port(number, "UDP") for number in numbers)


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of one namespace, by their labels."""

    name: str
    """What the policy for them is called. The same pods have the same name everywhere."""

    namespace: str

    labels: Mapping[str, str | tuple[str, ...]] = field(hash=False)
    """Labels, each with its value or with all values that are meant."""


class Place(Enum):
    """An end that is no pod with policies. What stands for it differs from cluster to cluster: `ClusterNetwork`."""

    OUTSIDE = "outside of the cluster"
    API_SERVER = "the Kubernetes API"
    NODES = "the nodes"
    """The kubelet, and pods on the host network. Cilium's identities leave no address of theirs to be named, so this is
    every address at the one port: https://docs.cilium.io/en/stable/security/policy/kubernetes/"""

    IDENTITY = "where pods get tokens of the cloud"
    DATABASES = "PostgreSQL as the cloud runs it"
    ANYBODY = "anybody"
    """As a source alone: clients of the gateway, and the API server as webhooks see it. It calls from its own address,
    from a node or through a tunnel's pod, as the cloud likes, and so cannot be named either."""


@dataclass(frozen=True)
class Address:
    """One address, or a block of them, outside of the cluster."""

    block: str


End: TypeAlias = Pods | Place | Address


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The source may open connections to the target. What answers them is let through too."""

    source: Pods | Place
    target: End
    ports: Sequence[Port] = ()
    """At the target. None where the place says itself which they are."""

    why: str
    """What it is for, in a few words."""


def connect(
    source: Pods | Place, targets: Sequence[End] | End, ports: Sequence[Port] = (), *, why: str
) -> list[Connection]:
    """A connection to each of the targets."""
    ends = targets if isinstance(targets, Sequence) else [targets]
    return [Connection(source=source, target=target, ports=ports, why=why) for target in ends]
