"""What a panel roughly looks like: lines, a number, bars, a table. Nothing in it is data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from dashboards.panels import Kind, Panel

INK = "#9db4d0"
_COURSES = ((0.3, 0.45, 0.35, 0.6, 0.5, 0.7, 0.55), (0.6, 0.7, 0.62, 0.8, 0.75, 0.9, 0.8))
"""Of two lines: how high they are, as shares of the room, from left to right."""


def sketch(panel: Panel, x: int, y: int, width: int, height: int) -> Iterator[str]:
    """The shapes of a panel within a rectangle."""
    yield from _SHAPES[panel.kind](x, y, width, height)


def _lines(x: int, y: int, width: int, height: int) -> Iterator[str]:
    for course in _COURSES:
        step = width / (len(course) - 1)
        points = " ".join(
            f"{x + number * step:.0f},{y + height - share * height:.0f}" for number, share in enumerate(course)
        )
        yield f'<polyline points={quoteattr(points)} fill="none" stroke="{INK}" stroke-width="1.5"/>'


def _number(x: int, y: int, width: int, height: int) -> Iterator[str]:
    yield _bar(x, y + height - 4, width, 4)


def _bars(x: int, y: int, width: int, height: int) -> Iterator[str]:
    for number, share in enumerate((0.9, 0.6, 0.45, 0.2)):
        yield _bar(x, y + number * height // 4, int(width * share), max(height // 4 - 4, 2))


def _table(x: int, y: int, width: int, height: int) -> Iterator[str]:
    for number in range(max(height // 14, 1)):
        yield _bar(x, y + number * 14, width, 1)


def _cells(x: int, y: int, width: int, height: int) -> Iterator[str]:
    for column, filled in enumerate((2, 3, 1, 2, 3, 2, 1, 2)):
        for number in range(filled):
            yield _bar(
                x + column * width // 8, y + height - (number + 1) * height // 4, width // 8 - 3, height // 4 - 3
            )


def _bands(x: int, y: int, width: int, height: int) -> Iterator[str]:
    for number in range(3):
        yield _bar(x, y + number * height // 3, width, max(height // 3 - 5, 2))


def _graph(x: int, y: int, width: int, height: int) -> Iterator[str]:
    middle = y + height // 2
    places: Sequence[tuple[int, int]] = (
        (x + width // 4, middle),
        (x + width // 2, y + 8),
        (x + 3 * width // 4, middle),
    )
    for (left, above), (right, below) in pairwise(places):
        yield f'<line x1="{left}" y1="{above}" x2="{right}" y2="{below}" stroke="{INK}" stroke-width="1.5"/>'
    for across, down in places:
        yield f'<circle cx="{across}" cy="{down}" r="7" fill="#ffffff" stroke="{INK}" stroke-width="1.5"/>'


def _bar(x: int, y: int, width: int, height: int) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{INK}"/>'


_SHAPES: Mapping[Kind, Callable[[int, int, int, int], Iterator[str]]] = {
    "timeseries": _lines,
    "stat": _number,
    "gauge": _bars,
    "bargauge": _bars,
    "table": _table,
    "heatmap": _cells,
    "statetimeline": _bands,
    "nodeGraph": _graph,
    "logs": _table,
}
