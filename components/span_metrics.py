"""Span metrics: what the collector counts of the spans of services, as it and the objectives of services agree on it.

https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/spanmetricsconnector
"""

CALLS = "traces_span_metrics_calls_total"
"""Spans, by service, name, kind and status."""

DURATION = "traces_span_metrics_duration_milliseconds"
"""How long they took, a histogram."""

LATENCY_BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2500, 5000, 10000)
"""Upper bounds of the histogram's buckets, in milliseconds: only these can be told apart."""


def job(workload: str, service: str) -> str:
    """The `job` of a service's series, as Prometheus makes it of `service.namespace` and `service.name`.

    https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
    """
    return f"{workload}/{service}"
