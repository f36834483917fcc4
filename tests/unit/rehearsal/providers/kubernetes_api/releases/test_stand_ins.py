"""Stand-in charts: what they bring, need and take, and how a run tells of them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes.tables import chart as facts_of
from rehearsal.providers.kubernetes.tables import charts
from rehearsal.providers.kubernetes_api.releases import stand_in_charts, stand_in_record
from rehearsal.providers.kubernetes_api.releases.releases import Releases
from rehearsal.providers.kubernetes_api.releases.value_schemas import schema
from rehearsal.providers.provider import Operation
from rehearsal.stand_in_summary import lines

KEEP = {"helm.sh/resource-policy": "keep"}
# The project has this one for real.
NAMES = sorted(set(charts()["charts"]) - {"app-service"})


def written(folder: Path, chart: str, values: dict[str, Any] | None = None, release: str = "one") -> Path:
    facts = facts_of(chart)
    assert facts is not None
    given = {"name": release, "namespace": "apps", "values": values or {}}
    return stand_in_charts.write(folder, chart, facts["version"], facts, given)


def templates(root: Path, kind: str) -> list[dict[str, Any]]:
    found = [yaml.safe_load(file.read_text()) for file in sorted((root / "templates").iterdir())]
    return [item for item in found if item["kind"] == kind]


def container(root: Path) -> dict[str, Any]:
    [deployment] = templates(root, "Deployment")
    return deployment["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_that_something_is_known_of_has_a_stand_in(tmp_path: Path, name: str):
    one, other = written(tmp_path / "one", name), written(tmp_path / "other", name)

    files = {path.relative_to(one): path.read_text() for path in one.rglob("*") if path.is_file()}
    assert files == {path.relative_to(other): path.read_text() for path in other.rglob("*") if path.is_file()}
    described = yaml.safe_load(files[Path("Chart.yaml")])
    assert (described["name"], described["version"]) == (name, charts()["charts"][name]["version"])
    runs = charts()["charts"][name].get("runs", True)
    assert len(templates(one, "Deployment")) == (1 if runs else 0)


def test_definitions_lie_where_the_chart_has_them(tmp_path: Path):
    aside = written(tmp_path / "a", "strimzi-kafka-operator")
    kept = written(tmp_path / "b", "cert-manager", {"crds": {"enabled": True}})
    going = written(tmp_path / "c", "keda")
    none = written(tmp_path / "d", "cert-manager")

    assert (aside / "crds" / "kafkas.kafka.strimzi.io.yaml").is_file()
    assert templates(aside, "CustomResourceDefinition") == []
    assert [item["metadata"]["annotations"] for item in templates(kept, "CustomResourceDefinition")] == [KEEP] * 6
    assert [item["metadata"].get("annotations") for item in templates(going, "CustomResourceDefinition")] == [None] * 6
    assert templates(none, "CustomResourceDefinition") == []


def test_definitions_have_the_schemas_that_are_known(tmp_path: Path):
    found = templates(written(tmp_path, "prometheus-operator-crds"), "CustomResourceDefinition")

    by_kind = {
        item["spec"]["names"]["kind"]: item["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for item in found
    }
    assert "endpoints" in by_kind["ServiceMonitor"]["properties"]["spec"]["properties"]
    assert by_kind["Prometheus"] == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def test_exactly_one_version_of_a_definition_is_stored(tmp_path: Path):
    for name in NAMES:
        root = written(tmp_path / name, name, {"crds": {"enabled": True, "create": True}})
        for folder in ("crds", "templates"):
            for file in (root / folder).glob("*") if (root / folder).is_dir() else ():
                item = json.loads(file.read_text().replace('{{ "{{" }}', "{{"))
                if item["kind"] == "CustomResourceDefinition":
                    assert [version["storage"] for version in item["spec"]["versions"]].count(True) == 1


def test_what_values_name_is_needed_by_the_pod(tmp_path: Path):
    values = {
        "defaults": {"extraEnvFrom": [{"secretRef": {"name": "loki-key"}}]},
        "singleBinary": {"replicas": 1, "persistence": {"storageClass": "fast"}},
        "other": {"storageClass": "-"},
    }
    root = written(tmp_path, "loki", values, release="loki")

    assert container(root)["envFrom"] == [{"secretRef": {"name": "loki-key"}}]
    [claim] = templates(root, "PersistentVolumeClaim")
    assert (claim["metadata"]["name"], claim["spec"]["storageClassName"]) == ("loki-0", "fast")
    [deployment] = templates(root, "Deployment")
    assert deployment["spec"]["template"]["spec"]["volumes"] == [
        {"name": "loki-0", "persistentVolumeClaim": {"claimName": "loki-0"}}
    ]


def test_the_account_and_the_labels_of_pods_come_from_the_values(tmp_path: Path):
    account = {"create": True, "name": "loki-writer", "annotations": {"role": "writer"}}
    values = {"serviceAccount": account, "loki": {"podLabels": {"identity": "yes"}, "image": {"tag": "3.6.10"}}}
    root = written(tmp_path / "a", "loki", values, release="loki")

    [made] = templates(root, "ServiceAccount")
    assert (made["metadata"]["name"], made["metadata"]["annotations"]) == ("loki-writer", {"role": "writer"})
    [deployment] = templates(root, "Deployment")
    template = deployment["spec"]["template"]
    assert template["spec"]["serviceAccountName"] == "loki-writer"
    assert template["metadata"]["labels"]["identity"] == "yes"
    assert container(root)["image"] == "loki:3.6.10"

    there = written(tmp_path / "b", "loki", {"serviceAccount": {"create": False, "name": "there"}})
    assert templates(there, "ServiceAccount") == []


def test_images_are_those_of_the_values(tmp_path: Path):
    image = {"registry": "registry.example", "repository": "team/alloy", "tag": "v1", "digest": "sha256:0"}

    assert container(written(tmp_path / "a", "alloy", {"image": image}))["image"] == (
        "registry.example/team/alloy:v1@sha256:0"
    )
    assert container(written(tmp_path / "b", "alloy"))["image"] == "alloy:v1.18.1"


@pytest.mark.parametrize(
    ("chart", "release", "values", "names"),
    [
        (
            "kube-prometheus-stack",
            "kps",
            {"fullnameOverride": "kps", "alertmanager": {"enabled": False}},
            {
                "kps-grafana": [80],
                "kps-kube-state-metrics": [8080],
                "kps-operator": [443],
                "kps-prometheus": [9090, 8080],
                "kps-prometheus-node-exporter": [9100],
            },
        ),
        (
            "loki",
            "logs",
            {"singleBinary": {"replicas": 1}, "gateway": {"enabled": True}},
            {
                "logs-loki": [3100, 9095, 9096],
                "logs-loki-gateway": [80],
                "logs-loki-headless": [3100, 9095, 9096],
                "logs-loki-memberlist": [7946],
            },
        ),
        ("loki", "loki", {"gateway": {"enabled": False}}, {"loki-memberlist": [7946]}),
        ("alloy", "alloy", {}, {"alloy": [12345]}),
        ("kong", "kong", {"fullnameOverride": "kong"}, {"kong-proxy": [80, 443]}),
    ],
)
def test_services_have_the_names_and_ports_of_the_true_chart(
    tmp_path: Path, chart: str, release: str, values: dict[str, Any], names: dict[str, list[int]]
):
    found = templates(written(tmp_path, chart, values, release), "Service")

    assert {item["metadata"]["name"]: [port["port"] for port in item["spec"]["ports"]] for item in found} == names


def test_a_service_that_faces_outside_is_what_its_values_make_of_it(tmp_path: Path):
    given = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "annotations": {"cloud/tier": "public"}}
    [exposed] = templates(written(tmp_path / "exposed", "kong", {"proxy": given}), "Service")
    [inside] = templates(written(tmp_path / "inside", "kong", {"proxy": {"type": "ClusterIP"}}), "Service")

    assert (exposed["spec"]["type"], exposed["spec"]["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert exposed["metadata"]["annotations"] == {"cloud/tier": "public"}
    assert inside["spec"]["type"] == "ClusterIP"
    assert "externalTrafficPolicy" not in inside["spec"]


def test_custom_objects_are_made_where_the_values_switch_them_on(tmp_path: Path):
    on = written(tmp_path / "on", "alloy", {"serviceMonitor": {"enabled": True}})
    off = written(tmp_path / "off", "alloy")

    [monitor] = templates(on, "ServiceMonitor")
    assert (monitor["apiVersion"], monitor["spec"]) == ("monitoring.coreos.com/v1", {"selector": {}, "endpoints": []})
    assert templates(off, "ServiceMonitor") == []


def test_what_looks_like_a_template_is_none(tmp_path: Path):
    account = {"annotations": {"note": "{{ .Values.missing.key }}"}}
    root = written(tmp_path, "alloy", {"serviceAccount": account})

    text = next((root / "templates").glob("serviceaccount-*")).read_text()
    assert '{{ "{{" }} .Values.missing.key }}' in text


def test_the_schema_takes_the_keys_of_the_chart_and_no_others():
    made = schema("alloy", "1.11.1")

    assert made is not None
    assert made["additionalProperties"] is False
    assert made["properties"]["serviceMonitor"]["properties"]["enabled"] == {"type": ["boolean", "null"]}
    assert made["properties"]["global"]["type"] == ["object", "null"] or made["properties"]["global"]["properties"]


def test_nothing_is_known_of_the_values_of_another_version():
    assert schema("alloy", "1.0.0") is None
    assert schema("mystery", "1.0.0") is None
    assert schema("cert-manager", "1.21.1") == schema("cert-manager", "v1.21.1")


def test_a_run_names_each_release_that_came_from_a_stand_in(home: Path):
    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "charts.example")
    stand_in_record.note(home, "dev", "monitoring/alloy", "alloy", "1.11.1", "charts.example")
    stand_in_record.note(home, "dev", "apps/web", "app-service", "0.1.0", "")
    stand_in_record.note(home, "prod", "logging/loki", "loki", "18.11.0", "charts.example")

    assert lines(home, "dev") == [
        "Not run from their charts, but from stand-ins that bring and need what is known of them:",
        "  logging/loki: loki 18.11.0 (charts.example cannot be reached)",
        "  monitoring/alloy: alloy 1.11.1 (charts.example cannot be reached)",
        "A folder of charts in the stack's `chart_mirror` setting makes them real.",
    ]


def test_what_runs_from_its_chart_after_all_is_named_no_longer(home: Path, monkeypatch: pytest.MonkeyPatch):
    assert lines(home, "dev") == []
    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "charts.example")
    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "")
    assert lines(home, "dev") == []

    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "charts.example")
    monkeypatch.setattr(os, "getppid", lambda: -1)
    stand_in_record.note(home, "dev", "apps/web", "app-service", "0.1.0", "")
    assert lines(home, "dev") == []


def test_definitions_in_groups_of_kubernetes_own_say_that_nobody_approved_them(tmp_path: Path):
    root = written(tmp_path, "external-dns")

    definition = json.loads((root / "crds" / "dnsendpoints.externaldns.k8s.io.yaml").read_text())
    assert definition["metadata"]["annotations"]["api-approved.kubernetes.io"].startswith("unapproved")


def test_a_release_of_a_stand_in_is_upgraded_when_its_chart_can_be_had(home: Path):
    inputs = {"name": "loki", "namespace": "logging", "chart": "loki", "version": "18.11.0"}
    operation = Operation(
        urn="urn:pulumi:dev::test::kubernetes:helm.sh/v3:Release::loki",
        type=RELEASE,
        name="loki",
        inputs=inputs,
        old_inputs=inputs,
        old_outputs={**inputs, "__standIn": True},
    )
    releases = Releases({}, home)

    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "charts.example")
    assert releases.diff(operation).changes == []
    stand_in_record.note(home, "dev", "logging/loki", "loki", "18.11.0", "")
    assert [change.path for change in releases.diff(operation).changes] == ["chart"]
