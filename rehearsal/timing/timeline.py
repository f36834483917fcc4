"""The timeline of the page: a bar for each resource, by layer and component."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from rehearsal.timing.durations import spoken
from rehearsal.timing.markup import number, resource, scrolled
from rehearsal.timing.plan import LAYERS, Step
from rehearsal.timing.simulation import Schedule, Timed

_TICKS = (10, 30, 60, 120, 300, 600)
"""Seconds between two lines of the time axis; the first that gives at most a dozen."""

_LAST_TICK = 0.95
"""Share of the axis up to which ticks are named: a name stands to the right of its line."""

_TEXT = (
    "By layer and component. A pale bar is time that a resource, ready to start, waited for a free operation of the "
    "engine or for its turn in a queue of the cloud."
)


def timeline(schedule: Schedule) -> str:
    """The section, heading included."""
    critical = {one.step.urn for one in schedule.critical_path()}
    length = schedule.makespan or 1.0
    tick = next((tick for tick in _TICKS if length / tick <= 12), _TICKS[-1])
    bodies: list[str] = []
    for layer, component, group in _groups(schedule):
        rows = "\n".join(_row(one, length, one.step.urn in critical) for one in group)
        title = f"{layer}: {escape(component)}"
        bodies.append(
            f'<tbody>\n<tr><th class="group" colspan="5" scope="rowgroup">{title}</th></tr>\n{rows}\n</tbody>'
        )
    table = (
        f'<table class="timeline" style="--tick:{100 * tick / length:.3f}%">\n{_head(length, tick)}\n'
        + "\n".join(bodies)
        + "\n</table>"
    )
    return f"<h2>Timeline</h2>\n<p>{_TEXT}</p>\n{scrolled('Timeline', table)}"


def _groups(schedule: Schedule) -> Iterator[tuple[str, str, list[Timed]]]:
    """Layer by layer the components in the order that they start in, and so the resources of each."""
    for layer in LAYERS:
        ours = sorted(
            (one for one in schedule.timed.values() if one.step.layer == layer), key=lambda one: one.step.component
        )
        groups = [(name, list(group)) for name, group in groupby(ours, key=lambda one: one.step.component)]
        for name, group in sorted(groups, key=lambda found: min(one.start for one in found[1])):
            yield layer, name, sorted(group, key=lambda one: (one.start, one.end))


def _head(length: float, tick: int) -> str:
    marks = "".join(
        f'<span style="left:{100 * second / length:.3f}%">{spoken(second)}</span>'
        for second in range(0, int(length * _LAST_TICK) + 1, tick)
    )
    return (
        '<thead><tr><th scope="col">Resource</th><th scope="col">Type</th>'
        '<th scope="col" class="number">Starts after</th><th scope="col" class="number">Takes</th>'
        '<th scope="col" class="when"><span class="hidden">When</span>'
        f'<div class="ticks" aria-hidden="true">{marks}</div></th></tr></thead>'
    )


def _row(one: Timed, length: float, critical: bool) -> str:
    held = _bar(one.ready, one.start, length, ' class="held"') if one.start > one.ready else ""
    return (
        f"<tr>{resource(one.step, critical)}<td>{escape(_kind(one.step))}</td>{number(spoken(one.start))}"
        f'{number(spoken(one.step.seconds))}<td class="when"><div class="track{" of-critical" if critical else ""}" '
        f'aria-hidden="true">{held}{_bar(one.start, one.end, length)}</div></td></tr>'
    )


def _bar(start: float, end: float, length: float, mark: str = "") -> str:
    left, width = 100 * start / length, 100 * (end - start) / length
    return f'<span{mark} style="left:{left:.3f}%;width:{width:.3f}%"></span>'


def _kind(step: Step) -> str:
    kind = step.type.rpartition(":")[2]
    return f"{kind} {step.variant}" if step.variant else kind
