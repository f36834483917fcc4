"""Remembers which releases of a run came from stand-ins: they count as not run."""

import os
from dataclasses import dataclass
from pathlib import Path

from rehearsal.providers.kubernetes_api.releases.shared_file import held, read


@dataclass(frozen=True)
class StandIn:
    """A release that was not run from its chart."""

    release: str
    """As `namespace/name`."""
    chart: str
    version: str
    host: str
    """Where the chart itself could not be fetched from."""


def note(home: Path, stack: str, release: str, chart: str, version: str, host: str) -> None:
    """Notes where the chart of a release came from in this run; an empty host says that it was the chart itself."""
    with held(_file(home)) as stacks:
        noted = stacks.get(stack) or {}
        # All providers of a run are children of one engine.
        if noted.get("run") != os.getppid():
            noted = {"run": os.getppid(), "releases": {}}
        noted["releases"].pop(release, None)
        if host:
            noted["releases"][release] = {"chart": chart, "version": version, "host": host}
        stacks[stack] = noted


def stand_ins(home: Path, stack: str) -> list[StandIn]:
    """The releases of a stack's last run that came from stand-ins, by name."""
    noted = (read(_file(home)).get(stack) or {}).get("releases") or {}
    return [StandIn(release, **facts) for release, facts in sorted(noted.items())]


def _file(home: Path) -> Path:
    return home / "stand-ins.json"
