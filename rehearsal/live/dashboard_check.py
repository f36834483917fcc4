"""Every query of every panel, asked as Grafana asks it: without an error, and with data."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.live.prometheus_client import PrometheusClient, QueryError, Result
from rehearsal.live.report import Outcome, Row
from rehearsal.live.variables import Options, Times, VariableError, options, replaced

RIGHTLY_EMPTY: Mapping[tuple[str, str], str] = {}
"""Why a panel shows nothing where all is well, by uid and title."""

Object = Mapping[str, Any]
AskLogs = Callable[[str, Times, bool], list[Result]]
"""Asks Loki a query, over a stretch of time or at its end."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the panels ask."""

    prometheus: PrometheusClient
    logs: AskLogs | None
    times: Times
    looked_up: str = ""
    """What is typed into a field that is empty: an id that is in the logs."""


def check(dashboards: Mapping[str, Object], sources: Sources) -> list[Row]:
    """One row for each variable and each panel."""
    return [row for uid in sorted(dashboards) for row in _dashboard(uid, dashboards[uid], sources)]


def panels(dashboard: Object) -> Iterator[Object]:
    """The panels that ask something, also those of rows that are folded."""
    for panel in dashboard.get("panels", ()):
        if panel.get("targets"):
            yield panel
        yield from panels(panel)


def _dashboard(uid: str, dashboard: Object, sources: Sources) -> Iterator[Row]:
    chosen: dict[str, str] = {}
    for variable in dashboard.get("templating", {}).get("list", ()):
        chosen[variable["name"]] = _everything(variable) or sources.looked_up
        if variable["type"] == "query":
            yield _variable(uid, variable, chosen, sources)
    for annotation in dashboard.get("annotations", {}).get("list", ()):
        if annotation.get("expr"):
            yield _annotation(uid, annotation, chosen, sources)
    for panel in panels(dashboard):
        yield _panel(uid, panel, chosen, sources)


def _everything(variable: Object) -> str:
    """What is chosen at first: all, or what stands in the field."""
    if variable["type"] == "query":
        return variable.get("allValue") or ".*"
    query = variable.get("query", "")
    return str(variable.get("current", {}).get("value") or (query if isinstance(query, str) else ""))


def _variable(uid: str, variable: Object, chosen: Mapping[str, str], sources: Sources) -> Row:
    given = variable["query"]
    query = given if isinstance(given, str) else given["query"]
    name = f"${variable['name']}"
    of_logs = (variable.get("datasource") or {}).get("uid") == "loki"
    if of_logs and sources.logs is None:
        return Row(subject=uid, name=name, outcome="ok", told="not asked: logs are left out")
    try:
        wanted = options(replaced(query, chosen, sources.times))
        found = _options_of_logs(wanted, sources) if of_logs else _options(wanted, sources)
    except (QueryError, VariableError) as error:
        return Row(subject=uid, name=name, outcome="FAIL", told=f"{error} | {query}")
    if not found:
        return Row(subject=uid, name=name, outcome="FAIL", told=f"no options | {query}")
    return Row(subject=uid, name=name, outcome="ok", told=f"{len(found)} options: {', '.join(found)}"[:120])


def _options(wanted: Options, sources: Sources) -> list[str]:
    if wanted.label is None:
        return [str(dict(one.labels)) for one in sources.prometheus.instant(wanted.series, sources.times.end)]
    answered = sources.prometheus.get(
        "/api/v1/series", **{"match[]": wanted.series or '{__name__=~".+"}', "start": str(sources.times.start)}
    )
    return sorted({series[wanted.label] for series in answered if wanted.label in series})


def _options_of_logs(wanted: Options, sources: Sources) -> list[str]:
    assert sources.logs is not None
    label, span = wanted.label, sources.times.built_in["__range"]
    answered = sources.logs(f"sum by ({label}) (count_over_time({wanted.series}[{span}]))", sources.times, True)
    return sorted({dict(one.labels)[label] for one in answered if label and label in dict(one.labels)})


def _annotation(uid: str, annotation: Object, chosen: Mapping[str, str], sources: Sources) -> Row:
    """An annotation marks what seldom happens: it has to be a sound query, and may find nothing."""
    name = f"@{annotation['name']}"
    try:
        query = replaced(annotation["expr"], chosen, sources.times)
        found = _asked(query, sources, instant=False)
    except (QueryError, VariableError) as error:
        return Row(subject=uid, name=name, outcome="FAIL", told=f"{error} | {annotation['expr']}")
    return Row(subject=uid, name=name, outcome="ok", told=f"{len(found)} series")


def _panel(uid: str, panel: Object, chosen: Mapping[str, str], sources: Sources) -> Row:
    title = str(panel.get("title", panel["id"]))
    told: list[str] = []
    problems: list[str] = []
    for target in panel["targets"]:
        problem, seen = _target(panel, target, chosen, sources)
        told.append(seen)
        if problem:
            problems.append(f"{target.get('refId', '?')}: {problem} | {target.get('expr', '')}")
    outcome: Outcome = "FAIL" if problems else "ok"
    why = RIGHTLY_EMPTY.get((uid, title))
    if problems and why and all("no data" in one for one in problems):
        outcome, problems = "empty", [why]
    return Row(subject=uid, name=title, outcome=outcome, told=" || ".join(problems) or ", ".join(told))


def _target(panel: Object, target: Object, chosen: Mapping[str, str], sources: Sources) -> tuple[str, str]:
    """What is wrong with one query, or nothing; and what it found."""
    source = (target.get("datasource") or panel.get("datasource") or {}).get("uid")
    if source not in ("prometheus", "loki"):
        return f"asks the unknown data source {source}", ""
    if source == "loki" and sources.logs is None:
        return "", "not asked: logs are left out"
    try:
        query = replaced(target["expr"], chosen, sources.times)
        instant = bool(target.get("instant")) or target.get("queryType") == "instant"
        if source == "loki":
            assert sources.logs is not None
            found = sources.logs(query, sources.times, instant)
        else:
            found = _asked(query, sources, instant=instant)
    except (QueryError, VariableError) as error:
        return str(error), ""
    points = sum(not math.isnan(value) for series in found for _, value in series.samples)
    return ("" if points else "no data"), f"{len(found)} series, {points} points"


def _asked(query: str, sources: Sources, *, instant: bool) -> Sequence[Result]:
    times = sources.times
    if instant:
        return sources.prometheus.instant(query, times.end)
    return sources.prometheus.over(query, times.start, times.end, times.interval)
