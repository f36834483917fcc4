"""Alerts on error budgets, as Prometheus evaluates them: when they call, and when they stop."""

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from signals.promql import problems
from tests.programs import program
from tests.unit.alerts.rule_files import sections, templated_labels
from tests.unit.components.services.compiled_slos import (
    AVAILABILITY,
    NOTHING,
    REPOSITORY,
    alerts,
    calls,
    firing,
    groups,
    prove,
    rules,
)

Check = Callable[..., None]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(prove, tmp_path)


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


def test_an_objective_that_nothing_measures_is_told_of_and_one_without_traffic_is_not(check: Check):
    series = [calls("UNSET", "500x1600")]

    check(
        series,
        firing("26h", "SloNotMeasured", "latency-p95", "latency-p99", severity="info"),
        step="5m",
        slos={"availability": 99.9},
    )


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
