"""Where the parts of the platform find each other, and below which paths people find them.

Known before anything is released: whoever pushes or queries retries, so nothing has to wait for its other side.
"""

from components.namespaces import MONITORING

PROMETHEUS = "kps"
"""Release and name prefix of Prometheus, Alertmanager and Grafana."""

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
    """Each Prometheus by itself, for what is pushed: replicas share nothing, so each needs every sample."""
    pods = (f"prometheus-{PROMETHEUS}-prometheus-{number}" for number in range(count))
    return [f"http://{pod}.prometheus-operated.{MONITORING}.svc:9090{PROMETHEUS_PATH}" for pod in pods]
