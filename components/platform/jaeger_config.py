"""Jaeger's own configuration: where it takes traces in, keeps them, and shows them.

Jaeger is built on the OpenTelemetry Collector: https://www.jaegertracing.io/docs/2.19/deployment/configuration/
"""

import json
import re
from typing import Any
from urllib.parse import quote

from components.platform.addresses import GRAFANA_PATH, JAEGER_PATH, prometheus_url
from components.platform.otel_collector_config import BATCH, MESSAGE_MIB, metrics_reader
from stacks.observability import TraceStore

Config = dict[str, Any]

PASSWORD_VARIABLE = "TRACE_STORE_PASSWORD"
"""Variable that holds the password of an external store: the configuration lies in a ConfigMap."""

DATA = "/badger"
"""Where the volume is mounted."""

KEYSPACE = "jaeger"
"""Keyspace in Cassandra. Whoever runs it creates it, with the time to live of traces in it.
https://www.jaegertracing.io/docs/2.19/storage/cassandra/"""

_ANYWHERE = "0.0.0.0"
"""A receiver binds the loopback interface alone where it is not told otherwise, and so do the probes' endpoint and the
metrics."""


def jaeger_config(retention_days: int, store: TraceStore | None) -> Config:
    """The whole of it: what the chart would fill in is replaced as soon as something is given."""
    extensions = {
        # Started in this order, each after those that it names.
        **basic_auth(store),
        "healthcheckv2": {"use_v2": True, "http": {"endpoint": f"{_ANYWHERE}:13133"}},
        "jaeger_storage": {
            "backends": {"traces": badger(retention_days) if store is None else external(store)},
            "metric_backends": {"metrics": span_metrics()},
        },
        "jaeger_query": {
            "base_path": JAEGER_PATH,
            "http": {"endpoint": f"{_ANYWHERE}:16686"},
            "grpc": {"endpoint": f"{_ANYWHERE}:16685"},
            "ui": {"config_file": "/etc/jaeger/ui-config.json"},
            "storage": {"traces": "traces", "metrics": "metrics"},
        },
    }
    return {
        "extensions": extensions,
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"{_ANYWHERE}:4317", "max_recv_msg_size_mib": MESSAGE_MIB},
                    "http": {"endpoint": f"{_ANYWHERE}:4318"},
                }
            }
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
            "batch": dict(BATCH),
        },
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "traces"}},
        "service": {
            "extensions": list(extensions),
            "telemetry": {
                "resource": {"service.name": "jaeger"},
                "logs": {"encoding": "json"},
                "metrics": {"level": "detailed", "readers": [metrics_reader(_ANYWHERE)]},
            },
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "batch"],
                    "exporters": ["jaeger_storage_exporter"],
                }
            },
        },
    }


def badger(retention_days: int) -> Config:
    """A database in files, for one Jaeger: https://www.jaegertracing.io/docs/2.19/storage/badger/"""
    return {
        "badger": {
            "ephemeral": False,
            "directories": {"keys": f"{DATA}/keys", "values": f"{DATA}/values"},
            "ttl": {"spans": f"{24 * retention_days}h"},
        }
    }


def external(store: TraceStore) -> Config:
    """A store that somebody else runs."""
    endpoints = list(store.endpoints)
    match store.kind:
        case "opensearch" | "elasticsearch":
            return {store.kind: {"server_urls": endpoints, **_login(store)}}
        case "cassandra":
            connection = {"servers": endpoints, "tls": {"insecure": not store.tls}, **_login(store)}
            return {"cassandra": {"schema": {"keyspace": KEYSPACE, "create": False}, "connection": connection}}
        case "remote":
            authenticator = {"auth": {"authenticator": "basicauth"}} if store.username else {}
            return {"grpc": {"endpoint": endpoints[0], "tls": {"insecure": not store.tls}, **authenticator}}


def basic_auth(store: TraceStore | None) -> Config:
    """The extension that logs in at a remote backend; the other stores have a login of their own."""
    if store is None or store.kind != "remote" or store.username is None:
        return {}
    return {"basicauth": {"client_auth": {"username": store.username, "password": f"${{env:{PASSWORD_VARIABLE}}}"}}}


def span_metrics() -> Config:
    """Where the Monitor tab finds rates, errors and durations: the collector's span metrics, as Prometheus has them."""
    return {
        "prometheus": {
            "endpoint": prometheus_url(),
            "metric_namespace": "traces_span_metrics",
            "latency_unit": "ms",
            "normalize_calls": True,
            "normalize_duration": True,
        }
    }


def ui_config(retention_days: int) -> Config:
    """What Jaeger's pages show: the service graph, the Monitor tab, and links from a trace and from a span's pod to
    their logs in Grafana. https://www.jaegertracing.io/docs/2.19/deployment/frontend-ui/
    """
    trace = 'trace_id="#{traceID}"'
    pod = '{namespace="#{k8s.namespace.name}", pod="#{k8s.pod.name}"}'
    return {
        "dependencies": {"menuEnabled": True},
        "monitor": {"menuEnabled": True},
        "linkPatterns": [
            {
                "type": "traces",
                "url": logs_link(f'{{namespace=~".+"}} | {trace}', retention_days),
                "text": "Logs of this trace",
            },
            {
                "type": "process",
                "key": "k8s.pod.name",
                "url": logs_link(pod, retention_days),
                "text": "Logs of this pod",
            },
        ],
    }


def logs_link(query: str, days: int) -> str:
    """A LogQL query in Grafana's Explore, on the same host. What stands in `#{}` Jaeger's page fills in, so it stays.

    https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
    """
    source = {"type": "loki", "uid": "loki"}
    pane = {
        "datasource": "loki",
        "queries": [{"refId": "A", "datasource": source, "expr": query}],
        "range": {"from": f"now-{days}d", "to": "now"},
    }
    panes = json.dumps({"logs": pane}, separators=(",", ":"))
    parts = re.split(r"(#\{[^}]*\})", panes)
    encoded = "".join(part if part.startswith("#{") else quote(part, safe="") for part in parts)
    return f"{GRAFANA_PATH}/explore?schemaVersion=1&orgId=1&panes={encoded}"


def _login(store: TraceStore) -> Config:
    if store.username is None:
        return {}
    return {"auth": {"basic": {"username": store.username, "password": f"${{env:{PASSWORD_VARIABLE}}}"}}}
