"""Spans and logs through a real collector into a real Jaeger, Prometheus and Loki, as a stack deploys them."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest

from components.platform.addresses import jaeger_otlp, loki_url, prometheus_replicas, prometheus_url
from components.platform.jaeger import JaegerArgs, jaeger_values
from components.platform.loki_config import LokiStorage, loki_config
from components.platform.otel_collector import SAMPLER, OtelCollectorArgs, releases
from rehearsal.live import loki_server
from rehearsal.live.loki_server import LokiClient
from rehearsal.live.programs import Ports
from rehearsal.live.prometheus_client import PrometheusClient, QueryError
from rehearsal.live.servers import Servers
from rehearsal.live.tracing import Listening, Tracing, hurried
from signals.exposed import series
from tests.programs import program

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 45.0
FAST, FAILED, SLOW = "a" * 32, "b" * 32, "c" * 32
"""Trace ids of an ordinary request, of one that failed, and of one that took long."""

ORDINARY = 'traces_span_metrics_calls_total{status_code="STATUS_CODE_UNSET", http_route="/orders"}'


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that runs."""

    collector: Listening
    jaeger: Listening
    prometheus: PrometheusClient
    loki: LokiClient
    restart: Callable[[], Listening]
    """Ends Jaeger and starts it again."""


@pytest.fixture(scope="module", params=["dev", "prod"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The programs of one pod, or those of two tiers, with the three requests sent to them."""
    for name in ("otelcol", "jaeger", "prometheus", "loki"):
        program(name)
    several = request.param == "prod"
    folder, ports = tmp_path_factory.mktemp(request.param), Ports(request.param)
    with ExitStack() as stack:
        flags = ["--web.enable-otlp-receiver", "--enable-feature=exemplar-storage", "--web.route-prefix=/prometheus"]
        configuration = {
            "otlp": {"promote_resource_attributes": ["k8s.namespace.name"]},
            "storage": {"tsdb": {"out_of_order_time_window": "30m"}, "exemplars": {"max_exemplars": 1000}},
        }
        servers = Servers(folder=folder, ports=ports)
        kept = LokiStorage(kind="filesystem", storage={"type": "filesystem"}, retention_days=7)
        loki, loki_process = stack.enter_context(loki_server.loki(loki_config(kept, distributed=False), servers))
        prometheus = stack.enter_context(servers.prometheus("prometheus", configuration, flags, "/prometheus"))
        replicas = dict.fromkeys((*prometheus_replicas(2), prometheus_url()), prometheus.url)
        elsewhere = {**replicas, loki_url(): loki.url}
        tracing = Tracing(folder=folder, ports=ports, elsewhere=elsewhere)
        values = jaeger_values(_jaeger_args())

        jaegers = stack.enter_context(ExitStack())

        def restart() -> Listening:
            jaegers.close()
            return jaegers.enter_context(tracing.jaeger(values["userconfig"], values["uiconfig"]))

        jaeger = restart()
        elsewhere[jaeger_otlp()] = jaeger.grpc
        deployed = {name: hurried(one["alternateConfig"]) for name, one in releases(_collector_args(several)).items()}
        if several:
            sampler = stack.enter_context(tracing.collector(SAMPLER, deployed[SAMPLER]))
            resolver = deployed["otel-collector"]["exporters"]["load_balancing"]["resolver"]["dns"]
            resolver["hostname"], resolver["port"] = sampler.grpc.split(":")
        collector = stack.enter_context(tracing.collector("otel-collector", deployed["otel-collector"]))
        loki_server.wait_until_ready(loki, loki_process)
        _send(collector)
        yield Stage(collector=collector, jaeger=jaeger, prometheus=prometheus, loki=loki, restart=restart)


def test_traces_with_an_error_and_slow_ones_are_kept_whatever_the_share_of_the_rest(stage: Stage):
    _eventually(lambda: len(_spans(stage.jaeger, FAILED)) == 2)
    _eventually(lambda: len(_spans(stage.jaeger, SLOW)) == 1)


def test_of_the_rest_none_is_kept_where_the_share_is_nothing(stage: Stage):
    _eventually(lambda: len(_spans(stage.jaeger, FAILED)) == 2)

    assert _spans(stage.jaeger, FAST) == []


def test_every_span_is_counted_whether_its_trace_is_kept_or_not(stage: Stage):
    (calls,) = _series(stage, ORDINARY)

    assert {key: value for key, value in calls.labels.items() if key != "__name__"} == {
        "http_response_status_code": "200",
        "http_route": "/orders",
        "instance": "otel-collector",
        "job": "shop/orders",
        "k8s_namespace_name": "shop",
        "service_name": "orders",
        "span_kind": "SPAN_KIND_SERVER",
        "span_name": "GET /orders",
        "status_code": "STATUS_CODE_UNSET",
    }
    # The first sample is a zero at the moment when counting began, so that no increase is missed.
    _eventually(lambda: [one.samples[-1][1] for one in _series(stage, ORDINARY)] == [2])


def test_the_list_of_metrics_knows_what_the_collector_counts_of_spans(stage: Stage):
    found = _series(stage, '{__name__=~"traces_span_metrics_.*"}')
    listed = {name: set[str]().union(*(one.labels for one in known)) for name, known in series().items()}

    assert {one.labels["__name__"] for one in found} == {
        "traces_span_metrics_calls_total",
        "traces_span_metrics_duration_milliseconds_bucket",
        "traces_span_metrics_duration_milliseconds_count",
        "traces_span_metrics_duration_milliseconds_sum",
    }
    for one in found:
        assert set(one.labels) - {"__name__"} <= listed[one.labels["__name__"]]


def test_the_bounds_of_objectives_are_bounds_of_buckets(stage: Stage):
    buckets = {one.labels["le"] for one in _series(stage, "traces_span_metrics_duration_milliseconds_bucket")}

    assert {"500", "1000", "+Inf"} <= buckets


def test_an_exemplar_names_its_trace(stage: Stage):
    def exemplars() -> set[str]:
        end = time.time() + 60
        query = 'traces_span_metrics_duration_milliseconds_bucket{job="shop/orders"}'
        found = stage.prometheus.get("/api/v1/query_exemplars", query=query, start=f"{end - 900}", end=f"{end}")
        return {one["labels"]["trace_id"] for exemplified in found for one in exemplified["exemplars"]}

    _eventually(lambda: {FAST, FAILED, SLOW} <= exemplars())


def test_a_trace_names_the_job_that_its_metrics_have(stage: Stage):
    _eventually(lambda: len(_spans(stage.jaeger, SLOW)) == 1)
    processes = _get(f"{stage.jaeger.ui}/api/traces/{SLOW}")["data"][0]["processes"].values()

    assert [tag["value"] for one in processes for tag in one["tags"] if tag["key"] == "prometheus.job"] == [
        "shop/orders"
    ]


def test_jaegers_monitor_tab_finds_the_rates_of_a_service(stage: Stage):
    path = "/api/metrics/calls?service=orders&quantile=0.95&endTs={0}&lookback=600000&step=60000&ratePer=600000"

    def named() -> list[str]:
        return [
            one["labels"][0]["value"] for one in _get(stage.jaeger.ui + path.format(int(time.time() * 1000)))["metrics"]
        ]

    _eventually(lambda: named() == ["orders"])


def test_a_log_record_is_found_as_those_that_pods_write_are(stage: Stage):
    query = f'{{namespace="shop", pod="orders-1", container="app", app="orders", level="error"}} | trace_id="{FAILED}"'
    now = time.time()

    _eventually(lambda: [found.line for found in stage.loki.lines(query, now - 600, now + 60)] == ["no stock"])


def test_the_programs_tell_of_themselves_what_the_lists_of_metrics_know(stage: Stage):
    for exporter, listening in {"otel-collector": stage.collector, "jaeger": stage.jaeger}.items():
        with urllib.request.urlopen(listening.metrics, timeout=10) as answer:
            told = dict(line.split(" ")[2:4] for line in answer.read().decode().splitlines() if line[:6] == "# TYPE")
        known = {
            one.metric.name: one.metric.kind
            for found in series().values()
            for one in found
            if one.metric.exporter == exporter
        }

        assert {name: kind for name, kind in known.items() if told.get(name, kind) != kind} == {}
        assert known.keys() & told.keys(), "the others are told of from the first time on that they happen"


def test_traces_outlive_the_pod(stage: Stage):
    _eventually(lambda: len(_spans(stage.jaeger, FAILED)) == 2)
    jaeger = stage.restart()

    _eventually(lambda: len(_spans(jaeger, FAILED)) == 2)


def _collector_args(several: bool) -> OtelCollectorArgs:
    return OtelCollectorArgs(
        environment="prod" if several else "dev",
        sampled_percent=0,
        slow_ms=1000,
        high_availability=several,
        prometheus_replicas=1,
        namespace=Mock(),
        service_monitors=Mock(),
        nodes=[],
        charts=Mock(),
    )


def _jaeger_args() -> JaegerArgs:
    return JaegerArgs(
        retention_days=7,
        storage_gib=20,
        storage_class="fast",
        store=None,
        store_password=None,
        high_availability=False,
        protect=False,
        namespace=Mock(),
        service_monitors=Mock(),
        nodes=[],
        charts=Mock(),
    )


def _send(collector: Listening) -> None:
    """Three requests and a line about the one that failed. One library follows older conventions than the others."""
    now = time.time_ns()
    spans = [
        _span(FAST, 1, now, 20, {"http.route": "/orders", "http.response.status_code": 200}),
        _span(FAILED, 2, now, 30, {"http.route": "/orders", "http.response.status_code": 500}, error=True),
        _span(FAILED, 3, now, 10, {}, name="SELECT", kind=3),
        _span(SLOW, 4, now, 1500, {"http.route": "/orders", "http.status_code": 200}),
    ]
    _post(
        f"{collector.http}/v1/traces", {"resourceSpans": [{"resource": _resource(), "scopeSpans": [{"spans": spans}]}]}
    )
    record = {"timeUnixNano": str(now), "severityNumber": 17, "body": {"stringValue": "no stock"}, "traceId": FAILED}
    logs = {"resource": _resource(), "scopeLogs": [{"logRecords": [{**record, "spanId": "2" * 16}]}]}
    _post(f"{collector.http}/v1/logs", {"resourceLogs": [logs]})


def _span(
    trace: str,
    number: int,
    now: int,
    milliseconds: int,
    attributes: dict[str, Any],
    *,
    name: str = "GET /orders",
    kind: int = 2,
    error: bool = False,
) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(now - milliseconds * 1_000_000),
        "endTimeUnixNano": str(now),
        "attributes": _attributes(attributes),
        "status": {"code": 2} if error else {},
    }


def _resource() -> dict[str, Any]:
    pod = {"k8s.namespace.name": "shop", "k8s.pod.name": "orders-1", "k8s.container.name": "app"}
    return {"attributes": _attributes({"service.name": "orders", **pod})}


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {key: "intValue" if isinstance(value, int) else "stringValue" for key, value in values.items()}
    return [{"key": key, "value": {kinds[key]: value}} for key, value in values.items()]


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10):
        pass


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def _spans(jaeger: Listening, trace: str) -> list[dict[str, Any]]:
    try:
        return _get(f"{jaeger.ui}/api/traces/{trace}")["data"][0]["spans"]
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return []
        raise


def _series(stage: Stage, query: str) -> list[Any]:
    _eventually(lambda: bool(stage.prometheus.instant(query, time.time())))
    return stage.prometheus.instant(query, time.time())


def _eventually(holds: Callable[[], bool]) -> None:
    """Returns once it holds; fails where it does not within patience."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if holds():
                return
        except (QueryError, urllib.error.URLError):
            pass
        time.sleep(0.3)
    assert holds()
