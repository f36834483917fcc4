"""How the collector names what it passes on: the source of everything, the labels of span metrics and of logs."""

from typing import Any

from components.span_metrics import LATENCY_BOUNDS_MS

Config = dict[str, Any]

SERIES_OF_A_SERVICE = 2000
"""Most series of one service; what comes after is counted as one, marked `otel_metric_overflow`. Span names that hold
an identifier would otherwise never end."""

FLUSH_SECONDS = 30
"""Seconds between two samples of a span metric, as between two scrapes."""

JOB = "prometheus.job"
"""Resource attribute of a trace: the label `job` of the metrics of the same service."""

_POD_NAME = "${env:OTEL_K8S_POD_NAME}"
"""The chart sets it."""

_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
"""By severity number, four numbers each: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber"""


def resource(environment: str) -> Config:
    """Fills in what a service does not say of itself. Prometheus makes `job` of `service.namespace` and `service.name`,
    and `instance` of `service.instance.id`.
    """
    return {
        "attributes": [
            {"key": "service.namespace", "from_attribute": "k8s.namespace.name", "action": "insert"},
            {"key": "service.instance.id", "from_attribute": "k8s.pod.name", "action": "insert"},
            {"key": "deployment.environment.name", "value": environment, "action": "insert"},
        ]
    }


def spans() -> Config:
    """One name for the status of HTTP, whichever conventions a library follows, and the `job` that Prometheus will make
    of the source: a trace leads to metrics by it.

    https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/
    """
    new, old = 'span.attributes["http.response.status_code"]', 'span.attributes["http.status_code"]'
    job, namespace, service = (f'resource.attributes["{name}"]' for name in (JOB, "service.namespace", "service.name"))
    return {
        "error_mode": "ignore",
        "trace_statements": [
            f"set({new}, {old}) where {new} == nil and {old} != nil",
            f'set({job}, Concat([{namespace}, {service}], "/")) where {namespace} != nil',
        ],
    }


def span_metrics() -> Config:
    """Requests, errors and durations of every span, with exemplars that lead to traces.

    https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.158.0/connector/spanmetricsconnector
    """
    return {
        "namespace": "traces.span.metrics",
        "histogram": {"unit": "ms", "explicit": {"buckets": [f"{bound}ms" for bound in LATENCY_BOUNDS_MS]}},
        "dimensions": [{"name": "http.route"}, {"name": "http.response.status_code"}],
        # The identifier of the collector is the instance; see span_metrics_resource.
        "exclude_dimensions": ["collector.instance.id"],
        "resource_metrics_key_attributes": ["service.name", "service.namespace", "k8s.namespace.name"],
        "aggregation_cardinality_limit": SERIES_OF_A_SERVICE,
        "exemplars": {"enabled": True},
        "metrics_flush_interval": f"{FLUSH_SECONDS}s",
        "metrics_expiration": "1h",
        "series_expiration": "1h",
    }


def span_metrics_resource() -> Config:
    """A service's span metrics belong to the service, not to the pod whose span came first; and each collector counts
    for itself, so its name is the instance: no two of them write the same series.
    """
    kept = '["service.name", "service.namespace", "k8s.namespace.name", "deployment.environment.name"]'
    return {
        "error_mode": "ignore",
        "metric_statements": [
            f"keep_keys(resource.attributes, {kept})",
            f'set(resource.attributes["service.instance.id"], "{_POD_NAME}")',
        ],
    }


def labels_of_logs() -> Config:
    """Gives what comes over OTLP the labels that the agents on the nodes give to what pods write."""
    sources = {
        "namespace": "k8s.namespace.name",
        "pod": "k8s.pod.name",
        "container": "k8s.container.name",
        "app": "service.name",
    }
    labels = [
        f'set(resource.attributes["{label}"], resource.attributes["{source}"]) where resource.attributes["{source}"] '
        "!= nil"
        for label, source in sources.items()
    ]
    levels = [
        f'set(log.attributes["level"], "{level}") where log.severity_number >= {1 + 4 * number} '
        f"and log.severity_number <= {4 + 4 * number}"
        for number, level in enumerate(_LEVELS)
    ]
    return {"error_mode": "ignore", "log_statements": [*labels, *levels]}
