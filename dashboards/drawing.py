"""Drawings of layouts: SVG with the title, unit, thresholds, meaning and queries of each panel, for reviews to see."""

import textwrap
from collections.abc import Iterator
from xml.sax.saxutils import escape

from dashboards.layout import COLUMNS, Dashboard, PlacedRow, placed
from dashboards.panels import Color, Kind, Panel, Query
from dashboards.sketches import sketch

COLUMN, LINE, MARGIN, TOP = 50, 26, 10, 74
"""Pixels: of a column, of a unit of height, around everything, and above the first row."""

LETTER, STEP = 6.2, 12
"""Width of a wide letter of the small font and height of its lines, in pixels."""

NARROW = 5.2
"""Width of its letters on average."""

OF_THE_SKETCH = 50
"""Pixels at the foot of a panel that are left to its sketch."""

TINTS: dict[Kind, str] = {
    "timeseries": "#f3f8fd",
    "heatmap": "#f3f8fd",
    "stat": "#eff9f2",
    "gauge": "#eff9f2",
    "bargauge": "#eff9f2",
    "statetimeline": "#fdf6ea",
    "table": "#f8f4fc",
    "nodeGraph": "#f8f4fc",
    "logs": "#f5f5f5",
}
"""Background by kind: lines, numbers, states, tables, logs."""

DOTS: dict[Color, str] = {
    "green": "#3fa45b",
    "yellow": "#d8b400",
    "orange": "#ee8a1d",
    "red": "#d64045",
    "blue": "#3b7dd8",
    "purple": "#8d5fc4",
    "text": "#666666",
    "transparent": "#ffffff",
    "semi-dark-blue": "#3b7dd8",
}


def drawn(dashboard: Dashboard) -> str:
    """The SVG of a dashboard."""
    rows = placed(dashboard)
    lowest = max(place.y + place.height for row in rows for _, place in row.panels)
    width, height = COLUMNS * COLUMN + 2 * MARGIN, TOP + lowest * LINE + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, 28, f"{dashboard.folder} / {dashboard.title}", size=20, weight="bold"),
        _text(MARGIN, 48, dashboard.description, size=12, color="#555555"),
        _text(MARGIN, 66, _controls(dashboard), size=11, color="#777777"),
        *(line for row in rows for line in _row(row)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _controls(dashboard: Dashboard) -> str:
    variables = ", ".join(f"${one.name}" for one in dashboard.variables)
    related = ", ".join(dashboard.related) or "none"
    return f"uid {dashboard.uid} · variables {variables} · links {related} · last {dashboard.span.removeprefix('now-')}"


def _row(row: PlacedRow) -> Iterator[str]:
    y = TOP + row.place.y * LINE
    marks = ["folded"] if row.row.collapsed else []
    marks += [f"for each ${row.row.repeat}"] if row.row.repeat else []
    title = f"{row.row.title} ({', '.join(marks)})" if marks else row.row.title
    yield f'<rect x="{MARGIN}" y="{y}" width="{COLUMNS * COLUMN - 4}" height="{LINE - 4}" fill="#e2e5ea"/>'
    yield _text(MARGIN + 8, y + 15, title, size=12, weight="bold")
    for panel, place in row.panels:
        yield from _panel(panel, MARGIN + place.x * COLUMN, TOP + place.y * LINE, place.width, place.height)


def _panel(panel: Panel, x: int, y: int, columns: int, units: int) -> Iterator[str]:
    width, height = columns * COLUMN - 4, units * LINE - 4
    yield (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="{TINTS[panel.kind]}" stroke="#b6bcc6">'
        f"<title>{escape(panel.description)}</title></rect>"
    )
    yield _text(x + 8, y + 18, panel.title, size=12, weight="bold")
    yield from _kind(panel, x + 8, y + 33)
    room = height - OF_THE_SKETCH - 40
    if room >= 2 * STEP:
        yield from _words(panel, x + 8, y + 49, width - 16, room // STEP)
        yield from sketch(panel, x + 10, y + height - OF_THE_SKETCH, width - 20, OF_THE_SKETCH - 8)
    else:
        yield from _words(panel, x + 8, y + 49, width - 16, (height - 44) // STEP)


def _kind(panel: Panel, x: int, y: int) -> Iterator[str]:
    """Kind, unit and source, and the thresholds as dots of their colors, each with the value that it begins at."""
    said = f"{panel.kind} · {panel.unit}" + (f" · {panel.source}" if panel.source != "prometheus" else "")
    yield _text(x, y, said, size=10, color="#666666")
    across = x + int(len(said) * NARROW) + 8
    for step in panel.thresholds if len(panel.thresholds) > 1 else ():
        value = "" if step.value is None else f"{step.value:g}"
        yield f'<circle cx="{across}" cy="{y - 3}" r="3.5" fill="{DOTS[step.color]}"/>'
        yield _text(across + 6, y, value, size=10, color="#666666")
        across += 12 + int(len(value) * NARROW)


def _words(panel: Panel, x: int, y: int, width: int, most: int) -> Iterator[str]:
    """What the panel means, then what it asks; a small one has no room for the first."""
    letters = int(width / LETTER)
    said = [] if most < 5 else textwrap.wrap(panel.description, letters)[:3]
    asked = [line for query in panel.queries for line in _asked(query, letters)]
    for number, line in enumerate([*said, *asked][:most]):
        color = "#333333" if number < len(said) else "#7a5230"
        yield _text(x, y + number * STEP, line, size=10, color=color)


def _asked(query: Query, letters: int) -> list[str]:
    """A query, in at most two lines."""
    expression = " ".join(query.expression.split())
    text = f"{query.legend}: {expression}" if query.legend else expression
    lines = textwrap.wrap(text, letters, break_long_words=True, break_on_hyphens=False)
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1][: letters - 1]}…"]


def _text(x: int, y: int, text: str, *, size: int, weight: str = "normal", color: str = "#111111") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">{escape(text)}</text>'
