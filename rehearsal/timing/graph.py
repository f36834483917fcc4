"""The resource graph, drawn: columns by what waits for what, edges that others imply left out."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from rehearsal.timing.durations import spoken
from rehearsal.timing.plan import Step
from rehearsal.timing.simulation import Schedule

_WIDTH, _HEIGHT = 200, 36
_COLUMN, _ROW = 270, 46
_PASSES = 4
"""How often columns are put in order again; more changes little."""


def reduced(steps: Sequence[Step]) -> dict[str, set[str]]:
    """What each step waits for, without the waits that follow from its others."""
    behind: dict[str, set[str]] = {}
    for step in in_order(steps):
        behind[step.urn] = set(step.waits).union(*(behind[wait] for wait in step.waits))
    return {step.urn: set(step.waits) - set[str]().union(*(behind[wait] for wait in step.waits)) for step in steps}


def in_order(steps: Sequence[Step]) -> list[Step]:
    """The steps, each behind all that it waits for."""
    by_urn, placed = {step.urn: step for step in steps}, dict[str, Step]()

    def place(step: Step) -> None:
        if step.urn not in placed:
            for wait in step.waits:
                place(by_urn[wait])
            placed[step.urn] = step

    for step in steps:
        place(step)
    return list(placed.values())


def drawing(steps: Sequence[Step], schedule: Schedule) -> str:
    """The graph as SVG."""
    edges = reduced(steps)
    places = _places(steps, edges)
    path = schedule.critical_path()
    critical = {one.step.urn for one in path}
    critical_edges = {(one.step.urn, one.after) for one in path if one.cause == "wait"}
    # A critical wait is drawn even where others imply it.
    drawn = {(urn, wait) for urn, waits in edges.items() for wait in waits} | critical_edges
    width = max((x for x, _y in places.values()), default=0) + _WIDTH + 20
    height = max((y for _x, y in places.values()), default=0) + _HEIGHT + 20
    return "\n".join(
        [
            f'<svg role="img" aria-labelledby="graph-title graph-text" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">',
            '<title id="graph-title">Resource graph</title>',
            '<desc id="graph-text">Every resource, to the right of all that it waits for. The timeline and the tables '
            "of this page say the same in words.</desc>",
            *(
                _edge(places[wait], places[urn], (urn, wait) in critical_edges)
                for urn, wait in sorted(drawn, key=lambda edge: edge in critical_edges)
                if wait
            ),
            *_nodes(steps, places, schedule, critical),
            "</svg>",
        ]
    )


def _places(steps: Sequence[Step], edges: Mapping[str, set[str]]) -> dict[str, tuple[int, int]]:
    """Where each box is: its column by the longest way to it, its row near those of what it waits for."""
    column: dict[str, int] = {}
    for step in in_order(steps):
        column[step.urn] = max((column[wait] + 1 for wait in edges[step.urn]), default=0)
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for step in sorted(steps, key=lambda step: (step.layer, step.component, step.name)):
        columns[column[step.urn]].append(step.urn)
    neighbours: dict[str, set[str]] = {step.urn: set(edges[step.urn]) for step in steps}
    for urn, waits in edges.items():
        for wait in waits:
            neighbours[wait].add(urn)
    for _ in range(_PASSES):
        row = {urn: number / len(urns) for urns in columns for number, urn in enumerate(urns)}
        for urns in columns:
            urns.sort(key=lambda urn: _mean([row[other] for other in neighbours[urn]], row[urn]))
    return {urn: (10 + x * _COLUMN, 10 + y * _ROW) for x, urns in enumerate(columns) for y, urn in enumerate(urns)}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _edge(start: tuple[int, int], end: tuple[int, int], critical: bool) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0], end[1] + _HEIGHT // 2
    bend = (_COLUMN - _WIDTH) // 2
    mark = ' class="on-path"' if critical else ""
    return f'<path{mark} fill="none" d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"/>'


def _nodes(
    steps: Sequence[Step], places: Mapping[str, tuple[int, int]], schedule: Schedule, critical: set[str]
) -> Iterator[str]:
    for step in steps:
        (x, y), timed = places[step.urn], schedule.timed[step.urn]
        mark, sign = (' class="on-path"', "◆ ") if step.urn in critical else ("", "")
        told = f"{step.name}, {step.type}: from {spoken(timed.start)} to {spoken(timed.end)}"
        yield (
            f"<g{mark}><title>{escape(told)}</title>"
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>'
            f'<text x="{x + 8}" y="{y + 15}">{sign}{escape(_cut(step.name, 26))}</text>'
            f'<text class="detail" x="{x + 8}" y="{y + 29}">{escape(_cut(step.type.rpartition(":")[2], 22))}, '
            f"{spoken(step.seconds)}</text></g>"
        )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
