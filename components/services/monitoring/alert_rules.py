"""Bounds of services as Prometheus rules: alerts about how many requests fail now, and how long they take."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.services.model import ServiceSpec, WorkloadSpec
from components.services.monitoring.alert_model import ServiceAlerts
from components.services.monitoring.slo_indicators import server_spans
from components.span_metrics import CALLS, DURATION

RUNBOOK: Final = "docs/runbooks/service-bounds.md"

Rule = dict[str, Any]


def alert_groups(workload: str, spec: WorkloadSpec, runbooks: str) -> list[dict[str, Any]]:
    """A group of rules for each service that has bounds.

    `runbooks` is the address of the repository's files, which the links to the runbook begin with.
    """
    link = f"{runbooks.rstrip('/')}/{RUNBOOK}"
    common = {
        "severity": "warning",
        "component": "application",
        "team": spec.team_label(workload),
        "namespace": workload,
    }
    return [
        {
            "name": f"{name}-bounds",
            "interval": "30s",
            "rules": list(_rules(workload, name, service, service.alerts, common, link)),
        }
        for name, service in spec.services.items()
        if service.alerts is not None
    ]


def _rules(
    workload: str, name: str, service: ServiceSpec, alerts: ServiceAlerts, common: Mapping[str, str], link: str
) -> Iterator[Rule]:
    labels = {**common, "service": name}
    if alerts.error_percent is not None:
        percent = f"{alerts.error_percent:g}"
        failed = server_spans(workload, name, service, status_code="STATUS_CODE_ERROR")
        every = f"sum(rate({CALLS}{server_spans(workload, name, service)}[5m]))"
        yield {
            "alert": "ServiceErrorsAboveBound",
            "expr": f"sum(rate({CALLS}{failed}[5m])) / {every} > {alerts.error_percent / 100:.7g}",
            "for": alerts.wait,
            "labels": labels,
            "annotations": {
                "summary": f"{workload}/{name} fails more often than it may",
                "description": f"{{{{ $value | humanizePercentage }}}} of the requests to {workload}/{name} end in an "
                f"error, and more than {percent} % have for {alerts.wait}.",
                "runbook_url": f"{link}#serviceerrorsabovebound",
            },
        }
    if alerts.latency_p95_ms is not None:
        spans = server_spans(workload, name, service)
        yield {
            "alert": "ServiceLatencyAboveBound",
            "expr": f"histogram_quantile(0.95, sum by (le) (rate({DURATION}_bucket{spans}[5m])))"
            f" > {alerts.latency_p95_ms}",
            "for": alerts.wait,
            "labels": labels,
            "annotations": {
                "summary": f"{workload}/{name} answers more slowly than it may",
                "description": f"5 of 100 requests to {workload}/{name} take {{{{ $value | humanize }}}} ms or longer; "
                f"for {alerts.wait} it has been more than {alerts.latency_p95_ms} ms.",
                "runbook_url": f"{link}#servicelatencyabovebound",
            },
        }
