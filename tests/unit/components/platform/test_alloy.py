"""Alloy: its pipelines, read by Alloy itself, and the two releases of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from components.platform.alloy import EVENTS, PODS, as_is, events_values, node_values
from tests.programs import program


def validate(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "config.alloy"
    file.write_text(text)
    return subprocess.run([program("alloy"), "validate", file], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("pipeline", [PODS, EVENTS], ids=lambda file: file.stem)
def test_alloy_takes_the_pipeline(pipeline: Path, tmp_path: Path):
    ended = validate(pipeline.read_text(), tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("stage.cri { }", "stage.kri { }", 'unrecognized block name "stage.kri"'),
        ("stage.cri { }", "stage.cri {", "expected }"),
        ("max_lines", "max_line", 'unrecognized attribute name "max_line"'),
        ('max_wait_time = "2s"', 'max_wait_time = "2 seconds"', "unknown unit"),
        ('firstline     = "^\\\\S"', "", 'missing required attribute "firstline"'),
        ("targets    = local", "targets    = locale", 'component "locale.file_match.pods.targets" does not exist'),
        ('source   = "level"\n', "", 'missing required attribute "source"'),
        ("{{- end -}}", "{{- ends -}}", 'function "ends" not defined'),
        ("discovery.kubernetes", "discovery.kubernetis", 'cannot find the definition of component name "discovery.kub'),
        ("forward_to = [loki.write", "forward_two = [loki.write", 'unrecognized attribute name "forward_two"'),
    ],
)
def test_alloy_refuses_a_pipeline_that_is_broken(right: str, wrong: str, said: str, tmp_path: Path):
    text = PODS.read_text()
    assert right in text

    ended = validate(text.replace(right, wrong, 1), tmp_path)

    assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr


def test_the_pods_of_the_node_are_all_that_its_agent_reads():
    values = node_values("http://loki")

    assert 'field = "spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)' in PODS.read_text()
    rules = [*values["rbac"]["rules"], *values["rbac"]["clusterRules"]]
    assert {resource for rule in rules for resource in rule["resources"]} == {"pods"}
    assert sorted(verb for rule in rules for verb in rule["verbs"]) == ["get", "list", "watch"]


def test_positions_outlive_the_pod_and_are_all_that_an_agent_writes():
    values = node_values("http://loki")

    assert values["alloy"]["storagePath"] == "/var/lib/alloy"
    assert values["alloy"]["mounts"]["extra"] == [{"name": "positions", "mountPath": "/var/lib/alloy"}]
    assert values["controller"]["volumes"]["extra"] == [
        {"name": "positions", "hostPath": {"path": "/var/lib/alloy", "type": "DirectoryOrCreate"}}
    ]
    assert values["alloy"]["securityContext"]["readOnlyRootFilesystem"] is True
    assert values["alloy"]["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_one_agent_alone_sends_events():
    values = events_values("http://loki")

    assert (values["controller"]["type"], values["controller"]["replicas"]) == ("deployment", 1)
    assert values["controller"]["updateStrategy"] == {"type": "Recreate"}
    rules = [*values["rbac"]["rules"], *values["rbac"]["clusterRules"]]
    assert {resource for rule in rules for resource in rule["resources"]} == {"events"}
    assert values["alloy"]["securityContext"]["runAsNonRoot"] is True
    assert "loki.source.kubernetes_events" not in PODS.read_text()


@pytest.mark.parametrize("values", [node_values, events_values])
def test_both_agents_say_how_they_are_and_ask_for_what_they_need(values: Callable[[str], dict[str, object]]):
    found = values("http://loki-gateway.logging.svc/loki/api/v1/push")

    assert found["serviceMonitor"] == {"enabled": True}
    assert found["configReloader"] == {"enabled": False}
    alloy = found["alloy"]
    assert isinstance(alloy, dict)
    assert alloy["extraEnv"] == [{"name": "LOKI_PUSH_URL", "value": "http://loki-gateway.logging.svc/loki/api/v1/push"}]
    assert sorted(alloy["resources"]) == ["limits", "requests"]
    assert alloy["enableReporting"] is False


def test_templates_of_alloy_reach_it_through_the_templates_of_the_chart():
    assert as_is('a = "{{ .Value }}"') == 'a = "{{ "{{" }} .Value }}"'
    assert as_is("{ }") == "{ }"
