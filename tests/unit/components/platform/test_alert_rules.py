"""Rule files become objects of the Prometheus operator, as the stack and its cluster need them."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract_check.check import check_resource

from components.contracts import Capabilities
from components.platform.alert_rules import RULES, AlertRules, AlertRulesArgs, deployed, rule_groups, topics
from components.platform.own_namespaces import OWN
from components.platform.platform import LEVELS
from tests.mock_engine import Deployed, Registration
from tests.programs import program
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.test_component_contract import CAPABILITIES

RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
SEEN = replace(CAPABILITIES, control_plane_metrics=True, kube_proxy_metrics=True)
TEAMS = {"todo": "storefront", "shop": "sales"}
LINKS = "https://git.example/groundwork/blob/main"


def rules_of(deploy: Callable[..., Deployed], capabilities: Capabilities = SEEN) -> dict[str, Registration]:
    def program() -> None:
        AlertRules(
            "alerts",
            AlertRulesArgs(
                capabilities=capabilities,
                stack={"cloud": "gke", "environment": "dev", "stack": "gke-dev"},
                teams=TEAMS,
                runbooks=LINKS,
                namespace=Prerequisite("namespace"),
                crds=Prerequisite("crds"),
            ),
        )

    found = deploy(program).of_type(RULE)
    return {one.inputs["metadata"]["name"].removeprefix("groundwork-"): one for one in found}


def test_each_topic_is_one_object_in_the_namespace_of_what_watches(deploy: Callable[..., Deployed]):
    found = rules_of(deploy)

    assert set(found) == {"stack", *(path.stem for path in RULES.glob("*.yaml"))}
    assert {one.inputs["metadata"]["namespace"] for one in found.values()} == {"monitoring"}


def test_the_objects_fit_their_definition(deploy: Callable[..., Deployed]):
    for topic, one in rules_of(deploy).items():
        assert [str(found) for found in check_resource(RULE, one.inputs)] == [], topic


@pytest.mark.parametrize(
    ("hidden", "capabilities"),
    [
        ({"control-plane"}, replace(SEEN, control_plane_metrics=False)),
        ({"kube-proxy"}, replace(SEEN, kube_proxy_metrics=False)),
        ({"coredns"}, replace(SEEN, cluster_dns="kube-dns")),
    ],
)
def test_there_is_no_rule_for_what_a_cluster_hides(hidden: set[str], capabilities: Capabilities):
    assert set(topics(SEEN)) - set(topics(capabilities)) == hidden


def test_dashboards_are_told_which_stack_they_are_in(deploy: Callable[..., Deployed]):
    labels = {"cloud": "gke", "environment": "dev", "stack": "gke-dev"}

    assert rules_of(deploy)["stack"].inputs["spec"]["groups"] == [
        {"name": "stack", "rules": [{"record": "groundwork_stack_info", "expr": "vector(1)", "labels": labels}]}
    ]


def alert(name: str, groups: list[dict[str, Any]]) -> dict[str, Any]:
    return next(rule for group in groups for rule in group["rules"] if rule.get("alert") == name)


def test_the_links_to_runbooks_begin_with_the_repositorys_address():
    groups = deployed(rule_groups("volumes"), f"{LINKS}/", TEAMS)

    link = alert("VolumeFilling", groups)["annotations"]["runbook_url"]
    assert link == f"{LINKS}/docs/runbooks/volumes.md#volumefilling"


def test_a_workload_whose_team_is_called_as_its_namespace_changes_no_rule():
    groups = rule_groups("volumes")

    assert deployed(groups, LINKS, {**TEAMS, "wiki": "wiki"}) == deployed(groups, LINKS, TEAMS)


def test_the_namespaces_of_the_platform_are_its_own():
    assert set(LEVELS) <= OWN


def test_what_is_written_stays_as_it_is():
    written = rule_groups("volumes")
    deployed(written, LINKS, TEAMS)

    assert written == rule_groups("volumes")


@pytest.mark.parametrize(
    ("namespace", "team"),
    [
        ("todo", "storefront"),
        ("shop", "sales"),
        ("wiki", "wiki"),
        ("logging", "platform"),
        ("kube-system", "platform"),
    ],
)
def test_prometheus_gives_an_alert_to_the_team_of_its_namespace(namespace: str, team: str, tmp_path: Path):
    groups = deployed(rule_groups("volumes"), LINKS, TEAMS)
    fires = alert("VolumeClaimLost", groups)
    claim = f'namespace="{namespace}", persistentvolumeclaim="data"'
    labels = {"namespace": namespace, "persistentvolumeclaim": "data", "team": team}
    told = {
        name: text.replace("{{ $labels.namespace }}", namespace).replace("{{ $labels.persistentvolumeclaim }}", "data")
        for name, text in fires["annotations"].items()
    }
    case = {
        "interval": "1m",
        "input_series": [
            {"series": f'kube_persistentvolumeclaim_status_phase{{{claim}, phase="Lost"}}', "values": "1x30"}
        ],
        "alert_rule_test": [
            {
                "eval_time": "20m",
                "alertname": "VolumeClaimLost",
                "exp_alerts": [{"exp_labels": {**fires["labels"], **labels}, "exp_annotations": told}],
            }
        ],
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [case]}))

    tested = subprocess.run(
        [program("promtool"), "test", "rules", tmp_path / "tests.yaml"], capture_output=True, text=True, check=False
    )

    assert tested.returncode == 0, tested.stdout + tested.stderr
