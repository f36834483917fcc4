"""Values of Helm releases against the keys of the chart's exact version."""

import json
from typing import Any

import pytest
from contract_check import chart_values
from contract_check.wire import UNKNOWN, Opaque, Secret

RELEASE = "kubernetes:helm.sh/v3:Release"
KPS = "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"
SERVICE = {"workload": "todo", "image": {"repository": "example/todo", "tag": "1.0"}}


def release(values: Any, *, chart: Any = KPS, version: Any = "88.5.3") -> dict[str, Any]:
    return {"chart": chart, "version": version, "compat": "true", "values": values}


def test_a_misspelt_value_key_names_chart_and_version_and_the_key_that_was_meant(report):
    found = report(RELEASE, release({"prometheus": {"prometheusSpec": {"retentionsize": "10GB"}}}))

    assert found == [
        "values.prometheus.prometheusSpec.retentionsize: kube-prometheus-stack 88.5.3 has no such property;"
        ' did you mean "retentionSize"?'
    ]


def test_a_key_of_a_subchart_is_checked(report):
    assert report(RELEASE, release({"grafana": {"admin": {"existingSecret": "grafana-admin"}}})) == []
    assert report(RELEASE, release({"grafana": {"admin": {"existingSecrt": "grafana-admin"}}})) == [
        "values.grafana.admin.existingSecrt: kube-prometheus-stack 88.5.3 has no such property;"
        ' did you mean "existingSecret"?'
    ]


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ({"retention": 10.0}, "retention: expected a string, got a number"),
        ({"replicas": "2"}, "replicas: expected a number, got a string"),
        ({"walCompression": "true"}, "walCompression: expected a boolean, got a string"),
        ({"enableFeatures": "exemplar-storage"}, "enableFeatures: expected a list, got a string"),
        ({"storageSpec": ["x"]}, "storageSpec: expected a map, got a list"),
        ({"image": "prometheus:v3"}, "image: expected a map, got a string"),
    ],
)
def test_a_value_of_another_kind_than_the_charts_is_reported(report, values, finding):
    found = report(RELEASE, release({"prometheus": {"prometheusSpec": values}}))

    assert found == [f"values.prometheus.prometheusSpec.{finding}"]


@pytest.mark.parametrize(
    "values",
    [
        {"prometheus": {"prometheusSpec": {"retention": "10d", "replicas": 2.0, "walCompression": True}}},
        {"prometheus": {"prometheusSpec": {"storageSpec": {"emptyDir": {"any": "thing"}}}}},
        {"prometheus": {"prometheusSpec": {"nodeSelector": {"example.com/pool": "apps"}, "resources": {}}}},
        {"grafana": {"grafana.ini": {"server": {"root_url": "https://example.com"}, "any": {"section": 1.0}}}},
        {"alertmanager": {"config": {"route": {"receiver": "slack"}, "receivers": [{"name": "slack"}]}}},
        {"additionalPrometheusRulesMap": {"todo": {"groups": []}}},
        {"commonLabels": {"app.kubernetes.io/part-of": "groundwork"}, "fullnameOverride": "kps"},
        {"grafana": {"persistence": {"size": None}}, "prometheus": UNKNOWN},
        {},
        None,
    ],
)
def test_values_that_the_chart_takes_pass(report, values):
    assert report(RELEASE, release(values)) == []


def test_known_values_beside_unknown_and_secret_ones_are_checked(report):
    found = report(RELEASE, release({"grafana": Secret({"adminPassword": UNKNOWN, "adminUsr": "hunter2"})}))

    assert found == [
        'values.grafana.adminUsr: kube-prometheus-stack 88.5.3 has no such property; did you mean "adminUser"?'
    ]


def test_a_number_or_a_text_is_taken_where_kubernetes_takes_both(report):
    for value in (1.0, "50%"):
        values = {
            "kube-state-metrics": {"podDisruptionBudget": {}},
            "alertmanager": {"podDisruptionBudget": {"minAvailable": value}},
        }
        assert report(RELEASE, release(values)) == []


@pytest.mark.parametrize(
    ("chart", "version"),
    [
        ("loki", "18.11.0"),
        ("oci://mirror.example.com/charts/loki", "18.11.0"),
        ("/srv/mirror/loki-18.11.0.tgz", None),
        ("/srv/mirror/loki-18.11.0.tgz", UNKNOWN),
        ("/srv/mirror/loki", "18.11.0"),
    ],
)
def test_a_chart_is_found_by_name_wherever_it_comes_from(report, chart, version):
    found = report(RELEASE, release({"deploymentMod": "Monolithic"}, chart=chart, version=version))

    assert found == ['values.deploymentMod: loki 18.11.0 has no such property; did you mean "deploymentMode"?']


def test_an_unpacked_mirror_tells_its_own_version(report, tmp_path, monkeypatch):
    (tmp_path / "loki").mkdir()
    (tmp_path / "loki" / "Chart.yaml").write_text("name: loki\nversion: 18.0.0\n")

    found = report(RELEASE, release({}, chart=str(tmp_path / "loki"), version=None))

    assert found == ["version: no value keys of loki 18.0.0 are known to the contract check, only those of 18.11.0"]


def test_loki_configuration_that_no_table_lists_is_free(report):
    loki = {"limits_config": {"retention_period": "336h"}, "ingester": {"any": 1.0}, "storage": {"type": "gcs"}}

    assert report(RELEASE, release({"loki": loki}, chart="loki", version="18.11.0")) == []


def test_another_version_of_a_known_chart_is_reported(report):
    assert report(RELEASE, release({}, version="88.0.0")) == [
        "version: no value keys of kube-prometheus-stack 88.0.0 are known to the contract check, only those of 88.5.3"
    ]


def test_a_leading_v_makes_no_other_version(report):
    assert report(RELEASE, release({"crds": {"enabled": True}}, chart="cert-manager", version="1.21.1")) == []


def test_a_release_without_a_version_is_reported(report):
    assert report(RELEASE, release({}, version=None)) == [
        "version: the release pins no version; the value keys of 88.5.3 are known"
    ]


def test_an_unknown_chart_is_reported(report):
    assert report(RELEASE, release({}, chart="nonesuch")) == [
        'chart: no value keys of the chart "nonesuch" are known to the contract check'
    ]


def test_an_unknown_chart_reference_is_skipped(report):
    assert report(RELEASE, release({"any": 1.0}, chart=UNKNOWN)) == []


def test_value_files_are_left_to_the_chart(report):
    inputs = {**release({}), "valueYamlFiles": [Opaque("an asset")], "checksum": "abc"}

    assert report(RELEASE, inputs) == []


def test_the_projects_own_chart_is_checked_against_its_schema(report):
    chart = "./charts/app-service"

    assert report(RELEASE, release({**SERVICE, "replicas": 2.0}, chart=chart, version=None)) == []
    assert report(RELEASE, release({**SERVICE, "replcas": 2.0, "replicas": "2"}, chart=chart, version=None)) == [
        'values.replcas: values has no such property; did you mean "replicas"?',
        "values.replicas: expected an integer, got a string",
    ]


@pytest.fixture
def own_chart(tmp_path, monkeypatch):
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    folder = tmp_path / "charts" / "own"
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text("name: own\nversion: 1.0.0\n")
    (folder / "values.schema.json").write_text(json.dumps(schema))
    monkeypatch.setattr(chart_values, "PROJECT", tmp_path)
    return folder


def test_a_chart_is_checked_with_its_defaults_filled_in(report, own_chart):
    assert report(RELEASE, release({}, chart="./charts/own", version=None)) == ["values.name: required here"]

    chart_values._local_contract.cache_clear()
    (own_chart / "values.yaml").write_text("name: todo\n")
    assert report(RELEASE, release({}, chart="./charts/own", version=None)) == []
    assert report(RELEASE, release({"name": None}, chart="./charts/own", version=None)) == [
        "values.name: required here"
    ]


def test_a_schema_with_a_keyword_that_cannot_be_read_is_reported(report, own_chart):
    (own_chart / "values.schema.json").write_text('{"type": "object", "dependentSchemas": {}}')

    assert report(RELEASE, release({}, chart="./charts/own", version=None)) == [
        "chart: own/values.schema.json uses dependentSchemas, which the contract check cannot read"
    ]


LOKI = {"chart": "https://example.com/loki", "version": "18.11.0"}
ALLOY = {"chart": "https://example.com/alloy", "version": "1.11.1"}
SPREAD = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
KEDA = {"chart": "https://example.com/keda", "version": "2.20.2"}


@pytest.mark.parametrize(
    ("chart", "values", "path"),
    [
        (LOKI, {"deploymentMode": "SingelBinary"}, "values.deploymentMode"),
        (ALLOY, {"controller": {"type": "DaemonSet"}}, "values.controller.type"),
        (ALLOY, {"image": {"pullPolicy": "Sometimes"}}, "values.image.pullPolicy"),
        (LOKI, {"gateway": {"service": {"type": "ClusterIp"}}}, "values.gateway.service.type"),
        (
            LOKI,
            {"singleBinary": {"persistence": {"accessModes": ["ReadWriteOnes"]}}},
            "values.singleBinary.persistence.accessModes[0]",
        ),
        (
            LOKI,
            {"singleBinary": {"resources": {"request": {"cpu": "1"}}}},
            "values.singleBinary.resources.request",
        ),
        (
            LOKI,
            {"singleBinary": {"resources": {"requests": {"cpu": "one"}}}},
            "values.singleBinary.resources.requests.cpu",
        ),
        (ALLOY, {"controller": {"tolerations": [{"keyy": "a"}]}}, "values.controller.tolerations[0].keyy"),
        (KEDA, {"resources": {"operator": {"request": {"cpu": "1"}}}}, "values.resources.operator.request"),
        (KEDA, {"resources": {"operator": {"limits": {"cpu": "one"}}}}, "values.resources.operator.limits.cpu"),
        (
            KEDA,
            {"topologySpreadConstraints": {"operator": [SPREAD | {"skew": 1}]}},
            "values.topologySpreadConstraints.operator[0].skew",
        ),
    ],
)
def test_a_value_that_no_chart_understands_is_reported(report, chart: dict[str, Any], values: Any, path: str):
    [found] = report(RELEASE, chart | {"values": values})

    assert found.startswith(f"{path}: ")


@pytest.mark.parametrize(
    "values",
    [
        {"deploymentMode": "Monolithic"},
        {"deploymentMode": "Monolithic<->SimpleScalable"},
        {"deploymentMode": UNKNOWN},
        {"gateway": {"service": {"type": "LoadBalancer"}, "image": {"pullPolicy": "IfNotPresent"}}},
        {"singleBinary": {"resources": {"requests": {"cpu": 1.0, "memory": "1Gi"}}, "tolerations": []}},
    ],
)
def test_values_of_closed_sets_pass(report, values: Any):
    assert report(RELEASE, LOKI | {"values": values}) == []


def test_a_chart_may_have_one_value_for_each_of_its_parts(report):
    values = {"resources": {"operator": {"requests": {"cpu": "1"}}, "webhooks": {"limits": {"memory": "1Gi"}}}}

    assert report(RELEASE, KEDA | {"values": values}) == []


def test_the_claim_of_a_volume_is_one_of_kubernetes(report):
    def storage(**spec: Any) -> Any:
        return {"prometheus": {"prometheusSpec": {"storageSpec": {"volumeClaimTemplate": {"spec": spec}}}}}

    at = "values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec"
    size = {"requests": {"storage": "20Gi"}}

    assert report(RELEASE, release(storage(accessModes=["ReadWriteOnce"], resources=size))) == []
    assert report(RELEASE, release(storage(storageClas="fast", resources=size))) == [
        f'{at}.storageClas: {at} has no such property; did you mean "storageClassName"?'
    ]


@pytest.mark.parametrize(
    ("chart", "values", "finding"),
    [
        (
            "loki",
            {"loki": {"limits_config": {"retention_periods": "14d"}}},
            "values.loki.limits_config.retention_periods: values.loki.limits_config has no such property; did you mean"
            ' "retention_period"?',
        ),
        (
            "loki",
            {"loki": {"schemaConfig": {"configs": [{"from": "2026-01-01", "index": {"perod": "24h"}}]}}},
            "values.loki.schemaConfig.configs[0].index.perod: values.loki.schemaConfig.configs[0].index has no such"
            ' property; did you mean "period"?',
        ),
        (
            "loki",
            {"ingester": {"persistence": {"claims": [{"name": "data", "storageclass": "fast"}]}}},
            "values.ingester.persistence.claims[0].storageclass: values.ingester.persistence.claims[0] has no such"
            ' property; did you mean "storageClass"?',
        ),
        (
            "kube-prometheus-stack",
            {"prometheus": {"prometheusSpec": {"storageSpec": {"volumeClaimTemplat": {}}}}},
            "values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplat:"
            " values.prometheus.prometheusSpec.storageSpec has no such property; did you mean"
            ' "volumeClaimTemplate"?',
        ),
        (
            "loki",
            {"defaults": {"extraEnvFrom": [{"secretRef": {"nam": "keys"}}]}},
            "values.defaults.extraEnvFrom[0].secretRef.nam: values.defaults.extraEnvFrom[0].secretRef has no such"
            ' property; did you mean "name"?',
        ),
        (
            "alloy",
            {"controller": {"volumes": {"extra": [{"name": "logs", "hostpath": {"path": "/var/log"}}]}}},
            "values.controller.volumes.extra[0].hostpath: values.controller.volumes.extra[0] has no such property;"
            ' did you mean "hostPath"?',
        ),
        (
            "velero",
            {
                "configuration": {
                    "repositoryMaintenanceJob": {
                        "repositoryConfigData": {"global": {"podResources": {"cpulimit": "0"}}}
                    }
                }
            },
            "values.configuration.repositoryMaintenanceJob.repositoryConfigData.global.podResources.cpulimit:"
            " values.configuration.repositoryMaintenanceJob.repositoryConfigData.global.podResources has no such"
            ' property; did you mean "cpuLimit"?',
        ),
    ],
)
def test_keys_that_a_chart_hands_on_are_those_of_what_takes_them(report, chart, values, finding):
    version = chart_values._charts()[chart]["version"]

    assert report(RELEASE, release(values, chart=chart, version=version)) == [finding]
