"""Whether a stack comes up in every order that an engine may choose, not only in the one that it happened to choose.

An engine creates a resource as soon as all is there that the resource waits for. Each resource has thus an order that
is the worst for it: the one in which nothing else is there yet. A resource that the clouds take even so can come at any
time; one that they refuse needs something that it does not wait for.

Not looked at: what a program looks up while it runs (it waits for what its arguments come from), and what the clouds
refuse only while something else is under way.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.first_up import first_up
from rehearsal.places import Places
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.packages import provider_of
from rehearsal.providers.provider import Operation, Provider
from rehearsal.providers.wire import SECRET_SIGNATURE, Secret, Special
from rehearsal.timing import plan
from rehearsal.timing.plan import Step

_NO_CLOUD = ("random:", "tls:")
"""The packages whose resources exist in the state alone."""
_Key = tuple[str, str, str]
Waits = Mapping[str, Set[str]]
"""What each resource waits for, directly, by URN."""


@dataclass(frozen=True)
class Refusal:
    """A resource that comes too early where nothing is there but what it waits for."""

    urn: str
    reason: str
    """What the cloud, or the cluster, says."""

    def __str__(self) -> str:
        kind, _, name = self.urn.rpartition("::")
        return f"{name} ({kind.rpartition('$')[2].rpartition('::')[2]}): {self.reason}"


@dataclass(frozen=True)
class Edge:
    """One resource waits for another because the program says so, not because it takes an input from there."""

    waiting: str
    awaited: str

    def __str__(self) -> str:
        return f"{self.waiting.rpartition('::')[2]} -> {self.awaited.rpartition('::')[2]}"


class Orders:
    """The worst orders for the resources of a stack that came up once, in accounts where nothing was before.

    `deployment` is the stack's as the engine exports it, secrets shown; `inventory` is an empty one.
    """

    def __init__(self, deployment: Mapping[str, Any], inventory: Inventory) -> None:
        self._inventory = inventory
        self._resources = {one["urn"]: one for one in deployment["resources"]}
        steps = plan.steps(plan.registration(one) for one in self._resources.values())
        self._steps = {step.urn: step for step in steps}
        self._providers: dict[str, Provider] = {}
        self._brought: dict[str, list[_Key]] = {step.urn: self._bring(step) for step in steps}
        self._rows = {_key(row): row for row in inventory.list()}
        self._refusals: dict[tuple[str, frozenset[str]], Refusal | None] = {}

    @property
    def steps(self) -> Sequence[Step]:
        return list(self._steps.values())

    def waits(self, *without: Edge) -> Waits:
        """What each resource waits for, but for these edges."""
        left_out = {(edge.waiting, edge.awaited) for edge in without}
        return {
            step.urn: {awaited for awaited in step.waits if (step.urn, awaited) not in left_out} for step in self.steps
        }

    def edges(self) -> list[Edge]:
        """The waits that stand in `depends_on` alone, and that nothing else implies."""
        return [edge for edge in self._edges if edge.awaited not in _before(self.waits(edge))[edge.waiting]]

    def refusals(self, waits: Waits | None = None) -> Iterator[Refusal]:
        """Every resource that is refused where nothing is there but what it waits for, directly or not."""
        for urn, present in _before(self.waits() if waits is None else waits).items():
            key = (urn, frozenset(present))
            if key not in self._refusals:
                self._refusals[key] = self._refusal(urn, present)
            if refusal := self._refusals[key]:
                yield refusal

    def is_needed(self, edge: Edge) -> bool:
        """Whether something is refused without the edge.

        Where several do as well as one (any node pool runs a pod), whether the edge alone is enough, and none is not.
        """
        return self._refused_without(edge) or any(
            self._refused_without(*alike) and not self._refused_without(*(one for one in alike if one != edge))
            for alike in self._alike(edge)
        )

    def _refused_without(self, *edges: Edge) -> bool:
        return any(self.refusals(self.waits(*edges)))

    def _alike(self, edge: Edge) -> Iterator[list[Edge]]:
        """Edges from the same resource to others of the type, and edges from others to the same resource."""
        awaited = self._steps[edge.awaited].type
        yield [one for one in self._edges if one.waiting == edge.waiting and self._steps[one.awaited].type == awaited]
        yield [one for one in self._edges if one.awaited == edge.awaited]

    @property
    def _edges(self) -> list[Edge]:
        """Every wait that stands in `depends_on` alone."""
        return [
            Edge(step.urn, awaited)
            for step in self.steps
            for awaited, reason in step.waits.items()
            if reason == "depends_on"
        ]

    def _bring(self, step: Step) -> list[_Key]:
        """Creates a resource; what exists since then is there because of it, and itself even if it was before."""
        before = {_key(row) for row in self._inventory.list()}
        itself = (step.type, self._create(step))
        return [_key(row) for row in self._inventory.list() if _key(row) not in before or (row.type, row.id) == itself]

    def _refusal(self, urn: str, present: Set[str]) -> Refusal | None:
        kept = {key for one in present for key in self._brought[one]}
        try:
            with self._inventory.transaction():
                for key, row in self._rows.items():
                    if key not in kept:
                        self._inventory.delete(row)
                self._create(self._steps[urn])
                raise _TriedError
        except CloudError as error:
            return Refusal(urn, str(error))
        except _TriedError:
            return None

    def _create(self, step: Step) -> str:
        """Creates a resource and answers with its id."""
        resource = self._resources[step.urn]
        if step.type.startswith(_NO_CLOUD):
            return ""
        provider = self._provider(resource["provider"].rpartition("::")[0])
        inputs = _value(resource.get("inputs") or {})
        return provider.create(Operation(urn=step.urn, type=step.type, name=step.name, inputs=inputs)).id

    def _provider(self, urn: str) -> Provider:
        if urn not in self._providers:
            resource = self._resources[urn]
            provider = provider_of(resource["type"].rpartition(":")[2], self._inventory)
            settings = _value(resource.get("inputs") or {})
            provider.configure({key: value for key, value in settings.items() if key != "__internal"})
            self._providers[urn] = provider
        return self._providers[urn]


def show(places: Places, engine: Path, stack: str, overrides: Mapping[str, Any]) -> int:
    """Rehearses a first `up`, and prints what another order would have refused. 1 where there is anything."""
    with first_up(places, engine, stack, overrides) as up:
        orders = Orders(up.deployment(), Inventory(up.places.home / "orders.sqlite"))
        found = list(orders.refusals())
    for refusal in found:
        print(f"{refusal.urn}\n  does not wait for all that it needs: {refusal.reason}", file=sys.stderr)
    said = f"{len(found)} of them may come too early" if found else "whichever comes first"
    print(f"{stack}: {len(orders.steps)} resources come up, {said}.")
    return 1 if found else 0


class _TriedError(Exception):
    """Takes back what was only tried."""


def _before(waits: Waits) -> dict[str, Set[str]]:
    """All that has to be there before each resource."""

    @cache
    def before(urn: str) -> frozenset[str]:
        return frozenset(waits[urn]).union(*(before(awaited) for awaited in waits[urn]))

    return {urn: before(urn) for urn in waits}


def _key(row: Resource) -> _Key:
    return row.account, row.type, row.id


def _value(stored: Any) -> Any:
    """A value of an exported state as providers get it."""
    match stored:
        case {"4dabf18193072939515e22adb298388d": signature, **fields}:
            if signature == SECRET_SIGNATURE:
                return Secret(_value(json.loads(fields["plaintext"])))
            return Special(stored)
        case dict():
            return {key: _value(item) for key, item in stored.items() if item is not None}
        case list():
            return [_value(item) for item in stored]
        case _:
            return stored
