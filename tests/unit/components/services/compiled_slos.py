"""The rules that objectives are compiled to, and how promtool proves them."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from components.services.model import parse_workload
from components.services.monitoring.slo_rules import slo_groups
from tests.programs import program

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


def groups(
    slos: Any = EVERYTHING, service: Mapping[str, Any] = MappingProxyType({}), **workload: Any
) -> list[dict[str, Any]]:
    backend = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080}, "metrics": {"port": "http"}, "slos": slos, **service}
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


def prove(
    folder: Path,
    series: Sequence[Series],
    *fired: dict[str, Any],
    values: dict[str, tuple[str, float]] | None = None,
    interval: str = "1m",
    step: str = "30s",
    slos: Any = EVERYTHING,
    service: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Runs promtool in `folder`: of these series, a sample each `interval`, exactly these alerts fire, and queries come
    to these values."""
    compiled = groups(slos, service)
    (folder / "rules.yaml").write_text(json.dumps({"groups": compiled}))
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
    (folder / "test.yaml").write_text(json.dumps(test))
    tested = subprocess.run(
        [program("promtool"), "test", "rules", folder / "test.yaml"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
