"""Grafana's variables in the queries of a dashboard, replaced as Grafana does.

https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\$(?P<plain>\w+)|\[\[(?P<old>\w+)\]\]")
_SPECIAL = re.compile(r"([.*+?^${}()|\[\]\\/])")
_LABEL_VALUES = re.compile(r"label_values\(\s*(?:(?P<series>.+),)?\s*(?P<label>\w+)\s*\)", re.DOTALL)
_QUERY_RESULT = re.compile(r"query_result\((?P<query>.+)\)", re.DOTALL)


class VariableError(ValueError):
    """A query names a variable that its dashboard does not have."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """The stretch of time that a dashboard shows."""

    start: float
    end: float
    scrape_interval: float
    """Seconds between two scrapes, as the data source is told."""

    points: int = 200
    """How many points a panel asks for: its width."""

    @property
    def interval(self) -> float:
        """Seconds between two points, no fewer than between two scrapes."""
        return max(self.scrape_interval, round((self.end - self.start) / self.points))

    @property
    def built_in(self) -> Mapping[str, str]:
        """Grafana's own variables."""
        span, interval = round(self.end - self.start), round(self.interval)
        # https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval
        rate = round(max(interval + self.scrape_interval, 4 * self.scrape_interval))
        return {
            "__interval": f"{interval}s",
            "__interval_ms": str(interval * 1000),
            "__auto": f"{interval}s",
            "__rate_interval": f"{rate}s",
            "__rate_interval_ms": str(rate * 1000),
            "__range": f"{span}s",
            "__range_s": str(span),
            "__range_ms": str(span * 1000),
            "__from": str(round(self.start * 1000)),
            "__to": str(round(self.end * 1000)),
        }


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where a variable's options come from."""

    label: str | None
    """The label whose values they are; None for the results of a query."""
    series: str
    """The series that carry it, or the query; empty for every series."""


def options(query: str) -> Options:
    """What a variable's query asks for. Raises `VariableError`."""
    if found := _LABEL_VALUES.fullmatch(query.strip()):
        return Options(label=found["label"], series=(found["series"] or "").strip())
    if found := _QUERY_RESULT.fullmatch(query.strip()):
        return Options(label=None, series=found["query"].strip())
    raise VariableError(f"not a query for a variable's options: {query}")


def replaced(query: str, chosen: Mapping[str, Sequence[str] | str], times: Times) -> str:
    """The query with every variable's value. Several values become a pattern. Raises `VariableError`."""
    built_in = times.built_in

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"] or found["old"]
        if name in built_in:
            return built_in[name]
        if name not in chosen:
            if found["plain"] and name.isdigit():
                return found[0]  # a group of label_replace, such as $1
            raise VariableError(f"${name} is no variable of the dashboard")
        return _formatted(chosen[name], found["format"])

    return _VARIABLE.sub(value, query)


def _formatted(chosen: Sequence[str] | str, format_: str | None) -> str:
    if isinstance(chosen, str):
        return chosen
    match format_:
        case "pipe":
            return "|".join(chosen)
        case "csv" | "raw":
            return ",".join(chosen)
        case None | "regex":
            escaped = [_SPECIAL.sub(r"\\\\\1", one) for one in chosen]
            return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
        case _:
            raise VariableError(f"unknown format of a variable: {format_}")
