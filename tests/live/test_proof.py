"""What the proof reads and writes around its programs; and the whole of it, for a stack of production."""

from pathlib import Path
from typing import Any

import pytest

from components.platform.loki_config import LokiStorage, loki_config
from rehearsal.live import dashboard_check
from rehearsal.live.__main__ import main
from rehearsal.live.deployed import deployed, read
from rehearsal.live.evaluation import alert_of
from rehearsal.live.exporters import Target
from rehearsal.live.loki_server import REMOVED, here, overrides
from rehearsal.live.programs import Ports, ProofError
from rehearsal.live.prometheus_config import configuration, flags
from rehearsal.live.proof import parts_of, topic_of
from rehearsal.live.report import Report, Row
from rehearsal.live.rule_tests import rule_tests
from tests.programs import program

STACK = "gke-dev"


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict | list):
        return {key: one for name, inner in items for key, one in leaves(inner, f"{path}.{name}").items()}
    return {path.removeprefix("."): value}


@pytest.mark.parametrize("distributed", [False, True])
def test_loki_runs_with_what_is_deployed_but_for_addresses_folders_and_the_store(distributed: bool, tmp_path: Path):
    kept = LokiStorage(kind="gcs", storage={"bucketNames": {"chunks": "logs"}}, retention_days=7)
    planned = loki_config(kept, distributed=distributed)
    changed = overrides(planned, tmp_path, 1, 2)

    before, after = leaves(planned), leaves(here(planned, folder=tmp_path, http_port=1, grpc_port=2))

    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in differing if not any(f"{path}.".startswith(f"{key}.") for key in changed)} == set()
    assert before["limits_config.retention_period"] == after["limits_config.retention_period"] == "168h"
    assert not any(path.startswith("memberlist") for path in after)


def test_only_few_things_of_one_process_are_overridden(tmp_path: Path):
    kept = LokiStorage(kind="gcs", storage={"bucketNames": {"chunks": "logs"}}, retention_days=7)
    changed = overrides(loki_config(kept, distributed=False), tmp_path, 1, 2)

    assert len(changed) <= 13
    assert [path for path, value in changed.items() if value is REMOVED] == ["storage_config.hedging", "runtime_config"]


def test_the_plan_of_a_stack_has_all_that_the_proof_runs():
    planned = deployed(STACK)

    assert "monitoring/groundwork-kubernetes" in planned.rules
    assert "todo/slos" in planned.rules
    assert len(planned.dashboards) >= 13
    assert planned.loki["schema_config"]["configs"][0]["schema"] == "v13"
    assert planned.alertmanager.startswith(("route:", "{", "global:"))


def test_a_plan_without_prometheus_is_told_in_one_line():
    with pytest.raises(ProofError, match="the plan of x has no release kps, only none"):
        read("x", [])


def test_prometheus_takes_in_what_the_stack_lets_it():
    planned = deployed(STACK)
    target = Target(exporter="jaeger", labels={"job": "jaeger", "namespace": "tracing", "endpoint": "internal-metrics"})

    found = configuration(planned, [target], 9, None)

    assert found["otlp"]["promote_resource_attributes"] == ["k8s.namespace.name"]
    assert found["storage"]["exemplars"] == {"max_exemplars": 100000}
    assert found["scrape_configs"][0]["static_configs"] == [{"targets": ["127.0.0.1:9"], "labels": target.labels}]
    assert "--web.enable-otlp-receiver" in flags(planned.prometheus)
    assert "--enable-feature=exemplar-storage" in flags(planned.prometheus)


def test_every_deployed_alert_has_a_test():
    planned = deployed(STACK)
    tested = {(test.topic, one.alert) for test in rule_tests() for one in test.expectations}

    alerts = {
        (topic_of(name), alert_of(name, rule).name)
        for name, groups in planned.rules.items()
        for group in groups
        for rule in group["rules"]
        if "alert" in rule
    }

    assert alerts - tested == set()


def test_panels_of_folded_rows_are_asked_too():
    row = {"type": "row", "panels": [{"id": 2, "targets": [{}]}]}

    found = dashboard_check.panels({"panels": [{"id": 1, "targets": [{}]}, row, {"id": 3, "type": "text"}]})

    assert [panel["id"] for panel in found] == [1, 2]


def test_a_panel_may_be_empty_only_where_that_is_a_reason_and_it_exists():
    planned = deployed(STACK).dashboards

    for (uid, title), why in dashboard_check.RIGHTLY_EMPTY.items():
        assert title in {panel["title"] for panel in dashboard_check.panels(planned[uid])}
        assert why


def test_no_port_is_given_twice():
    ports = Ports("seed")

    assert len({ports.one() for _ in range(5)}) == 5


def test_a_report_repeats_what_does_not_hold():
    report = Report()
    report.add("alerts", [Row(subject="a", name="b", outcome="ok", told="fires")])
    report.add("logs", [Row(subject="c", name="d", outcome="FAIL", told="finds nothing")])

    assert report.summary().splitlines() == ["alerts: 1 ok", "logs: 1 FAIL", "FAIL c / d: finds nothing"]
    assert "a  b  ok     fires" in report.text()


def test_all_is_run_where_no_part_is_named():
    assert parts_of([]) == {"dashboards", "alerts", "logs"}
    assert parts_of(["logs"]) == {"logs"}


@pytest.mark.slow
def test_everything_holds_for_a_stack_of_production(capsys: pytest.CaptureFixture[str]):
    for name in ("prometheus", "loki", "amtool"):
        program(name)

    # `make live`, which CI runs as well, has the default stack: one process of Loki, one replica of everything.
    status = main(["--stack", "oke-prod"])

    told = capsys.readouterr().out
    assert status == 0, told[-4000:]
    for part in ("alerts", "routing", "logs", "rules", "exemplars and OTLP", "dashboards", "alerts that arrive"):
        assert f"\n{part}: " in told
