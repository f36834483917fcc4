"""Drawings of layouts: SVG with every panel's title, kind, unit and queries, so that a review sees what changed."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from dashboards.layout import COLUMNS, Dashboard, PlacedRow, placed
from dashboards.panels import Kind, Panel

COLUMN, LINE, MARGIN, TOP = 50, 26, 10, 74
"""Pixels: of a column, of a unit of height, around everything, and above the first row."""

LETTER = 6.1
"""Width of a letter of the small font, in pixels: what does not fit is cut."""

TINTS: dict[Kind, str] = {
    "timeseries": "#eaf2fb",
    "heatmap": "#eaf2fb",
    "stat": "#eaf7ee",
    "gauge": "#eaf7ee",
    "bargauge": "#eaf7ee",
    "statetimeline": "#fdf3e3",
    "table": "#f4eefa",
    "nodeGraph": "#f4eefa",
    "logs": "#f1f1f1",
}
"""Background by kind: lines, numbers, states, tables, logs."""


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
        _text(MARGIN, 48, _fitting(dashboard.description, width), size=12, color="#555555"),
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
    yield f'<rect x="{MARGIN}" y="{y}" width="{COLUMNS * COLUMN}" height="{LINE - 4}" fill="#e2e5ea"/>'
    yield _text(MARGIN + 8, y + 15, title, size=12, weight="bold")
    for panel, place in row.panels:
        yield from _panel(panel, MARGIN + place.x * COLUMN, TOP + place.y * LINE, place.width, place.height)


def _panel(panel: Panel, x: int, y: int, columns: int, units: int) -> Iterator[str]:
    width, height = columns * COLUMN - 4, units * LINE - 4
    shape = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="3"'
    yield f'<rect {shape} fill="{TINTS[panel.kind]}" stroke="#b6bcc6"><title>{escape(panel.description)}</title></rect>'
    yield _text(x + 8, y + 18, _fitting(panel.title, width), size=12, weight="bold")
    yield _text(x + 8, y + 33, f"{panel.kind} · {panel.unit} · {panel.source}", size=10, color="#666666")
    room = (height - 40) // 13
    for number, query in enumerate(panel.queries[: max(room, 0)]):
        asked = f"{query.legend}: {query.expression}" if query.legend else query.expression
        yield _text(x + 8, y + 49 + 13 * number, _fitting(" ".join(asked.split()), width), size=10, color="#333333")


def _fitting(text: str, width: int) -> str:
    room = int((width - 16) / LETTER)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _text(x: int, y: int, text: str, *, size: int, weight: str = "normal", color: str = "#111111") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">{escape(text)}</text>'
