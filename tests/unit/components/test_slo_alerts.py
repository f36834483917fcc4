"""The compiled objectives as Prometheus evaluates them: when they call, when they stop, and what a month comes to."""

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from components.services.model import parse_workload
from components.services.slo_rules import slo_groups
from signals.promql import problems
from tests.programs import program
from tests.unit.alerts.rule_files import sections, templated_labels

EVERYTHING: dict[str, Any] = {
    "websocket_availability": True,
    "audit_durability": True,
    "event_durability": True,
    "throughput": {"requests_per_second": 5, "events_per_second": 2, "hours": {"since": 8, "until": 20}},
}
REPOSITORY = "https://git.example/blob/main"
SPANS = 'job="todo/backend",span_kind="SPAN_KIND_SERVER",http_route="/items"'

NOTHING = {"availability": False, "latency_p95_ms": False, "latency_p99_ms": False}
AVAILABILITY = {**NOTHING, "availability": 99.9}

Series = dict[str, str]
Check = Callable[..., None]


def groups(slos: Any = EVERYTHING, **workload: Any) -> list[dict[str, Any]]:
    backend = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080}, "metrics": {"port": "http"}, "slos": slos}
    spec = parse_workload("todo", {"services": {"backend": backend}, **workload})
    return slo_groups("todo", spec, REPOSITORY)


def rules() -> list[dict[str, Any]]:
    return [rule for group in groups() for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def calls(status: str, values: str) -> Series:
    return {
        "series": f'traces_span_metrics_calls_total{{{SPANS},status_code="STATUS_CODE_{status}"}}',
        "values": values,
    }


def firing(at: str, alert: str, *slos: str, **labels: str) -> dict[str, Any]:
    """That an alert fires for these objectives and no others; which of its labels are told apart are given."""
    return {"at": at, "alert": alert, "slos": slos, "labels": labels}


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Runs promtool: these series, one sample a minute, make these alerts fire and these queries come to that."""

    def run(
        series: Sequence[Series],
        *fired: dict[str, Any],
        values: dict[str, tuple[str, float]] | None = None,
        interval: str = "1m",
        step: str = "30s",
        slos: Any = EVERYTHING,
    ) -> None:
        compiled = groups(slos)
        (tmp_path / "rules.yaml").write_text(json.dumps({"groups": compiled}))
        ticks = [
            {
                "expr": f'sum by (slo) (ALERTS{{alertname="{one["alert"]}",alertstate="firing"'
                + "".join(f',{label}="{value}"' for label, value in one["labels"].items())
                + "})",
                "eval_time": one["at"],
                "exp_samples": [{"labels": f'{{slo="{slo}"}}', "value": 1} for slo in one["slos"]],
            }
            for one in fired
        ]
        ticks += [
            {"expr": f"round({query}, 1e-6)", "eval_time": at, "exp_samples": [{"labels": "{}", "value": value}]}
            for query, (at, value) in (values or {}).items()
        ]
        test = {
            "rule_files": ["rules.yaml"],
            "evaluation_interval": step,
            "group_eval_order": [group["name"] for group in compiled],
            "fuzzy_compare": True,
            "tests": [{"interval": interval, "input_series": series, "promql_expr_test": ticks}],
        }
        (tmp_path / "test.yaml").write_text(json.dumps(test))
        tested = subprocess.run(
            [program("promtool"), "test", "rules", tmp_path / "test.yaml"], capture_output=True, text=True, check=False
        )
        assert tested.returncode == 0, tested.stdout + tested.stderr

    return run


def test_prometheus_takes_the_rules(tmp_path: Path):
    (tmp_path / "rules.yaml").write_text(json.dumps({"groups": groups()}))

    checked = subprocess.run(
        [program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("rule", [pytest.param(rule, id=f"{n}") for n, rule in enumerate(rules())])
def test_a_rule_asks_for_what_exists(rule: dict[str, Any]):
    assert problems(rule["expr"]) == []


def test_a_service_that_fails_half_of_its_requests_calls_within_ten_minutes_and_no_longer_than_it_fails(check: Check):
    # Ten requests a second; from the second hour on half of them fail, for a quarter of an hour.
    series = [
        calls("UNSET", "0+600x120 72300+300x15 76800+600x120"),
        calls("ERROR", "0+0x120 300+300x15 4800+0x120"),
    ]
    fast = "SloErrorBudgetBurnsFast"

    check(
        series,
        firing("2h", fast),
        firing("2h10m", fast, "availability", window="1h", severity="critical"),
        firing("2h10m", fast, window="6h"),
        firing("2h16m", fast, "availability", window="1h"),
        firing("2h25m", fast, window="1h"),
    )


def test_six_times_the_budget_calls_within_hours_and_not_as_the_fastest_burn(check: Check):
    # One of 125 requests fails: 0.8 %, eight times the budget.
    series = [calls("UNSET", "0+1240x600"), calls("ERROR", "0+10x600")]

    check(
        series,
        firing("8h", "SloErrorBudgetBurnsFast", "availability", window="6h", severity="critical"),
        firing("8h", "SloErrorBudgetBurnsFast", window="1h"),
    )


def test_a_slow_leak_is_a_warning_and_no_page(check: Check):
    # One of 500 requests fails: 0.2 %, twice the budget.
    series = [calls("UNSET", "0+998x5760"), calls("ERROR", "0+2x5760")]

    check(
        series,
        firing("4d", "SloErrorBudgetBurnsSlowly", "availability", window="3d", severity="warning"),
        firing("4d", "SloErrorBudgetBurnsSlowly", window="1d"),
        firing("4d", "SloErrorBudgetBurnsFast"),
        firing("4d", "SloErrorBudgetSpent", "availability", severity="warning"),
        step="5m",
        slos=AVAILABILITY,
    )


def test_less_than_the_budget_calls_nobody_however_long(check: Check):
    # One of 2000 requests fails: 0.05 %, half the budget.
    series = [calls("UNSET", "0+1999x5760"), calls("ERROR", "0+1x5760")]

    check(
        series,
        firing("4d", "SloErrorBudgetBurnsSlowly"),
        firing("4d", "SloErrorBudgetBurnsFast"),
        firing("4d", "SloErrorBudgetSpent"),
        values={'sum(slo:error_budget_remaining:ratio{slo="availability"})': ("4d", 0.5)},
        step="5m",
        slos=AVAILABILITY,
    )


def test_a_few_failures_without_traffic_call_nobody(check: Check):
    # Three requests an hour, one of which fails: a third, and 333 times the budget.
    series = [
        calls("UNSET", "0+0x10 1+0x20 2+0x30 2+0x20"),
        calls("ERROR", "0x30 1+0x60"),
    ]

    check(
        series,
        *(
            firing(at, alert)
            for at in ("32m", "45m", "1h")
            for alert in ("SloErrorBudgetBurnsFast", "SloErrorBudgetSpent")
        ),
        values={'sum(slo:sli_error:ratio_rate1h{slo="availability"}) > bool 0.0144': ("45m", 1)},
    )


def test_a_service_that_answers_nobody_is_not_in_error_and_uses_up_no_budget(check: Check):
    series = [calls("UNSET", "500x180"), calls("ERROR", "7x180")]

    check(
        series,
        firing("2h", "SloErrorBudgetBurnsFast"),
        values={
            "count(slo:sli_error:ratio_rate1h) or vector(0)": ("2h", 0),
            "sum(slo:objective:ratio > 0.998 < 0.9995)": ("2h", 1.998),
        },
    )


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


def test_an_objective_that_nothing_measures_is_told_of_and_one_without_traffic_is_not(check: Check):
    series = [calls("UNSET", "500x1600")]

    check(
        series,
        firing("26h", "SloNotMeasured", "latency-p95", "latency-p99", severity="info"),
        step="5m",
        slos={"availability": 99.9},
    )


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


def test_every_alert_has_a_section_in_the_runbook_and_links_to_it():
    assert list(sections("slo")) == list(dict.fromkeys(alert["alert"] for alert in alerts()))
    for alert in alerts():
        assert alert["annotations"]["runbook_url"] == f"{REPOSITORY}/docs/runbooks/slo.md#{alert['alert'].lower()}"


def test_an_alert_names_its_team_and_what_it_is_about():
    (owned,) = {
        rule["labels"]["team"] for group in groups(team="storefront") for rule in group["rules"] if "alert" in rule
    }

    assert owned == "storefront"
    for alert in alerts():
        assert alert["labels"].keys() >= {"severity", "component", "team", "namespace"}
        assert (alert["labels"]["component"], alert["labels"]["team"], alert["labels"]["namespace"]) == (
            "slo",
            "todo",
            "todo",
        )
        assert "$value" in alert["annotations"]["description"]
        assert "$value" not in alert["annotations"]["summary"]
        assert templated_labels(alert) <= {"service", "slo"}


def test_a_workload_without_objectives_has_no_rules():
    assert groups(NOTHING) == []
