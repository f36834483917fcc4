"""What the series of stand-ins count and measure: counters rise, gauges move, histograms fill their buckets."""

import math
from collections.abc import Mapping, Sequence
from functools import cache

from components.span_metrics import LATENCY_BOUNDS_MS
from rehearsal.live.cluster import digest

BEGAN_SECONDS = 86_400.0
"""For how long before the proof everything has been running, in seconds."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Bounds of a histogram of the OpenTelemetry SDKs:
https://github.com/open-telemetry/opentelemetry-specification/blob/v1.47.0/specification/metrics/sdk.md"""

_BOUNDS: Mapping[str | None, Sequence[float]] = {
    "seconds": SECONDS,
    "milliseconds": tuple(bound * 1000 for bound in SECONDS),
    "bytes": tuple(float(256 * 4**step) for step in range(8)),
    "ratio": (0.1, 0.25, 0.5, 0.75, 0.9, 1),
}
_COUNTS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 1000.0)

_FAILING = frozenset({
    "error", "failed", "failure", "false", "False", "STATUS_CODE_ERROR", "5xx", "500", "502", "503", "504", "429",
    "UNAVAILABLE", "INTERNAL", "Unavailable", "Internal", "13", "14", "drop", "retry", "rejected", "denied", "kong",
})  # fmt: skip
"""Values of labels that stand for what went wrong: it happens, and more seldom."""

_CAPACITY = ("capacity", "limit", "allocatable", "size", "_max", "hard", "_total", "backing")
_FREE = ("available", "free", "avail")
_SWITCHES = ("_up", "_ready", "success", "healthy", "reachable", "_present", "_online", "_enabled", "_leader", "active")
_LATER = ("expir", "not_after", "renewal", "next_")
_EARLIER = ("created", "start_time", "_time_seconds", "_time", "last_")


def bounds_of(exporter: str, unit: str | None) -> Sequence[float]:
    """Upper bounds of a histogram's buckets, without the infinite one: of spans those that the collector is told."""
    return LATENCY_BOUNDS_MS if exporter == "otel-spanmetrics" else _BOUNDS.get(unit, _COUNTS)


@cache
def rate(metric: str, labels: str) -> float:
    """How fast a counter rises, in units a second."""
    number = int(digest(metric, labels)[:6], 16) / 0xFFFFFF
    return 0.2 + 1.8 * number


def failing(labels: Mapping[str, str]) -> bool:
    """Whether a series counts what went wrong."""
    return any(value in _FAILING for value in labels.values())


def counter(metric: str, labels: Mapping[str, str], elapsed: float) -> float:
    """A counter after some seconds."""
    share = 0.02 if failing(labels) else 1.0
    return round(rate(metric, repr(labels)) * share * elapsed, 3)


def filled(count: int) -> list[float]:
    """Share of the observations below each of so many bounds: most are small, a few large."""
    return [1 - 0.995 * math.exp(-3.0 * (number + 1) / count) for number in range(count)]


def typical(unit: str | None) -> float:
    """Mean of a histogram's observations."""
    known = _BOUNDS.get(unit, _COUNTS)
    return known[len(known) // 3]


def gauge(metric: str, unit: str | None, phase: float, now: float, elapsed: float) -> float:
    """A gauge at a time: of what the name says it measures, moving a little where that moves."""
    if "timestamp" in metric or metric.endswith(_EARLIER) or any(word in metric for word in _LATER):
        return _moment(metric, unit, now, elapsed)
    if metric.endswith(_SWITCHES) or metric.endswith("_info"):
        return 1.0
    if "replicas" in metric or "number_" in metric:
        return 0.0 if "unavailable" in metric or "misscheduled" in metric else 2.0
    full = 8e9 if unit == "bytes" or "bytes" in metric else 1.0 if unit == "ratio" or "ratio" in metric else 100.0
    wave = 1 + 0.2 * math.sin(elapsed / 300 + phase)
    if any(word in metric for word in _FREE):
        return round(0.5 * full * wave, 6)
    if any(word in metric for word in _CAPACITY):
        return full
    return round(0.3 * full * wave, 6)


def _moment(metric: str, unit: str | None, now: float, elapsed: float) -> float:
    when = now - elapsed + BEGAN_SECONDS + 60 * 86_400 if any(word in metric for word in _LATER) else now - elapsed
    return round(when * 1000 if metric.endswith("_ms") or unit == "milliseconds" else when, 3)
