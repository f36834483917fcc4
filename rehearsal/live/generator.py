"""Series that stand in for those of an exporter: names and labels come from the carried list of what it exposes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rehearsal.live.cluster import digest
from rehearsal.live.exporters import Target
from rehearsal.live.identities import rows
from rehearsal.live.label_values import carried
from signals.exposed import Metric, metrics
from signals.targets import TARGETS

DROPPED = "DROPPED"
"""Word of a metric's note: its monitor throws it away."""

_STATES: Mapping[str, str] = {
    "kube_node_status_condition": "Ready",
    "kube_deployment_status_condition": "Available",
    "kube_horizontalpodautoscaler_status_condition": "AbleToScale",
}
"""The condition of an object that is well; the others are false."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series of a plain metric, or all of a histogram's or summary's that share labels."""

    metric: Metric
    labels: Mapping[str, str]
    value: float | None = None
    """What it always is; None where it moves."""

    trace_id: str | None = None
    """Trace of the observations that carry an exemplar."""

    @property
    def phase(self) -> float:
        """Where in its wave a gauge is."""
        return int(digest(self.metric.name, repr(self.labels))[:4], 16) / 10_000


def exposed(exporter: str) -> list[Metric]:
    """The metrics of an exporter that arrive."""
    there = (metric for named in metrics().values() for metric in named if metric.exporter == exporter)
    return sorted((one for one in there if DROPPED not in (one.note or "")), key=lambda one: one.name)


def lines(target: Target) -> Iterator[Line]:
    """Everything that a target tells."""
    for metric in exposed(target.exporter):
        yield from _lines(target, metric)


def trace_id(metric: str, labels: Mapping[str, str]) -> str:
    """The trace of a series' exemplars."""
    return digest("trace", metric, repr(labels))[:32]


def _lines(target: Target, metric: Metric) -> Iterator[Line]:
    pushed = TARGETS.get(target.exporter)
    extra = pushed.labels - target.labels.keys() if pushed and target.exporter == "otel-spanmetrics" else frozenset()
    labels = metric.labels | extra
    for number, row in enumerate(rows(target.exporter, labels, target.own)):
        for combination in carried().combinations(target.exporter, metric.name, labels - row.keys()):
            found = {label: value for label, value in {**row, **combination}.items() if value}
            yield Line(
                metric=metric,
                labels=found,
                value=_state(metric, found, number, combination),
                trace_id=trace_id(metric.name, found) if _has_exemplars(metric, target) else None,
            )


def _has_exemplars(metric: Metric, target: Target) -> bool:
    application = target.labels.get("namespace") == "todo" or "k8s_namespace_name" in target.labels
    return application and metric.kind == "histogram" and metric.unit in ("seconds", "milliseconds")


def _state(metric: Metric, labels: Mapping[str, str], row: int, combination: Mapping[str, str]) -> float | None:
    """0 or 1 where a series says whether something is in a state; most things are well, a few are not."""
    if metric.kind in ("info", "stateset"):
        return 1.0
    if "condition" in combination and "status" in combination:
        well = combination["condition"] == _STATES.get(metric.name)
        return float((combination["status"].lower() == "true") == (well or row % 5 == 4))
    states = [label for label in combination if metric.name.endswith((f"_{label}", "_cb_state", "_ready_status"))]
    if metric.kind != "gauge" or not states:
        return None
    label = states[0] if "status" not in combination else "status"
    possible: Sequence[str] = carried().of(metric.exporter, metric.name, label) or (labels[label],)
    current = possible[row // 5 % len(possible)] if row % 5 == 4 else possible[0]
    return float(labels[label] == current)
