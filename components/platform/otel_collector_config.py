"""What the OpenTelemetry Collector does with what services send: names its source, measures spans, samples traces.

Key names are those of version 0.158: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.158.0
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.platform.otel_collector_telemetry import (
    labels_of_logs,
    resource,
    span_metrics,
    span_metrics_resource,
    spans,
)

Config = dict[str, Any]

DECISION_WAIT_SECONDS = 10
"""How long the spans of a trace are waited for, from its first one, before it is kept or forgotten."""

MESSAGE_MIB = 16
"""Largest message that is taken in. The receivers' own limit, 4 MiB, is less than a full batch of large spans."""

BATCH: Mapping[str, Any] = {"timeout": "1s", "send_batch_size": 2048, "send_batch_max_size": 4096}

_POD = "${env:MY_POD_IP}"
"""The chart sets it. A receiver binds the loopback interface alone where it is not told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What is kept of the traces, and where everything goes."""

    environment: str
    """Environment of the stack, the resource attribute `deployment.environment.name`."""

    sampled_percent: int
    """Share, in percent, of the traces that are kept beside those with an error and slow ones."""

    slow_ms: int
    """Milliseconds from which a trace is slow."""

    traces: str
    """`host:port` of Jaeger's OTLP receiver (gRPC)."""

    metrics: Sequence[str]
    """Address of each Prometheus server; each gets everything, for they share nothing."""

    logs: str
    """Address of Loki's gateway."""

    samplers: str | None = None
    """Headless Service that sampling is left to, where several pods take spans in; else the same pod samples."""


def gateway_config(flow: Flow) -> Config:
    """The collector that services send to. What it counts of spans, it counts before any is dropped."""
    measured = list(_metrics_exporters(flow))
    sampling = "forward/sampling" if flow.samplers is None else "load_balancing"
    incoming = {"receivers": ["otlp"], "processors": ["memory_limiter", "k8s_attributes", "resource"]}
    pipelines: Config = {
        "traces": {
            "receivers": ["otlp"],
            "processors": [*incoming["processors"], "transform/spans"],
            "exporters": ["span_metrics", sampling],
        },
        "metrics": {**incoming, "processors": [*incoming["processors"], "batch"], "exporters": measured},
        "metrics/spans": {
            "receivers": ["span_metrics"],
            "processors": ["transform/span_metrics", "batch"],
            "exporters": measured,
        },
        "logs": {
            **incoming,
            "processors": [*incoming["processors"], "transform/labels", "groupbyattrs/level", "batch"],
            "exporters": ["otlp_http/loki"],
        },
    }
    processors: Config = {
        "k8s_attributes": k8s_attributes(),
        "resource": resource(flow.environment),
        "transform/spans": spans(),
        "transform/span_metrics": span_metrics_resource(),
        "transform/labels": labels_of_logs(),
        "groupbyattrs/level": {"keys": ["level"]},
    }
    exporters: Config = {**_metrics_exporters(flow), "otlp_http/loki": _http(f"{flow.logs}/otlp")}
    connectors: Config = {"span_metrics": span_metrics()}
    if flow.samplers is None:
        connectors["forward/sampling"] = {}
        processors["tail_sampling"] = tail_sampling(flow, traces=2000)
        exporters["otlp_grpc/jaeger"] = _jaeger(flow, queued_spans=20_000)
        pipelines["traces/sampled"] = _sampled("forward/sampling")
    else:
        exporters["load_balancing"] = load_balancing(flow.samplers)
    return _config(processors=processors, connectors=connectors, exporters=exporters, pipelines=pipelines)


def sampler_config(flow: Flow) -> Config:
    """The second tier: each trace arrives at one of these pods as a whole, so it can be judged as a whole."""
    return _config(
        processors={"tail_sampling": tail_sampling(flow, traces=20_000)},
        connectors={},
        exporters={"otlp_grpc/jaeger": _jaeger(flow, queued_spans=100_000)},
        pipelines={"traces": _sampled("otlp", "memory_limiter")},
    )


def k8s_attributes() -> Config:
    """Says of everything which pod sent it: by the pod's uid, where a service tells it, else by the address that the
    connection comes from. The first of them that is known is asked about, and no other.
    """
    return {
        "auth_type": "serviceAccount",
        "wait_for_metadata": True,
        "extract": {
            "metadata": [
                "k8s.namespace.name",
                "k8s.deployment.name",
                "k8s.pod.name",
                "k8s.pod.uid",
                "k8s.container.name",
                "k8s.node.name",
                "service.namespace",
                "service.name",
            ]
        },
        "pod_association": [
            {"sources": [{"from": "resource_attribute", "name": "k8s.pod.uid"}]},
            {"sources": [{"from": "connection"}]},
        ],
    }


def tail_sampling(flow: Flow, *, traces: int) -> Config:
    """Keeps traces with an error, slow ones, and a share of the rest. `traces` are waited for at a time."""
    return {
        "decision_wait": f"{DECISION_WAIT_SECONDS}s",
        "num_traces": traces,
        # Spans that come after the decision follow it.
        "decision_cache": {"sampled_cache_size": 5 * traces, "non_sampled_cache_size": 5 * traces},
        "policies": [
            {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
            {"name": "slow", "type": "latency", "latency": {"threshold_ms": flow.slow_ms}},
            {"name": "rest", "type": "probabilistic", "probabilistic": {"sampling_percentage": flow.sampled_percent}},
        ],
    }


def metrics_reader(host: str) -> Config:
    """Where the program's own metrics are scraped. Whether names end with their unit and kind differs between versions
    where nothing is said.

    https://opentelemetry.io/docs/collector/internal-telemetry/#configure-internal-metrics
    """
    names = {"without_units": False, "without_type_suffix": False, "without_scope_info": True}
    return {"pull": {"exporter": {"prometheus": {"host": host, "port": 8888, **names}}}}


def load_balancing(samplers: str) -> Config:
    """Sends all spans of a trace to one sampler. Those that a sampler does not take go to whoever then has its place:
    the queue is before the choice, not behind it.
    """
    return {
        "routing_key": "traceID",
        "resolver": {"dns": {"hostname": samplers, "port": "4317", "interval": "5s"}},
        "timeout": "10s",
        "retry_on_failure": {"enabled": True},
        "sending_queue": _queue(100_000),
        "protocol": {
            "otlp": {
                "timeout": "5s",
                "tls": {"insecure": True},
                "retry_on_failure": {"enabled": False},
                "sending_queue": {"enabled": False},
            }
        },
    }


def _config(*, processors: Config, connectors: Config, exporters: Config, pipelines: Config) -> Config:
    memory = {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20}
    return {
        "extensions": {"health_check": {"endpoint": f"{_POD}:13133"}},
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"{_POD}:4317", "max_recv_msg_size_mib": MESSAGE_MIB},
                    "http": {"endpoint": f"{_POD}:4318"},
                }
            }
        },
        "processors": {"memory_limiter": memory, "batch": dict(BATCH), **processors},
        **({"connectors": connectors} if connectors else {}),
        "exporters": exporters,
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"logs": {"encoding": "json"}, "metrics": {"readers": [metrics_reader(_POD)]}},
            "pipelines": pipelines,
        },
    }


def _sampled(receiver: str, *before: str) -> Config:
    return {
        "receivers": [receiver],
        "processors": [*before, "tail_sampling", "batch"],
        "exporters": ["otlp_grpc/jaeger"],
    }


def _jaeger(flow: Flow, *, queued_spans: int) -> Config:
    return {"endpoint": flow.traces, "tls": {"insecure": True}, "sending_queue": _queue(queued_spans)}


def _metrics_exporters(flow: Flow) -> Config:
    """One for each Prometheus server, with a queue of its own: while one is away, the other misses nothing."""
    return {f"otlp_http/prometheus-{number}": _http(f"{url}/api/v1/otlp") for number, url in enumerate(flow.metrics)}


def _http(endpoint: str) -> Config:
    return {"endpoint": endpoint, "sending_queue": _queue(20_000)}


def _queue(items: int) -> Config:
    """Counted in spans, points or records, so that its memory is known."""
    return {"enabled": True, "sizer": "items", "queue_size": items}
