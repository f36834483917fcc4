"""What each wait of a plan costs: how much earlier an `up` would end without it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.timing.plan import Step
from rehearsal.timing.simulation import Edge, Schedule, Timed, simulate

_INSTANT = 1e-9


@dataclass(frozen=True, kw_only=True)
class EdgeCost:
    """One wait that holds a step up to the last."""

    step: Step
    wait: Step
    reason: str
    """How the program says so."""

    saved: float
    """Seconds that the `up` would end earlier without it. Nothing, where another wait lasts as long."""

    critical: bool
    """Whether it is on the critical path."""


@dataclass(frozen=True, kw_only=True)
class ComponentCost:
    """All waits of one component for another."""

    component: str
    wait: str
    edges: int
    saved: float


def edge_costs(steps: Sequence[Step], schedule: Schedule) -> list[EdgeCost]:
    """The waits that cost something or are on the critical path, dearest first."""
    by_urn = {step.urn: step for step in steps}
    critical = {(one.step.urn, one.after) for one in schedule.critical_path() if one.cause == "wait"}
    found = [
        EdgeCost(
            step=one.step,
            wait=by_urn[wait],
            reason=reason,
            saved=_saved(steps, schedule, [(one.step.urn, wait)]),
            critical=(one.step.urn, wait) in critical,
        )
        for one in schedule.timed.values()
        for wait, reason in one.step.waits.items()
        if _holds_up(schedule, one, wait)
    ]
    kept = [cost for cost in found if cost.saved > 0 or cost.critical]
    return sorted(kept, key=lambda cost: (-cost.saved, schedule.timed[cost.step.urn].start))


def component_costs(steps: Sequence[Step], schedule: Schedule) -> list[ComponentCost]:
    """Which component costs time by waiting for which other, dearest first."""
    by_urn = {step.urn: step for step in steps}
    pairs: dict[tuple[str, str], list[Edge]] = {}
    tight: set[tuple[str, str]] = set()
    for one in schedule.timed.values():
        for wait in one.step.waits:
            pair = one.step.component, by_urn[wait].component
            if pair[0] != pair[1]:
                pairs.setdefault(pair, []).append((one.step.urn, wait))
                tight |= {pair} if _holds_up(schedule, one, wait) else set()
    found = [
        ComponentCost(component=pair[0], wait=pair[1], edges=len(edges), saved=_saved(steps, schedule, edges))
        for pair, edges in pairs.items()
        if pair in tight
    ]
    return sorted((cost for cost in found if cost.saved > 0), key=lambda cost: (-cost.saved, cost.component))


def _holds_up(schedule: Schedule, one: Timed, wait: str) -> bool:
    return schedule.timed[wait].end > 0 and abs(schedule.timed[wait].end - one.ready) < _INSTANT


def _saved(steps: Sequence[Step], schedule: Schedule, edges: Sequence[Edge]) -> float:
    without = simulate(steps, schedule.parallel, without=edges)
    return max(schedule.makespan - without.makespan, 0.0)
