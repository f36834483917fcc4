"""Writes a page about the time that an `up` takes where the clouds are as slow as they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal import runner
from rehearsal.first_up import first_up
from rehearsal.places import Places
from rehearsal.timing import imposed_waits, plan
from rehearsal.timing.costs import component_costs, edge_costs
from rehearsal.timing.page import Report, durations_of, render
from rehearsal.timing.plan import Step
from rehearsal.timing.simulation import OPERATIONS, OPERATIONS_PER_CORE, simulate


def write(places: Places, engine: Path, stack: str, overrides: Mapping[str, Any], output: Path, parallel: int) -> str:
    """Rehearses a first `up` beside what has been rehearsed already, and writes the page. Answers with its summary.

    `parallel` is how many operations the engine has under way at once. Raises `UnknownKindError` with all that the
    tables do not know.
    """
    report = of_plan(stack, _rehearsed(places, engine, stack, overrides), parallel)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render(report), encoding="utf-8")
    except OSError as error:
        raise runner.EngineError(f"{output}: {error.strerror}") from error
    return report.summary


def of_plan(stack: str, steps: Sequence[Step], parallel: int = OPERATIONS) -> Report:
    """The report about a plan. Raises `UnknownKindError` with all that the tables do not know."""
    durations = durations_of(steps)
    schedule = simulate(steps, parallel)
    return Report(
        stack=stack,
        steps=steps,
        schedule=schedule,
        by_cores={cores: simulate(steps, cores * OPERATIONS_PER_CORE).makespan for cores in (2, 4, 8)},
        imposed=imposed_waits.longest_chain(durations),
        sources=imposed_waits.direct_waits(durations),
        edges=edge_costs(steps, schedule),
        components=component_costs(steps, schedule),
    )


def _rehearsed(places: Places, engine: Path, stack: str, overrides: Mapping[str, Any]) -> list[Step]:
    """The plan of a first `up` of the stack."""
    with first_up(places, engine, stack, overrides) as up:
        return plan.of_checkpoint(up.checkpoint)
