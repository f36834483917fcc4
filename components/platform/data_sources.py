"""Grafana's data sources, and the ways between them: log line to trace, trace to logs, exemplar to trace, trace to
metrics.

Grafana replaces what follows a `$` in a provisioning file by the environment, so each that it shall see is doubled.
https://grafana.com/docs/grafana/latest/administration/provisioning/#using-environment-variables
The chart fills in what stands in double braces, so none of these texts has them.
"""

from typing import Any

from components.platform.addresses import alertmanager_url, jaeger_url, loki_url, prometheus_url
from components.platform.otel_collector_telemetry import FLUSH_SECONDS, JOB
from components.span_metrics import CALLS, DURATION

DataSource = dict[str, Any]

PROMETHEUS, LOKI, JAEGER, ALERTMANAGER = "prometheus", "loki", "jaeger", "alertmanager"
"""Their uids, by which dashboards and links name them."""

BUILT_IN = {"defaultDatasourceEnabled": False}
"""`sidecar.datasources` of the Grafana chart: without Prometheus and Alertmanager as kube-prometheus-stack would add
them, since only one data source can be the default."""

MINUTES_AROUND = 30
"""How far before and after a span its logs and metrics are looked for: clocks differ, and samples come later."""


def data_sources() -> list[DataSource]:
    """All of them, as the chart's `grafana.additionalDataSources` wants them."""
    return [prometheus(), loki(), jaeger(), alertmanager()]


def prometheus() -> DataSource:
    """Metrics. An exemplar names its trace in the label that OTLP and OpenMetrics have for it."""
    return {
        **_source("Prometheus", PROMETHEUS, prometheus_url()),
        "isDefault": True,
        "jsonData": {
            "httpMethod": "POST",
            "prometheusType": "Prometheus",
            # The shortest step of a graph: samples come no faster.
            "timeInterval": f"{FLUSH_SECONDS}s",
            "exemplarTraceIdDestinations": [
                {"name": "trace_id", "datasourceUid": JAEGER, "urlDisplayLabel": "Show the trace"}
            ],
        },
    }


def loki() -> DataSource:
    """Logs. A line's trace is in its structured metadata."""
    return {
        **_source("Loki", LOKI, loki_url()),
        "jsonData": {
            "derivedFields": [
                {
                    "name": "Trace",
                    "matcherType": "label",
                    "matcherRegex": "trace_id",
                    "datasourceUid": JAEGER,
                    "url": "$${__value.raw}",
                    "urlDisplayLabel": "Show the trace",
                }
            ]
        },
    }


def jaeger() -> DataSource:
    """Traces. From a span to the lines that its pod wrote for the trace, and to the rates of its service."""
    around = {"spanStartTimeShift": f"-{MINUTES_AROUND}m", "spanEndTimeShift": f"{MINUTES_AROUND}m"}
    return {
        **_source("Jaeger", JAEGER, jaeger_url()),
        "jsonData": {
            "tracesToLogsV2": {
                "datasourceUid": LOKI,
                **around,
                "tags": [_tag("k8s.namespace.name", "namespace"), _tag("k8s.pod.name", "pod")],
                "customQuery": True,
                "query": '{$${__tags}} | trace_id="$${__trace.traceId}"',
            },
            "tracesToMetrics": {
                "datasourceUid": PROMETHEUS,
                **around,
                "tags": [_tag(JOB, "job")],
                "queries": [{"name": name, "query": query} for name, query in span_queries("$$__tags").items()],
            },
            "traceQuery": {"timeShiftEnabled": True, **around},
            "nodeGraph": {"enabled": True},
        },
    }


def span_queries(tags: str) -> dict[str, str]:
    """What a span leads to, by the name of the link: rate, errors and duration of what its service serves."""
    served = f'{tags}, span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'
    rate, errors = f"rate({CALLS}{{{served}}}[5m])", f'rate({CALLS}{{{served}, status_code="STATUS_CODE_ERROR"}}[5m])'
    buckets = f"rate({DURATION}_bucket{{{served}}}[5m])"
    return {
        "Requests per second": f"sum by (span_name) ({rate})",
        "Share of errors": f"sum by (span_name) ({errors}) / sum by (span_name) ({rate})",
        "95th percentile of the duration": f"histogram_quantile(0.95, sum by (le, span_name) ({buckets}))",
    }


def alertmanager() -> DataSource:
    """Alerts and silences. Grafana makes no alerts of its own."""
    return {
        **_source("Alertmanager", ALERTMANAGER, alertmanager_url()),
        "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    }


def _source(name: str, uid: str, url: str) -> DataSource:
    return {"name": name, "uid": uid, "type": uid, "access": "proxy", "url": url}


def _tag(attribute: str, label: str) -> dict[str, str]:
    return {"key": attribute, "value": label}
