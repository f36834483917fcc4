"""Panels: what each shows, in which unit, why it is there, and the queries behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.links import Link

Source = Literal["prometheus", "loki"]
"""Uid of the data source, as it is provisioned."""

Kind = Literal["timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "statetimeline", "nodeGraph", "logs"]
"""Grafana's own name of the visualization."""

Unit = Literal[
    "short", "none", "string", "bool", "percentunit", "percent", "s", "ms", "dtdurations", "dateTimeFromNow", "d", "h",
    "bytes", "decbytes", "Bps", "binBps", "reqps", "ops", "cps", "eps", "mps", "rps", "wps", "iops", "pps", "hertz",
    "currencyUSD", "currencyEUR", "celsius", "logs",
]  # fmt: skip
"""Units by Grafana's identifiers; `short` is a plain number with k and M, `logs` stands for lines of text."""

Color = Literal["green", "yellow", "orange", "red", "blue", "purple", "text", "transparent", "semi-dark-blue"]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From this value upwards a panel has this color."""

    value: float | None
    """None is the base: everything below the next step."""

    color: Color


def _steps(*steps: tuple[float | None, Color]) -> tuple[Threshold, ...]:
    return tuple(Threshold(value=value, color=color) for value, color in steps)


def rising(*, warning: float, critical: float) -> tuple[Threshold, ...]:
    """Good when low: orange from `warning`, red from `critical`; never orange where both are the same."""
    if warning == critical:
        return _steps((None, "green"), (critical, "red"))
    return _steps((None, "green"), (warning, "orange"), (critical, "red"))


def falling(*, warning: float, critical: float) -> tuple[Threshold, ...]:
    """Good when high: green from `warning` on, orange down to `critical`, red below it."""
    if warning == critical:
        return _steps((None, "red"), (warning, "green"))
    return _steps((None, "red"), (critical, "orange"), (warning, "green"))


NEUTRAL = (Threshold(value=None, color="semi-dark-blue"),)
"""A number that is neither good nor bad by itself."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question to the data source of its panel."""

    expression: str
    """PromQL or LogQL, with Grafana's variables. `dashboards.scope` adds the chosen cloud to PromQL."""

    legend: str = ""
    """Name of each series, with `{{label}}`; of a table the header of its column."""

    exemplars: bool = False
    """Whether points that stand for single requests are shown, with a link to their traces."""

    unit: Unit | None = None
    """Of a table's column, where it is not the panel's."""

    thresholds: tuple[Threshold, ...] = ()
    """Colors of a table's column."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel. Build it with the function that is called like its kind."""

    kind: Kind
    title: str
    unit: Unit
    description: str
    """What it means and when to worry: shown at the panel's corner."""

    source: Source
    queries: tuple[Query, ...]
    width: int
    """Columns of 24."""

    height: int
    """Grid units of 30 pixels."""

    thresholds: tuple[Threshold, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = None
    stacked: bool = False
    legend: Literal["list", "table", "hidden"] = "list"
    mappings: Mapping[str, tuple[str, Color]] | None = None
    """Text and color for single values."""

    columns: Mapping[str, str] | None = None
    """Of a table: the labels that it shows, with their headers, in order."""

    sort_by: str | None = None
    """Header of the column that a table is sorted by, downwards."""

    links: tuple[Link, ...] = ()
    """Where a click on a value leads."""

    corner: tuple[Link, ...] = ()
    """Links at the panel's title, to more of the same."""

    no_value: str | None = None
    """What is shown without data; `0` where no series means that nothing happened."""


def timeseries(
    title: str,
    *queries: Query,
    unit: Unit,
    description: str,
    width: int = 12,
    height: int = 8,
    source: Source = "prometheus",
    thresholds: tuple[Threshold, ...] = (),
    minimum: float | None = 0,
    maximum: float | None = None,
    stacked: bool = False,
    legend: Literal["list", "table", "hidden"] = "list",
    links: Sequence[Link] = (),
) -> Panel:
    """Lines over time. Thresholds are drawn as dashed lines."""
    return Panel(
        kind="timeseries", title=title, unit=unit, description=description, source=source, queries=queries,
        width=width, height=height, thresholds=thresholds, minimum=minimum, maximum=maximum, stacked=stacked,
        legend=legend, links=tuple(links),
    )  # fmt: skip


def stat(
    title: str,
    *queries: Query,
    unit: Unit,
    description: str,
    thresholds: tuple[Threshold, ...] = NEUTRAL,
    width: int = 4,
    height: int = 4,
    source: Source = "prometheus",
    decimals: int | None = None,
    mappings: Mapping[str, tuple[str, Color]] | None = None,
    links: Sequence[Link] = (),
    no_value: str | None = None,
) -> Panel:
    """One number of now, in the color of its threshold, with its course behind it."""
    return Panel(
        kind="stat", title=title, unit=unit, description=description, source=source, queries=queries, width=width,
        height=height, thresholds=thresholds, decimals=decimals, mappings=mappings, links=tuple(links),
        no_value=no_value,
    )  # fmt: skip


def gauge(
    title: str,
    *queries: Query,
    unit: Unit,
    description: str,
    thresholds: tuple[Threshold, ...],
    minimum: float = 0,
    maximum: float = 1,
    width: int = 4,
    height: int = 6,
    links: Sequence[Link] = (),
) -> Panel:
    """A share of something that can run out."""
    return Panel(
        kind="gauge", title=title, unit=unit, description=description, source="prometheus", queries=queries,
        width=width, height=height, thresholds=thresholds, minimum=minimum, maximum=maximum, links=tuple(links),
    )  # fmt: skip


def bargauge(
    title: str,
    *queries: Query,
    unit: Unit,
    description: str,
    thresholds: tuple[Threshold, ...] = NEUTRAL,
    minimum: float | None = 0,
    maximum: float | None = None,
    width: int = 8,
    height: int = 8,
    source: Source = "prometheus",
    links: Sequence[Link] = (),
) -> Panel:
    """The highest of many, as bars."""
    return Panel(
        kind="bargauge", title=title, unit=unit, description=description, source=source, queries=queries,
        width=width, height=height, thresholds=thresholds, minimum=minimum, maximum=maximum, links=tuple(links),
    )  # fmt: skip


def table(
    title: str,
    *queries: Query,
    columns: Mapping[str, str],
    unit: Unit,
    description: str,
    sort_by: str | None = None,
    width: int = 24,
    height: int = 8,
    source: Source = "prometheus",
    links: Sequence[Link] = (),
    mappings: Mapping[str, tuple[str, Color]] | None = None,
) -> Panel:
    """One row for each set of labels, one column for each query (its `legend` is the header), joined by the labels."""
    return Panel(
        kind="table", title=title, unit=unit, description=description, source=source, queries=queries, width=width,
        height=height, columns=columns, sort_by=sort_by, links=tuple(links), mappings=mappings,
    )  # fmt: skip


def heatmap(
    title: str,
    query: Query,
    *,
    unit: Unit,
    description: str,
    width: int = 12,
    height: int = 8,
    links: Sequence[Link] = (),
) -> Panel:
    """A histogram's buckets over time: `sum by (le) (rate(..._bucket[...]))`. The unit is that of the buckets."""
    return Panel(
        kind="heatmap", title=title, unit=unit, description=description, source="prometheus", queries=(query,),
        width=width, height=height, links=tuple(links),
    )  # fmt: skip


def statetimeline(
    title: str,
    *queries: Query,
    unit: Unit,
    description: str,
    mappings: Mapping[str, tuple[str, Color]] | None = None,
    thresholds: tuple[Threshold, ...] = (),
    width: int = 24,
    height: int = 8,
    links: Sequence[Link] = (),
) -> Panel:
    """A band for each series, in the color of its state."""
    return Panel(
        kind="statetimeline", title=title, unit=unit, description=description, source="prometheus", queries=queries,
        width=width, height=height, mappings=mappings, thresholds=thresholds, links=tuple(links),
    )  # fmt: skip


def node_graph(
    title: str, *, nodes: Query, edges: Query, unit: Unit, description: str, width: int = 24, height: int = 16
) -> Panel:
    """Who talks to whom. `nodes` yields the label `id` (and `title`), `edges` `id`, `source` and `target`."""
    return Panel(
        kind="nodeGraph", title=title, unit=unit, description=description, source="prometheus",
        queries=(nodes, edges), width=width, height=height,
    )  # fmt: skip


def logs(
    title: str, query: Query, *, description: str, width: int = 24, height: int = 10, corner: Sequence[Link] = ()
) -> Panel:
    """Lines of Loki, the newest first."""
    return Panel(
        kind="logs", title=title, unit="logs", description=description, source="loki", queries=(query,),
        width=width, height=height, corner=tuple(corner),
    )  # fmt: skip


def errors_in_logs(description: str) -> Panel:
    """What the chosen services say of what failed."""
    query = Query(expression='{namespace=~"$namespace",app=~"$service",level=~"error|fatal"}')
    return logs("Lines of errors", query, description=description)
