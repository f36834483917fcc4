"""Whose a secret is, where one vault serves all workloads: its name begins with its workload's and a hyphen."""

from collections.abc import Sequence


def prefix(workload: str) -> str:
    """How the names of a workload's secrets begin."""
    return f"{workload}-"


def longer_prefixes(workload: str, workloads: Sequence[str]) -> list[str]:
    """Prefixes of workloads whose names begin with this one's prefix, as `todo-archive` does with that of `todo`.

    What begins with one of them is the other workload's.
    """
    return sorted(prefix(other) for other in workloads if other.startswith(prefix(workload)))
