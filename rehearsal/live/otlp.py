"""What services push by OTLP: the stand-ins' metrics of OpenTelemetry, as JSON over HTTP.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rehearsal.live import samples
from rehearsal.live.exporters import Target
from rehearsal.live.exposition import Clock
from rehearsal.live.generator import Line
from rehearsal.live.prometheus_client import PrometheusClient

PATH = "/api/v1/otlp/v1/metrics"

UNITS: Mapping[str | None, str] = {"seconds": "s", "milliseconds": "ms", "bytes": "By", "ratio": "1", None: ""}
"""UCUM's name of a unit: Prometheus makes the end of a metric's name of it.

https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
"""

_CUMULATIVE = 2
_FROM_THE_RESOURCE = frozenset({"job", "instance", "k8s_namespace_name", "service_name"})
_AT_ONCE = 40
"""Metrics of one request."""


def push(client: PrometheusClient, target: Target, lines: Iterable[Line], clocks: Sequence[Clock]) -> None:
    """Sends the series of a target, at each moment."""
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        if line.metric.name != "target_info":  # Prometheus makes it of the resource
            by_name.setdefault(line.metric.name, []).append(line)
    metrics = [_metric(group, clocks) for group in by_name.values()]
    for start in range(0, len(metrics), _AT_ONCE):
        body = json.dumps(_request(target, metrics[start : start + _AT_ONCE])).encode()
        client.post(PATH, body, {"Content-Type": "application/json"})


def _request(target: Target, metrics: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    namespace, _, service = target.labels["job"].partition("/")
    resource = {
        "service.namespace": namespace,
        "service.name": service,
        "service.instance.id": target.labels["instance"],
        "k8s.namespace.name": target.labels["k8s_namespace_name"],
    }
    return {
        "resourceMetrics": [
            {"resource": {"attributes": _attributes(resource)}, "scopeMetrics": [{"metrics": list(metrics)}]}
        ]
    }


def _metric(lines: Sequence[Line], clocks: Sequence[Clock]) -> dict[str, Any]:
    metric = lines[0].metric
    points = [point for line in lines for point in _points(line, clocks)]
    unit = UNITS.get(metric.unit, "")
    # The receiver adds what the kind and the unit bring: the name that is sent lacks it.
    name = metric.name.removesuffix("_total") if metric.kind == "counter" else metric.name
    name = name.removesuffix(f"_{metric.unit}") if metric.unit else name
    if metric.kind == "histogram":
        shape = {"histogram": {"aggregationTemporality": _CUMULATIVE, "dataPoints": points}}
    elif metric.kind == "counter":
        shape = {"sum": {"aggregationTemporality": _CUMULATIVE, "isMonotonic": True, "dataPoints": points}}
    else:
        shape = {"gauge": {"dataPoints": points}}
    return {"name": name, "unit": unit, **shape}


def _points(line: Line, clocks: Sequence[Clock]) -> Iterator[dict[str, Any]]:
    own = {key: value for key, value in line.labels.items() if key not in _FROM_THE_RESOURCE}
    if "service_name" in line.metric.labels:
        own["service.name"] = line.labels["service_name"]
    for clock in clocks:
        point: dict[str, Any] = {
            "attributes": _attributes(own),
            "startTimeUnixNano": _nano(clock.began),
            "timeUnixNano": _nano(clock.now),
        }
        if line.metric.kind == "histogram":
            yield {**point, **_histogram(line, clock)}
        elif line.metric.kind == "counter":
            yield {**point, "asDouble": samples.counter(line.metric.name, line.labels, clock.elapsed)}
        else:
            value = line.value
            if value is None:
                value = samples.gauge(line.metric.name, line.metric.unit, line.phase, clock.now, clock.elapsed)
            yield {**point, "asDouble": value}


def _histogram(line: Line, clock: Clock) -> dict[str, Any]:
    unit = line.metric.unit
    bounds = samples.bounds_of(line.metric.exporter, unit)
    count = int(samples.counter(line.metric.name, line.labels, clock.elapsed))
    below = [int(count * share) for share in samples.filled(len(bounds))]
    counts = [after - before for before, after in zip([0, *below], [*below, count], strict=True)]
    typical = samples.typical(unit)
    exemplar = {
        "timeUnixNano": _nano(clock.now),
        "asDouble": typical,
        "traceId": line.trace_id,
        "spanId": (line.trace_id or "")[:16],
    }
    return {
        "count": str(count),
        "sum": count * typical,
        "bucketCounts": [str(number) for number in counts],
        "explicitBounds": [float(bound) for bound in bounds],
        "exemplars": [exemplar] if line.trace_id else [],
    }


def _attributes(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def _nano(seconds: float) -> str:
    return str(int(seconds * 1000) * 1_000_000)
