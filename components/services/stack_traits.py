"""What the connections of workloads depend on besides their files."""

from collections.abc import Collection
from dataclasses import dataclass

from components.contracts import ServiceAccount


@dataclass(frozen=True, kw_only=True)
class StackTraits:
    """The stack, as far as the connections of its workloads depend on it."""

    cloud: bool = True
    """Whether a cloud runs the cluster: elsewhere nobody asks who a pod is."""

    vault_readers: Collection[ServiceAccount] = ()
    """Whose sidecars ask the cloud's vault for secrets; those of others ask the Kubernetes API."""

    database_port: int | None = None
    """Port of PostgreSQL as the cloud runs it; none where it runs in the cluster."""

    queue_ports: Collection[int] = ()
    """Ports besides that of HTTPS at which the cloud's queues are spoken to."""

    keyed_backups: bool = False
    """Whether the store of database backups takes keys, so that databases write into it themselves."""

    consul: bool = False
    """Whether sidecars look each other up in Consul."""
