"""What counts for each objective, as Prometheus evaluates it, and what a month comes to."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from signals.promql import problems
from tests.unit.components.services.compiled_slos import AVAILABILITY, EVERYTHING, NOTHING, SPANS, calls, firing, prove

Check = Callable[..., None]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(prove, tmp_path)


def test_slow_requests_are_counted_by_the_bounds_of_their_objectives(check: Check):
    # Of 1200 requests a minute 300 take more than half a second, and 240 of them more than one.
    bucket = "traces_span_metrics_duration_milliseconds_bucket"
    series = [
        {"series": f'{bucket}{{{SPANS},le="500"}}', "values": "0+900x120"},
        {"series": f'{bucket}{{{SPANS},le="1000"}}', "values": "0+960x120"},
        {"series": f'{bucket}{{{SPANS},le="+Inf"}}', "values": "0+1200x120"},
        {"series": f"traces_span_metrics_duration_milliseconds_count{{{SPANS}}}", "values": "0+1200x120"},
    ]

    check(
        series,
        firing("1h", "SloErrorBudgetBurnsFast", "latency-p99", window="1h"),
        firing("1h", "SloErrorBudgetBurnsFast", "latency-p99", window="6h"),
        values={
            'sum(slo:sli_error:ratio_rate1h{slo="latency-p95"})': ("1h", 0.25),
            'sum(slo:sli_error:ratio_rate1h{slo="latency-p99"})': ("1h", 0.2),
        },
    )


def test_health_checks_of_grpc_are_neither_good_nor_bad_whatever_an_agent_calls_them(check: Check):
    # A fifth of the calls fail; health checks are ten times as many, and every one of them fails.
    name = "grpc.health.v1.Health/Check"
    asked = [f"{before}{name}" for before in ("", "/", "grpc.", "POST /")]
    of = 'job="todo/backend",span_kind="SPAN_KIND_SERVER"'
    metric = "traces_span_metrics_calls_total"
    series = [
        {"series": f'{metric}{{{of},span_name="todo.v1.Todo/Get",status_code="{status}"}}', "values": f"0+{each}x120"}
        for status, each in (("STATUS_CODE_UNSET", 80), ("STATUS_CODE_ERROR", 20))
    ]
    series += [
        {"series": f'{metric}{{{of},span_name="{one}",status_code="STATUS_CODE_ERROR"}}', "values": "0+1000x120"}
        for one in asked
    ]

    check(
        series,
        values={'sum(slo:sli_error:ratio_rate1h{slo="availability"})': ("1h", 0.2)},
        slos=AVAILABILITY,
        service={"ports": {"http": 8080, "grpc": 9090}, "probes": {"readiness": {"port": "grpc"}}},
    )


def test_dropped_connections_and_those_that_could_not_be_opened_are_bad_and_rejected_ones_are_not(check: Check):
    opened, closed = "websocket_connections_opened_total", "websocket_connections_closed_total"
    of = 'namespace="todo",service="backend"'
    series = [
        {"series": f'{opened}{{{of},outcome="accepted"}}', "values": "0+40x120"},
        {"series": f'{opened}{{{of},outcome="rejected"}}', "values": "0+20x120"},
        {"series": f'{opened}{{{of},outcome="failed"}}', "values": "0+10x120"},
        {"series": f'{closed}{{{of},reason="normal"}}', "values": "0+20x120"},
        {"series": f'{closed}{{{of},reason="abnormal"}}', "values": "0+6x120"},
        {"series": f'{closed}{{{of},reason="error"}}', "values": "0+4x120"},
    ]

    check(
        series,
        firing("1h", "SloErrorBudgetBurnsFast", "websocket-availability", window="1h"),
        values={'sum(slo:sli_error:ratio_rate1h{slo="websocket-availability"})': ("1h", 0.2)},
    )


def test_audit_events_that_are_not_stored_are_lost_and_those_stored_later_are_not(check: Check):
    of = '{namespace="todo",service="backend"}'
    received = {"series": f"audit_events_received_total{of}", "values": "0+600x180"}
    # Nothing is stored for half an hour, then all of it.
    late = {"series": f"audit_events_stored_total{of}", "values": "0+600x60 36000+0x30 38400+2400x9 61200+600x78"}
    lost = {"series": f"audit_events_stored_total{of}", "values": "0+594x180"}
    ratio = 'sum(slo:sli_error:ratio_rate2h{slo="audit-durability"})'

    check(
        [received, late],
        firing("1h30m", "SloErrorBudgetBurnsFast", "audit-durability", window="1h"),
        firing("2h45m", "SloErrorBudgetBurnsFast"),
        values={f"{ratio} > bool 0.0001": ("2h45m", 0)},
    )
    check(
        [received, lost],
        firing("1h", "SloErrorBudgetBurnsFast", "audit-durability", window="1h"),
        values={ratio: ("2h", 0.01)},
    )


def test_events_are_lost_that_the_broker_refuses_or_the_sidecar_drops(check: Check):
    of = 'namespace="todo",app_id="backend",component="pubsub",topic="items"'
    published, delivered = "dapr_component_pubsub_egress_count", "dapr_component_pubsub_ingress_count"
    series = [
        {"series": f'{published}{{{of},success="true"}}', "values": "0+400x120"},
        {"series": f'{published}{{{of},success="false"}}', "values": "0+60x120"},
        {"series": f'{delivered}{{{of},process_status="success",status="success"}}', "values": "0+400x120"},
        {"series": f'{delivered}{{{of},process_status="retry",status="retry"}}', "values": "0+900x120"},
        {"series": f'{delivered}{{{of},process_status="drop",status="drop"}}', "values": "0+40x120"},
        {"series": f'{delivered}{{{of},process_status="drop",status="success"}}', "values": "0+100x120"},
    ]

    check(
        series,
        firing("1h", "SloErrorBudgetBurnsFast", "event-durability", window="1h"),
        values={'sum(slo:sli_error:ratio_rate1h{slo="event-durability"})': ("1h", 0.1)},
    )


def test_a_service_below_its_floor_is_told_of_by_day_and_not_by_night(check: Check):
    # Two requests a second from midnight on; the floor of five holds from 8 to 20 o'clock.
    series = [calls("UNSET", "0+120x1300")]

    check(
        series,
        firing("7h", "SloThroughputBelowFloor"),
        firing("9h", "SloThroughputBelowFloor", "throughput-requests", severity="warning"),
        firing("20h30m", "SloThroughputBelowFloor"),
        values={"sum(slo:throughput:rate30m)": ("9h", 2), "sum(slo:throughput_floor:rate)": ("9h", 7)},
        step="5m",
        slos={**NOTHING, "throughput": EVERYTHING["throughput"]},
    )


def test_a_service_at_its_floor_or_idle_is_not_told_of(check: Check):
    enough, idle = [calls("UNSET", "0+300x180")], [calls("UNSET", "300x180")]
    floor = {"throughput": {"requests_per_second": 5}}
    busy = {"throughput": {"requests_per_second": 5, "idle_counts": True}}

    check(enough, firing("3h", "SloThroughputBelowFloor"), slos=floor)
    check(idle, firing("3h", "SloThroughputBelowFloor"), slos=floor)
    check(idle, firing("3h", "SloThroughputBelowFloor", "throughput-requests"), slos=busy)


def test_a_months_report_weighs_each_request_the_same(check: Check):
    guide = Path("docs/slos.md").read_text(encoding="utf-8")
    kept, broken = re.findall(r"^```promql\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    labels = '{workload="todo",service="backend",slo="availability"}'
    # One sample an hour: before the month only errors, ten days with 100 requests a second of which one fails, then
    # twenty with 10 and none.
    series = [
        {"series": f"slo:errors:rate5m{labels}", "values": "50x4 1x239 0x480"},
        {"series": f"slo:requests:rate5m{labels}", "values": "50x4 100x239 10x480"},
        {"series": f"slo:objective:ratio{labels}", "values": "0.999x730"},
    ]
    good = round(1 - 240 / (240 * 100 + 480 * 10), 6)

    check(series, values={f"sum({kept})": ("30d4h", good)}, interval="1h", slos=NOTHING)
    check(series, values={f"sum({broken})": ("30d4h", good)}, interval="1h", slos=NOTHING)
    assert problems(kept) == problems(broken) == []
