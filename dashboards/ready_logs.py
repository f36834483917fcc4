"""The ready queries of logs as panels, and as links to Explore."""

from components.platform.log_queries import LOG_QUERIES, explore_links
from dashboards.links import Link
from dashboards.panels import Panel, Query, Unit, logs, timeseries

BY_NAME = {query.name: query for query in LOG_QUERIES}


def ready(name: str, *, legend: str = "", unit: Unit = "short", width: int = 24, height: int = 10) -> Panel:
    """The panel of a ready query: its lines, or its numbers over time."""
    query = BY_NAME[name]
    asked = Query(expression=query.logql, legend=legend)
    if query.gives == "lines":
        return logs(query.title, asked, description=query.answers, width=width, height=height)
    return timeseries(
        query.title, asked, unit=unit, description=query.answers, width=width, height=height, source="loki"
    )


def all_ready() -> tuple[Link, ...]:
    """A link to Explore for each ready query that needs no id, of all namespaces and services."""
    return tuple(Link(title=title, url=url) for title, url in explore_links({}).items())
