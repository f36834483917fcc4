"""Which metrics there are: the committed list of what the deployed exporters expose, each with its source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).with_name("metrics")
"""One file for each exporter: version, source, how it is scraped, its metrics."""

Kind = Literal["counter", "gauge", "histogram", "summary", "info", "stateset", "untyped"]

_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("", "_sum", "_count"),
}
"""Series of a metric by its kind, where they are not called like it."""

_OWN_LABEL: Mapping[str, str] = {"_bucket": "le", "": "quantile"}
"""The label that a series has for its suffix, within histograms and summaries."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of one exporter."""

    name: str
    exporter: str
    kind: Kind
    labels: frozenset[str]
    """What the exporter itself puts on it; the scrape adds more."""

    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Series:
    """What a query can name: a metric, or one of the series that a histogram consists of."""

    name: str
    metric: Metric
    labels: frozenset[str]


@cache
def metrics() -> Mapping[str, tuple[Metric, ...]]:
    """Every metric by name. Several exporters may have one of the same name."""
    found: dict[str, tuple[Metric, ...]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        for name, facts in json.loads(path.read_text(encoding="utf-8"))["metrics"].items():
            found[name] = (*found.get(name, ()), metric_of(path.stem, name, facts))
    return found


def metric_of(exporter: str, name: str, facts: Mapping[str, Any]) -> Metric:
    """A metric of what an exporter's file says of it."""
    return Metric(
        name=name,
        exporter=exporter,
        kind=facts["type"],
        labels=frozenset(facts["labels"]),
        unit=facts.get("unit"),
        note=facts.get("note"),
    )


def names(metric: Metric) -> tuple[str, ...]:
    """What the series of a metric are called."""
    return tuple(f"{metric.name}{suffix}" for suffix in _SUFFIXES.get(metric.kind, ("",)))


@cache
def series() -> Mapping[str, tuple[Series, ...]]:
    """Everything that a query can name, by name."""
    found: dict[str, tuple[Series, ...]] = {}
    for named in metrics().values():
        for metric in named:
            for name in names(metric):
                suffix = name.removeprefix(metric.name)
                own = {_OWN_LABEL[suffix]} if metric.kind in _SUFFIXES and suffix in _OWN_LABEL else set[str]()
                one = Series(name=name, metric=metric, labels=metric.labels | own)
                found[name] = (*found.get(name, ()), one)
    return found


@cache
def not_exposed() -> Mapping[str, str]:
    """Names that are often asked for and that no exporter has, each with what is there instead."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8")).get("not_exposed", {})
    return found
