"""Where the parts of the platform find each other, and below which paths people find them.

Known before anything is released: whoever pushes or queries retries, so nothing has to wait for its other side.
"""

from components.contracts import LOGS_WRITER
from components.namespaces import MONITORING, TRACING

PROMETHEUS = "kps"
"""Release and name prefix of Prometheus, Alertmanager and Grafana."""

LOKI = "loki"
"""Release and name prefix of Loki."""

OTEL_COLLECTOR = "otel-collector"
"""Release and Service of the OpenTelemetry Collector."""

JAEGER = "jaeger"
"""Release and Service of Jaeger."""

GRAFANA_PATH = "/grafana"
PROMETHEUS_PATH = "/prometheus"
ALERTMANAGER_PATH = "/alertmanager"
JAEGER_PATH = "/jaeger"


def monitoring_host(domain: str) -> str:
    """The host that shows metrics, logs, traces and alerts, below the domain of the stack."""
    return f"monitoring.{domain}"


def prometheus_url() -> str:
    """Where metrics are asked for."""
    return f"http://{PROMETHEUS}-prometheus.{MONITORING}.svc:9090{PROMETHEUS_PATH}"


def alertmanager_url() -> str:
    """Where silences are made and alerts listed."""
    return f"http://{PROMETHEUS}-alertmanager.{MONITORING}.svc:9093{ALERTMANAGER_PATH}"


def prometheus_replicas(count: int) -> list[str]:
    """Each Prometheus by itself, for what is pushed: replicas share nothing, so each needs every sample.

    The chart calls the object by the name prefix alone (`cleanPrometheusOperatorObjectNames`), and the operator calls
    the pods `prometheus-<object>-<number>`.
    """
    pods = (f"prometheus-{PROMETHEUS}-{number}" for number in range(count))
    return [f"http://{pod}.prometheus-operated.{MONITORING}.svc:9090{PROMETHEUS_PATH}" for pod in pods]


def loki_url() -> str:
    """Where logs are sent and asked for."""
    return f"http://{LOKI}-gateway.{LOGS_WRITER.namespace}.svc"


def collector_url() -> str:
    """Where services send traces, metrics and logs as OTLP over HTTP; over gRPC it is port 4317."""
    return f"http://{OTEL_COLLECTOR}.{TRACING}.svc:4318"


def jaeger_url() -> str:
    """Where traces are asked for."""
    return f"http://{JAEGER}.{TRACING}.svc:16686{JAEGER_PATH}"


def jaeger_otlp() -> str:
    """Where the collector sends traces, as `host:port` of OTLP over gRPC."""
    return f"{JAEGER}.{TRACING}.svc:4317"
