"""What the workloads ask of a cloud."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.contracts.identities import ServiceAccount


@dataclass(frozen=True, kw_only=True)
class BucketDemand:
    """A bucket that a workload asks for."""

    workload: str
    """Name of the workload."""

    name: str
    """What the workload calls it."""

    expire_days: int | None = None
    """Age in days at which objects are deleted; never, if not given."""

    old_version_days: int | None = 30
    """Days that an overwritten or deleted object can be brought back; not at all, if not given."""

    writers: Sequence[ServiceAccount] = ()
    """Whose pods read, write, list and delete objects."""

    readers: Sequence[ServiceAccount] = ()
    """Whose pods read and list objects, and change none."""


@dataclass(frozen=True, kw_only=True)
class QueueDemand:
    """A queue that a workload asks for."""

    workload: str
    """Name of the workload."""

    name: str
    """What the workload calls it."""

    retention_hours: int = 168
    """Hours that a message waits for whoever takes it. Then it is gone."""

    acknowledge_seconds: int = 60
    """Seconds that a receiver has for a message, before another one gets it."""

    max_deliveries: int = 10
    """How often a message is delivered before it counts as dead, and is kept apart."""

    senders: Sequence[ServiceAccount] = ()
    """Whose pods send messages."""

    receivers: Sequence[ServiceAccount] = ()
    """Whose pods take messages, dead ones included."""


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What the workloads ask of a cloud."""

    images: Sequence[str] = ()
    """Images that are pulled, as `<workload>/<service>`: some registries want a repository for each before a push."""

    principals: Sequence[ServiceAccount] = ()
    """Service accounts of services that are principals of the cloud, each in its workload's namespace."""

    database_backups: Sequence[ServiceAccount] = ()
    """Service accounts whose pods back up databases of the cluster, each in its workload's namespace."""

    buckets: Sequence[BucketDemand] = ()
    """Buckets of workloads. Whoever uses one is among the principals."""

    queues: Sequence[QueueDemand] = ()
    """Queues of workloads. Whoever uses one is among the principals."""
