"""The longest chain of waits that the clouds themselves impose on a stack, whatever program asks for it.

It knows neither the program nor the order that a plan has. All that it goes by is which kinds of resources exist, how
long each of them takes, and imposed_waits.json, which says with its source what the clouds and Kubernetes make each
kind wait for. A wait that is only likely is not in there: fewer waits make a shorter chain, and a budget that is harder
to keep.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.providers import latency

_TABLE = Path(__file__).with_name("imposed_waits.json")


@dataclass(frozen=True, order=True)
class Kind:
    """A kind of resource; releases of different charts are different kinds."""

    type: str
    chart: str | None = None

    def __str__(self) -> str:
        return f"{self.type}/{self.chart}" if self.chart else self.type


@dataclass(frozen=True)
class Link:
    """One kind in a chain."""

    kind: Kind
    seconds: float
    source: str
    """Why it waits for the one before it; empty for the first."""


class UnknownKindError(Exception):
    """Kinds that the tables do not know; what to add where, a line each."""


def chains(durations: Mapping[Kind, float]) -> dict[Kind, list[Link]]:
    """The longest chain that ends with each kind, first to last, where each takes so many seconds.

    Raises `UnknownKindError` with every kind that is in no table.
    """
    existing = sorted(durations)
    if problems := [problem for kind in existing for problem in _problems(kind)]:
        raise UnknownKindError("\n".join(problems))
    search = _Search(durations)
    return {kind: list(search.chain_to(kind)) for kind in existing}


def longest_chain(durations: Mapping[Kind, float]) -> list[Link]:
    """The longest of all chains. Raises `UnknownKindError` with every kind that is in no table."""
    return max(chains(durations).values(), key=seconds, default=[])


def seconds(chain: Sequence[Link]) -> float:
    """How long a chain takes."""
    return sum(link.seconds for link in chain)


def direct_waits(kinds: Iterable[Kind]) -> dict[tuple[Kind, Kind], str]:
    """Which of these kinds has to wait for which other one, and where that is written."""
    existing = {str(kind): kind for kind in kinds}
    return {
        (kind, existing[wait]): entry["source"]
        for kind in existing.values()
        for entry in _table()["waits"].get(str(kind), ())
        if _holds(entry, existing) and (wait := _member(entry["after"][-1], existing)) in existing
    }


class _Search:
    """Chains among the kinds that exist; a wait for one that does not exist is none."""

    def __init__(self, durations: Mapping[Kind, float]) -> None:
        self._durations = durations
        self._existing = {str(kind): kind for kind in durations}
        self._known: dict[Kind, tuple[Link, ...]] = {}
        self._open: list[Kind] = []

    def chain_to(self, kind: Kind) -> tuple[Link, ...]:
        """The longest chain that ends with a kind."""
        if kind in self._open:
            raise ValueError(f"imposed_waits.json goes in a circle: {' -> '.join(map(str, [*self._open, kind]))}")
        if kind not in self._known:
            self._open.append(kind)
            entries = [one for one in _table()["waits"][str(kind)] if _holds(one, self._existing)]
            chains = [self._before(entry) for entry in entries]
            before, source = max(chains, key=lambda found: seconds(found[0]), default=((), ""))
            self._known[kind] = (*before, Link(kind, self._durations[kind], source if before else ""))
            self._open.pop()
        return self._known[kind]

    def _before(self, entry: dict[str, Any]) -> tuple[tuple[Link, ...], str]:
        """The chain that one entry waits for: kinds one after the other, each of which may have waits of its own."""
        chain: tuple[Link, ...] = ()
        for name in entry["after"]:
            kind = self._existing.get(_member(name, self._existing))
            if kind is None:
                continue
            own = self.chain_to(kind)
            through = (*chain, Link(kind, self._durations[kind], entry["source"] if chain else ""))
            chain = max(own, through, key=seconds)
        return chain, entry["source"]


def _holds(entry: Mapping[str, Any], existing: Collection[str]) -> bool:
    """Whether a wait is one in a stack of these kinds."""
    return "where" not in entry or any(kind in existing for kind in entry["where"])


def _member(name: str, existing: Collection[str]) -> str:
    """The first kind of a group that exists, where a name stands for a group."""
    group = _table()["groups"].get(name)
    if group is None:
        return name
    return next((member for member in group["kinds"] if member in existing), "")


def _problems(kind: Kind) -> list[str]:
    found = []
    if not latency.knows(kind.type, kind.chart):
        where = '"charts" of kubernetes:helm.sh/v3:Release' if kind.chart else "the table"
        found.append(
            f"{kind} has no duration: add it, with its source, to {where} in rehearsal/providers/durations.json"
        )
    if str(kind) not in _table()["waits"]:
        found.append(
            f'{kind} has no place among the waits: add to "waits" in rehearsal/timing/imposed_waits.json what its '
            "cloud makes it wait for, each with its source ([] where that is nothing)"
        )
    return found


@cache
def _table() -> dict[str, Any]:
    return json.loads(_TABLE.read_text())
