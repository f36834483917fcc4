"""Who stays when a cluster has no room for everybody: PriorityClasses, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CRITICAL: Final = "platform-critical"
"""What every request passes through or every pod waits for: the gateway, the runtime, webhooks, secrets."""

DATA: Final = "data-services"
"""Databases and brokers, which services stand on."""

PLATFORM: Final = "platform"
"""What watches: metrics, logs, traces."""


@dataclass(frozen=True, kw_only=True)
class Priority:
    """One class."""

    value: int
    """The higher, the sooner its pods find room, at the expense of others. That of a pod without a class is 0, and two
    billion and more are Kubernetes' own: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"""

    meaning: str
    """Whose it is, in the words that `kubectl describe` shows."""


CLASSES: Final[Mapping[str, Priority]] = {
    CRITICAL: Priority(value=1_000_000, meaning="Every request passes through these pods, or every pod waits for them"),
    DATA: Priority(value=500_000, meaning="Databases and brokers, which services stand on"),
    PLATFORM: Priority(value=100_000, meaning="What watches the cluster"),
}
"""Application services have no class. None is the default: a cluster takes only one, and one that is there already may
have it."""
