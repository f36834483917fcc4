"""What decides which connections a stack's platform has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.contracts import Capabilities, Dns, ObjectStore
from components.namespaces import MONITORING
from components.network.connections import Connection, Pods, connect, tcp
from components.platform.addresses import PROMETHEUS as RELEASE
from components.platform.applications import Applications
from stacks.settings import AnyStack

PROMETHEUS = Pods(
    name="prometheus",
    namespace=MONITORING,
    labels={"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/instance": RELEASE},
)
"""Labels are the operator's: https://prometheus-operator.dev/docs/api-reference/api/"""

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A stack, as far as its connections depend on it."""

    stack: AnyStack
    """The settings."""

    capabilities: Capabilities
    """What the cluster offers and hides."""

    logs: ObjectStore
    """Where Loki keeps logs."""

    backups_by_identity: bool
    """Whether pods prove to the store of backups who they are by tokens of the cloud, and not by a key."""

    managed_postgres: bool
    """Whether the cloud runs PostgreSQL."""

    applications: Applications
    """What workloads ask of the platform."""

    namespaces: Collection[str]
    """The platform's namespaces: an operator without its own is not there."""

    alert_ports: Sequence[int]
    """Ports at which those answer who are told of alerts."""

    dns: Dns | None
    """The zone of the stack's domain, where it has one."""


def scraped(pods: Pods, *ports: int) -> list[Connection]:
    """What Prometheus reads of the pods."""
    return connect(PROMETHEUS, pods, tcp(*ports), why="metrics")


def port_of(address: str) -> int:
    """The port of an address, which may have no scheme."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    return parts.port or (80 if parts.scheme == "http" else HTTPS)
