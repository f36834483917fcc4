"""An `up` in simulated time: the engine starts what waits for nothing more, as many operations at once as it may."""

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rehearsal.timing.plan import Step

OPERATIONS_PER_CORE = 4
"""The engine's default of `--parallel`, as `pulumi up --help` gives it on machines of different sizes."""

OPERATIONS = 4 * OPERATIONS_PER_CORE
"""Operations at once that reports and the budget are about, on whatever machine they are made: those of four cores."""

Cause = Literal["wait", "slot", "queue"]
Edge = tuple[str, str]
"""A step, and one that it waits for."""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """When a step runs, in seconds from the first."""

    step: Step
    ready: float
    """When the last of what it waits for is done."""

    start: float
    end: float
    cause: Cause | None
    """What it waited for to the last: another step, a free operation of the engine, or its turn in the cloud's queue.
    Nothing, where it starts at once."""

    after: str | None
    """URN of the step whose end let it start."""


@dataclass(frozen=True)
class Schedule:
    """A simulated `up`."""

    timed: Mapping[str, Timed]
    """By URN, in the order that steps start in."""

    parallel: int
    """How many operations ran at once at most."""

    @property
    def makespan(self) -> float:
        """Seconds from the first step's start to the last one's end."""
        return max((one.end for one in self.timed.values()), default=0.0)

    def critical_path(self) -> list[Timed]:
        """The steps that the end waited for, first to last."""
        path: list[Timed] = []
        one = max(self.timed.values(), key=lambda timed: timed.end, default=None)
        while one is not None:
            path.append(one)
            one = self.timed[one.after] if one.after is not None else None
        return path[::-1]


def simulate(steps: Sequence[Step], parallel: int, *, without: Collection[Edge] = ()) -> Schedule:
    """Runs a plan with `parallel` operations at once at most, as if the edges `without` were not in it.

    Raises ValueError where steps wait for each other in a circle.
    """
    return _Simulation(steps, parallel, frozenset(without)).run()


class _Simulation:
    """The engine: what is ready stands in one line, in the order that it became ready."""

    def __init__(self, steps: Sequence[Step], parallel: int, without: frozenset[Edge]) -> None:
        self._parallel = parallel
        self._steps = {step.urn: step for step in steps}
        self._open = {step.urn: _waits(step, without, self._steps) for step in steps}
        self._waiting: dict[str, list[str]] = {}
        for urn, waits in self._open.items():
            for wait in waits:
                self._waiting.setdefault(wait, []).append(urn)
        self._line: deque[tuple[str, float, str | None]] = deque(
            (urn, 0.0, None) for urn, waits in self._open.items() if not waits
        )
        self._running: list[tuple[float, int, str]] = []
        self._queue_ends: dict[str, tuple[float, str]] = {}
        self._timed: dict[str, Timed] = {}

    def run(self) -> Schedule:
        now, freed_by = 0.0, None
        while self._line or self._running:
            while self._line and len(self._running) < self._parallel:
                self._start(now, freed_by)
            now, _number, freed_by = heapq.heappop(self._running)
            self._finish(freed_by, now)
        if len(self._timed) < len(self._steps):
            circle = ", ".join(step.name for urn, step in self._steps.items() if urn not in self._timed)
            raise ValueError(f"these resources wait for each other: {circle}")
        return Schedule(self._timed, self._parallel)

    def _start(self, now: float, freed_by: str | None) -> None:
        urn, ready, last = self._line.popleft()
        step = self._steps[urn]
        cause, after = ("wait" if last else None, last) if now <= ready else ("slot", freed_by)
        start = now
        if step.queue is not None:
            free, holder = self._queue_ends.get(step.queue, (0.0, ""))
            if free > start:
                start, cause, after = free, "queue", holder
            self._queue_ends[step.queue] = (start + step.seconds, urn)
        end = start + step.seconds
        self._timed[urn] = Timed(step=step, ready=ready, start=start, end=end, cause=cause, after=after)
        heapq.heappush(self._running, (end, len(self._timed), urn))

    def _finish(self, urn: str, now: float) -> None:
        for waiting in self._waiting.get(urn, ()):
            self._open[waiting].discard(urn)
            if not self._open[waiting]:
                self._line.append((waiting, now, urn))


def _waits(step: Step, without: Collection[Edge], known: Iterable[str]) -> set[str]:
    return {wait for wait in step.waits if (step.urn, wait) not in without and wait in known}
