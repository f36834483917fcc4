"""Dashboards: rows of panels, and where on Grafana's grid of 24 columns each of them stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dashboards.panels import Panel, Query
from dashboards.variables import CLOUD, NAMESPACE, SERVICE, Given, Typed, Variable

COLUMNS = 24
TAG = "groundwork"
"""On every dashboard: Grafana makes the list of links to the others of it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A headed group of panels, left to right, wrapped where 24 columns end."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False
    """Whether it starts folded: its queries run once it is opened."""

    repeat: str | None = None
    """A variable for each of whose chosen values the row is there once."""


def row(title: str, *panels: Panel, collapsed: bool = False, repeat: str | None = None) -> Row:
    return Row(title=title, panels=panels, collapsed=collapsed, repeat=repeat)


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One topic. Its module has it as `DASHBOARD`."""

    uid: str
    """Stable: part of addresses that people keep. `gw-` and the topic."""

    title: str
    folder: str
    """Grafana's folder."""

    description: str
    tags: tuple[str, ...]
    rows: tuple[Row, ...]
    related: tuple[str, ...] = ()
    """Uids of dashboards that one goes to next: each is a link at the top that keeps time and variables."""

    variables: tuple[Variable | Typed | Given, ...] = (CLOUD, NAMESPACE, SERVICE)
    annotations: Mapping[str, Query] = field(default_factory=dict[str, Query])
    """Marks on every panel over time, by their name."""

    span: str = "now-1h"
    """Where the time range starts."""

    refresh: str = "1m"

    @property
    def panels(self) -> Iterator[Panel]:
        return (panel for one in self.rows for panel in one.panels)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rectangle on the grid: columns of 24, rows of 30 pixels."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Place") -> bool:
        apart = (
            self.x + self.width <= other.x
            or other.x + other.width <= self.x
            or self.y + self.height <= other.y
            or other.y + other.height <= self.y
        )
        return not apart


@dataclass(frozen=True, kw_only=True)
class PlacedRow:
    row: Row
    place: Place
    panels: tuple[tuple[Panel, Place], ...]


def placed(dashboard: Dashboard) -> tuple[PlacedRow, ...]:
    """Where everything stands. A panel that is wider than what is left of a line starts the next one."""
    found: list[PlacedRow] = []
    y = 0
    for one in dashboard.rows:
        heading = Place(x=0, y=y, width=COLUMNS, height=1)
        x, y, tallest = 0, y + 1, 0
        panels: list[tuple[Panel, Place]] = []
        for panel in one.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            panels.append((panel, Place(x=x, y=y, width=panel.width, height=panel.height)))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
        found.append(PlacedRow(row=one, place=heading, panels=tuple(panels)))
    return tuple(found)
