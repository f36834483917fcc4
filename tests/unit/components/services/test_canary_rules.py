"""When a canary is taken back, as Prometheus evaluates it, and what then happens to its pods."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contract_check.custom_resources import check_custom_resource

from components.services.gateway.canary_rules import canary_groups, revision, scaled_object
from components.services.model import WorkloadSpec, parse_workload
from signals.promql import problems
from tests.programs import program
from tests.unit.alerts.rule_files import sections

REPOSITORY = "https://git.example/blob/main"
BACKEND: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "ports": {"http": 8080},
    "routes": [{"paths": ["/api"]}],
}
CANARY: dict[str, Any] = {
    "image": {"tag": "2.0.0"},
    "replicas": 3,
    "rollback": {"errors_percent": 5, "for_minutes": 5, "min_requests": 20},
}


def workload(canary: dict[str, Any] = CANARY, **changes: Any) -> WorkloadSpec:
    return parse_workload("todo", {"services": {"backend": {**BACKEND, "canary": canary}}, **changes})


def groups(spec: WorkloadSpec | None = None) -> list[dict[str, Any]]:
    return canary_groups("todo", spec or workload(), REPOSITORY)


def build(canary: dict[str, Any] = CANARY) -> str:
    found = workload(canary).services["backend"].canary
    assert found is not None
    return revision(found)


def requests(code: str, values: str, service: str = "todo.backend.http.canary") -> dict[str, str]:
    return {"series": f'kong_http_requests_total{{service="{service}",code="{code}",pod="kong-0"}}', "values": values}


def prove(folder: Path, series: Sequence[dict[str, str]], taken_back: dict[str, bool]) -> None:
    """Runs promtool: of these series, a sample each 30 seconds, the canary is or is not taken back at these times."""
    spec = workload().services["backend"]
    assert spec.canary is not None
    wanted = scaled_object("todo", "backend", spec.canary)["triggers"][0]["metadata"]["query"]
    alert = "count by (revision) (ALERTS{alertname='CanaryTakenBack',alertstate='firing'})"
    (folder / "rules.yaml").write_text(json.dumps({"groups": groups()}))
    ticks = [
        tick
        for at, gone in taken_back.items()
        for tick in (
            {"expr": wanted, "eval_time": at, "exp_samples": [{"labels": "{}", "value": 0 if gone else 3}]},
            {
                "expr": alert,
                "eval_time": at,
                "exp_samples": [{"labels": f'{{revision="{build()}"}}', "value": 1}] if gone else [],
            },
        )
    ]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "30s",
        "tests": [{"interval": "30s", "input_series": list(series), "promql_expr_test": ticks}],
    }
    (folder / "test.yaml").write_text(json.dumps(test))
    tested = subprocess.run(
        [program("promtool"), "test", "rules", folder / "test.yaml"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_prometheus_takes_the_rules(tmp_path: Path):
    (tmp_path / "rules.yaml").write_text(json.dumps({"groups": groups()}))
    checked = subprocess.run(
        [program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("number", [0, 1])
def test_a_rule_asks_for_what_exists(number: int):
    assert problems(groups()[0]["rules"][number]["expr"]) == []


def test_a_canary_that_fails_is_taken_back_and_stays_so_when_nobody_asks_it_any_more(tmp_path: Path):
    # Ten requests a minute; from the tenth minute on one of ten fails, until there is no canary that could.
    series = [
        requests("200", "0+5x20 100+4.5x20 190x2900"),
        requests("500", "0x20 0+0.5x20 10x2900"),
    ]

    prove(tmp_path, series, {"9m": False, "14m30s": True, "40m": True, "5h": True, "20h": True})


def test_a_canary_with_fewer_errors_than_allowed_stays(tmp_path: Path):
    # One of twenty-five requests: 4 %.
    prove(tmp_path, [requests("200", "0+24x120"), requests("503", "0+1x120")], {"10m": False, "59m": False})


def test_a_few_errors_of_a_few_requests_say_nothing(tmp_path: Path):
    # Half of the requests fail, and there are three a minute.
    prove(tmp_path, [requests("200", "0+0.75x120"), requests("500", "0+0.75x120")], {"30m": False})


def test_errors_of_the_service_and_of_other_canaries_are_not_held_against_it(tmp_path: Path):
    others = (
        "todo.backend.http",
        "todo.backend-api.http.canary",
        "shop.todo.backend.http.canary",
        "todo.other.http.canary",
    )

    prove(tmp_path, [requests("500", "0+10x120", service) for service in others], {"30m": False})


def test_requests_over_each_protocol_count(tmp_path: Path):
    series = [requests("200", "0+5x120"), requests("502", "0+5x120", "todo.backend.http.websocket.canary")]

    prove(tmp_path, series, {"10m": True})


def test_another_build_or_other_variables_make_another_canary():
    assert build() == build({**CANARY, "weight": 50, "replicas": 1, "headers": {"x-beta": "1"}})
    assert build() != build({**CANARY, "image": {"tag": "2.0.1"}})
    assert build() != build({**CANARY, "env": {"SEARCH": "new"}})


def test_the_scaled_object_has_no_pods_for_zero_and_keeps_their_number_while_prometheus_is_silent():
    spec = workload().services["backend"]
    assert spec.canary is not None
    scaling = scaled_object("todo", "backend", spec.canary)

    assert scaling["scaleTargetRef"] == {"name": "backend-canary"}
    assert (scaling["minReplicaCount"], scaling["maxReplicaCount"]) == (0, 3)
    assert scaling["fallback"]["behavior"] == "currentReplicas"
    (trigger,) = scaling["triggers"]
    assert trigger["metadata"]["serverAddress"] == "http://kps-prometheus.monitoring.svc:9090/prometheus"
    assert (trigger["metadata"]["threshold"], trigger["metadata"]["activationThreshold"]) == ("1", "0")
    metadata = {"name": "backend-canary", "namespace": "todo"}
    inputs = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": scaling}
    found = check_custom_resource("kubernetes:keda.sh/v1alpha1:ScaledObject", inputs, frozenset())
    assert found == []


def test_a_canary_that_is_never_taken_back_has_no_rules():
    assert groups(workload({**CANARY, "rollback": None})) == []


def test_the_alert_names_its_team_and_leads_to_its_section():
    (alert,) = [rule for rule in groups(workload(team="storefront"))[0]["rules"] if "alert" in rule]

    assert list(sections("canary")) == [alert["alert"]] == ["CanaryTakenBack"]
    assert alert["annotations"]["runbook_url"] == f"{REPOSITORY}/docs/runbooks/canary.md#canarytakenback"
    assert alert["labels"] == {
        "severity": "warning",
        "component": "canary",
        "team": "storefront",
        "namespace": "todo",
    }
