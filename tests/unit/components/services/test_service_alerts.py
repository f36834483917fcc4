"""Alerts about the bounds of a service: what they are compiled to, and when Prometheus calls by them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.contracts import Registry
from components.services.model import parse_workload
from components.services.monitoring.alert_rules import alert_groups
from components.services.workload import Workload, WorkloadArgs
from policies.contract_check.custom_resources import check_custom_resource
from signals.promql import problems
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.programs import program
from tests.unit.alerts.rule_files import sections, templated_labels
from tests.unit.components.bare_platform import bare_platform

RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
REPOSITORY = "https://git.example/blob/main"
BOTH = {"error_percent": 1, "latency_p95_ms": 500, "for": "5m"}
SPANS = 'job="search/api",span_kind="SPAN_KIND_SERVER",http_route="/items"'


def service(alerts: Any) -> dict[str, Any]:
    return {
        "image": {"tag": "1.0.0"},
        "ports": {"http": 8080},
        "probes": {"readiness": {"path": "/ready", "port": "http"}},
        "alerts": alerts,
    }


def groups(alerts: Any = BOTH, **workload: Any) -> list[dict[str, Any]]:
    return alert_groups(
        "search", parse_workload("search", {"services": {"api": service(alerts)}, **workload}), REPOSITORY
    )


def alerts() -> list[dict[str, Any]]:
    return [rule for group in groups() for rule in group["rules"]]


def refused(service: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        parse_workload("search", {"services": {"api": service}})
    return raised.value.problems


def test_a_bound_is_an_expression_that_can_be_read():
    errors, latency = alerts()
    own = 'job="search/api",span_kind="SPAN_KIND_SERVER"'
    asked = 'http_route!~"/ready"'

    assert errors["expr"] == (
        f'sum(rate(traces_span_metrics_calls_total{{{own},status_code="STATUS_CODE_ERROR",{asked}}}[5m]))'
        f" / sum(rate(traces_span_metrics_calls_total{{{own},{asked}}}[5m])) > 0.01"
    )
    assert latency["expr"] == (
        "histogram_quantile(0.95, sum by (le) "
        f"(rate(traces_span_metrics_duration_milliseconds_bucket{{{own},{asked}}}[5m]))) > 500"
    )
    assert [rule["for"] for rule in alerts()] == ["5m", "5m"]


def test_a_service_may_have_one_bound_alone():
    assert [rule["alert"] for rule in groups({"error_percent": 0.5})[0]["rules"]] == ["ServiceErrorsAboveBound"]
    assert [rule["alert"] for rule in groups({"latency_p95_ms": 250})[0]["rules"]] == ["ServiceLatencyAboveBound"]


def test_a_bound_holds_for_five_minutes_unless_the_file_says_how_long():
    assert groups({"error_percent": 1})[0]["rules"][0]["for"] == "5m"
    assert groups({"error_percent": 1, "for": "1h"})[0]["rules"][0]["for"] == "1h"


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({}, "services.api.alerts: expected error_percent or latency_p95_ms"),
        ({"for": "5m"}, "services.api.alerts: expected error_percent or latency_p95_ms"),
        ({"error_percent": 0}, "services.api.alerts.error_percent: input should be greater than 0"),
        ({"error_percent": 100}, "services.api.alerts.error_percent: input should be less than 100"),
        (
            {"latency_p95_ms": 600},
            "services.api.alerts.latency_p95_ms: expected one of 5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2500, "
            "5000, 10000, which are the bounds that latencies are counted by",
        ),
        ({"error_percent": 1, "for": "30s"}, "services.api.alerts.for: expected minutes or hours such as 5m"),
        ({"error_precent": 1}, 'services.api.alerts.error_precent: unknown key, did you mean "error_percent"?'),
    ],
)
def test_a_wrong_bound_is_told_by_its_path(wrong: dict[str, Any], problem: str):
    assert refused(service(wrong)) == (problem,)


def test_a_service_without_a_port_has_nothing_that_could_be_bounded():
    told = refused({"image": {"tag": "1.0.0"}, "alerts": {"error_percent": 1}})

    assert told == ("services.api.alerts: the service has no port to answer at",)


def test_the_rules_are_in_the_namespace_of_the_workload_and_go_with_the_service(deploy: Callable[..., Deployed]):
    def build(**services: Any) -> Deployed:
        return deploy(lambda: Workload("search", workload(services)) and None)

    def workload(services: dict[str, Any]) -> WorkloadArgs:
        return WorkloadArgs(
            workload="search",
            spec=parse_workload("search", {"services": services}),
            registry=Registry(image_prefix="registry"),
            platform=bare_platform(),
            runbooks=REPOSITORY,
        )

    quiet = {"image": {"tag": "1.0.0"}}
    deployed = build(api=service(BOTH), indexer=service({"error_percent": 1}), quiet=quiet)
    rule = deployed.named("search-alerts")

    assert rule.inputs["metadata"] == {"name": "alerts", "namespace": "search"}
    assert [group["name"] for group in rule.inputs["spec"]["groups"]] == ["api-bounds", "indexer-bounds"]
    assert deployed.named("search-namespace-search").urn in rule.depends_on
    definition = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", **rule.inputs}
    assert check_custom_resource(RULE, definition, set()) == []
    less = build(indexer=service({"error_percent": 1}), quiet=quiet).named("search-alerts")
    assert [group["name"] for group in less.inputs["spec"]["groups"]] == ["indexer-bounds"]
    assert [one.name for one in build(quiet=quiet).of_type(RULE)] == []


def test_a_rule_asks_for_what_exists_and_prometheus_takes_it(tmp_path: Path):
    (tmp_path / "rules.yaml").write_text(json.dumps({"groups": groups()}))

    checked = subprocess.run(
        [program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    assert [problems(rule["expr"]) for rule in alerts()] == [[], []]


def test_every_alert_has_a_section_in_the_runbook_and_names_whom_it_is_about():
    assert list(sections("service-bounds")) == [rule["alert"] for rule in alerts()]
    for rule in alerts():
        anchor = rule["alert"].lower()
        assert rule["annotations"]["runbook_url"] == f"{REPOSITORY}/docs/runbooks/service-bounds.md#{anchor}"
        assert rule["labels"] == {
            "severity": "warning",
            "component": "application",
            "team": "search",
            "namespace": "search",
            "service": "api",
        }
        assert "$value" in rule["annotations"]["description"]
        assert "$value" not in rule["annotations"]["summary"]
        assert templated_labels(rule) == set()
    assert groups(team="findability")[0]["rules"][0]["labels"]["team"] == "findability"


def test_two_of_a_hundred_failing_for_five_minutes_call_and_one_of_two_hundred_does_not(tmp_path: Path):
    # From the second hour on two of a hundred fail, for 15 minutes; before it is one of 200.
    series = {"UNSET": "0+199x60 12138+196x15 14879+199x60", "ERROR": "0+1x60 64+4x15 125+1x60"}
    samples = [
        {"series": f'traces_span_metrics_calls_total{{{SPANS},status_code="STATUS_CODE_{status}"}}', "values": values}
        for status, values in series.items()
    ]

    prove(tmp_path, "ServiceErrorsAboveBound", samples, {"55m": False, "1h3m": False, "1h14m": True, "1h35m": False})


def test_requests_of_seven_hundred_milliseconds_call_and_quicker_ones_do_not(tmp_path: Path):
    # A tenth of the requests takes between 500 and 750 ms in the second hour, and from 250 to 500 in the first.
    buckets = {"250": "0+90x120", "500": "0+100x60 6090+90x60", "750": "0+100x120", "+Inf": "0+100x120"}
    samples = [
        {"series": f'traces_span_metrics_duration_milliseconds_bucket{{{SPANS},le="{le}"}}', "values": values}
        for le, values in buckets.items()
    ]

    prove(tmp_path, "ServiceLatencyAboveBound", samples, {"55m": False, "1h3m": False, "1h20m": True})


def prove(folder: Path, alert: str, series: list[dict[str, str]], fires: dict[str, bool]) -> None:
    """That an alert fires at some times and not at others, of these series with a sample a minute."""
    (folder / "rules.yaml").write_text(json.dumps({"groups": groups()}))
    query = f'count(ALERTS{{alertname="{alert}",alertstate="firing",service="api"}}) or vector(0)'
    ticks = [
        {"expr": query, "eval_time": at, "exp_samples": [{"labels": "{}", "value": int(firing)}]}
        for at, firing in fires.items()
    ]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "30s",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": ticks}],
    }
    (folder / "test.yaml").write_text(json.dumps(test))

    tested = subprocess.run(
        [program("promtool"), "test", "rules", folder / "test.yaml"], capture_output=True, text=True, check=False
    )

    assert tested.returncode == 0, tested.stdout + tested.stderr
