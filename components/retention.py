"""How long an object store keeps what is in it, the same on every cloud."""

from dataclasses import dataclass

COMPACTION_DAYS = 7
"""Days past the log retention that objects are kept: Loki's compactor, not the store, is to delete them first."""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """When a store deletes by itself."""

    expire_days: int | None
    """Age in days at which objects are deleted; never, if not given."""

    noncurrent_days: int
    """Days that an overwritten or deleted object can be brought back."""


BACKUPS = Retention(expire_days=None, noncurrent_days=30)
"""Backups expire by their own schedule; a deleted one can be brought back."""


def of_logs(days: int) -> Retention:
    """The retention of a store whose logs are kept for `days`."""
    return Retention(expire_days=days + COMPACTION_DAYS, noncurrent_days=COMPACTION_DAYS)
