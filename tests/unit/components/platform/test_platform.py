"""What the platform releases, and with which values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest
import yaml

from components.contracts import Capabilities, Demands
from components.foundation import build_foundation
from components.namespaces import pod_security_labels
from components.platform.applications import Applications
from components.platform.platform import build_platform
from components.platform.prometheus_values import control_plane_targets
from components.releases import ChartSource, check_charts
from stacks.credentials import Credentials
from stacks.problems import SettingsError
from stacks.settings import parse
from stacks.versions import CHARTS, KUBE_PROMETHEUS_STACK, LOKI
from tests.mock_engine import Deployed, Registration

RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture
def platform(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(name: str = "gke-dev", **changes: Any) -> Deployed:
        committed = yaml.safe_load(Path(f"stacks/Pulumi.{name}.yaml").read_text())["config"]["groundwork:stack"]
        stack = parse({**committed, **changes})
        return deploy(lambda: build_platform(stack, Credentials(), build_foundation(stack, Demands()), Applications()))

    return build


def release(deployed: Deployed, name: str) -> Registration:
    (found,) = [one for one in deployed.of_type(RELEASE) if one.inputs["name"] == name]
    return found


def test_releases_are_pinned_and_roll_back_what_fails(platform: Callable[..., Deployed]):
    for one in platform().of_type(RELEASE):
        assert one.inputs["version"]
        assert one.inputs["atomic"] is True
        assert one.inputs["maxHistory"] == 10
        assert one.inputs["timeout"] >= 300


def test_loki_keeps_its_data_in_the_bucket_of_the_stack(platform: Callable[..., Deployed]):
    values = release(platform(), "loki").inputs["values"]

    bucket = "example-groundwork-dev-groundwork-dev-logs"
    assert values["loki"]["storage"] == {"type": "gcs", "bucketNames": {"chunks": bucket, "ruler": bucket}}
    config = values["loki"]["structuredConfig"]
    assert config["common"]["storage"] == {"gcs": {"bucket_name": bucket}}
    assert config["schema_config"]["configs"][0]["object_store"] == "gcs"
    assert config["compactor"]["delete_request_store"] == "gcs"
    assert values["serviceAccount"]["name"] == "loki"


def test_loki_waits_for_its_grant_and_its_nodes(platform: Callable[..., Deployed]):
    deployed = platform()

    waits_for = release(deployed, "loki").depends_on
    assert deployed.named("logs-grant").urn in waits_for
    assert deployed.named("pools-system").urn in waits_for
    assert deployed.named("backups-grant").urn not in waits_for


def test_retention_follows_the_settings(platform: Callable[..., Deployed]):
    deployed = platform(logs={"retention_days": 10}, metrics={"retention_days": 12, "storage_gib": 100})

    assert (
        release(deployed, "loki").inputs["values"]["loki"]["structuredConfig"]["limits_config"]["retention_period"]
        == "240h"
    )
    spec = release(deployed, "kps").inputs["values"]["prometheus"]["prometheusSpec"]
    assert (spec["retention"], spec["retentionSize"]) == ("12d", "80GiB")
    assert spec["storageSpec"]["volumeClaimTemplate"]["spec"]["resources"]["requests"]["storage"] == "100Gi"


def test_one_process_in_dev_and_replicas_in_prod(platform: Callable[..., Deployed]):
    dev, prod = platform("gke-dev"), platform("gke-prod")

    assert release(dev, "loki").inputs["values"]["deploymentMode"] == "Monolithic"
    assert release(prod, "loki").inputs["values"]["deploymentMode"] == "Distributed"
    assert release(prod, "loki").inputs["values"]["loki"]["structuredConfig"]["common"]["replication_factor"] == 3
    assert release(dev, "kps").inputs["values"]["prometheus"]["prometheusSpec"]["replicas"] == 1
    assert release(prod, "kps").inputs["values"]["prometheus"]["prometheusSpec"]["replicas"] == 2


def test_a_local_cluster_keeps_logs_on_a_volume(platform: Callable[..., Deployed]):
    values = release(platform("local-dev"), "loki").inputs["values"]

    assert values["loki"]["storage"] == {"type": "filesystem"}
    assert values["loki"]["structuredConfig"]["schema_config"]["configs"][0]["object_store"] == "filesystem"


def test_the_admin_password_is_generated_and_reaches_grafana_by_name_only(platform: Callable[..., Deployed]):
    deployed = platform()

    secret = deployed.named("grafana-admin-credentials")
    assert secret.inputs["stringData"] == {"admin-user": "admin", "admin-password": "generated-password"}
    values = release(deployed, "kps").inputs["values"]
    assert values["grafana"]["admin"]["existingSecret"] == secret.inputs["metadata"]["name"]
    assert "generated-password" not in str(values)
    assert secret.urn in release(deployed, "kps").depends_on


def test_definitions_come_before_what_they_define_and_do_not_wait_for_nodes(platform: Callable[..., Deployed]):
    deployed = platform()

    crds = release(deployed, "prometheus-operator-crds")
    assert deployed.named("pools-system").urn not in crds.depends_on
    assert release(deployed, "kps").inputs["values"]["crds"] == {"enabled": False}
    for name in ("kps", "loki", "alloy", "alloy-events"):
        assert crds.urn in release(deployed, name).depends_on


def test_collectors_and_grafana_do_not_wait_for_loki(platform: Callable[..., Deployed]):
    deployed = platform()

    loki = release(deployed, "loki").urn
    assert not [one.name for one in deployed.registrations.values() if loki in one.depends_on]


def test_everything_runs_in_a_namespace_with_a_pod_security_level(platform: Callable[..., Deployed]):
    deployed = platform()

    levels = {
        one.inputs["metadata"]["name"]: one.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for one in deployed.of_type("kubernetes:core/v1:Namespace")
    }
    assert levels == {name: "privileged" if name == "monitoring" else "restricted" for name in levels}
    assert {one.inputs["namespace"] for one in deployed.of_type(RELEASE)} <= {*levels, "kube-system"}


def test_a_level_that_is_not_enforced_is_still_warned_of():
    assert pod_security_labels("privileged") == {
        "pod-security.kubernetes.io/enforce": "privileged",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
    }


def test_a_hidden_control_plane_has_no_scrape_target():
    hidden = Capabilities(
        storage_class="fast",
        control_plane_metrics=False,
        kube_proxy_metrics=False,
        cluster_dns="kube-dns",
        metrics_server=True,
    )

    assert control_plane_targets(hidden) == {
        "kubeControllerManager": {"enabled": False},
        "kubeScheduler": {"enabled": False},
        "kubeEtcd": {"enabled": False},
        "kubeProxy": {"enabled": False},
        "coreDns": {"enabled": False},
        "kubeDns": {"enabled": True},
    }


@pytest.mark.parametrize("name", ["alloy", "alloy-events"])
def test_both_log_pipelines_push_to_loki(platform: Callable[..., Deployed], name: str):
    alloy = release(platform(), name).inputs["values"]["alloy"]

    assert 'url = sys.env("LOKI_PUSH_URL")' in alloy["configMap"]["content"]
    assert alloy["extraEnv"] == [{"name": "LOKI_PUSH_URL", "value": "http://loki-gateway.logging.svc/loki/api/v1/push"}]


def test_charts_come_from_their_publishers():
    assert ChartSource().locate(KUBE_PROMETHEUS_STACK) == {
        "chart": "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
        "version": KUBE_PROMETHEUS_STACK.version,
    }
    located = ChartSource().locate(LOKI)
    assert located.pop("repository_opts") == kubernetes.helm.v3.RepositoryOptsArgs(repo=LOKI.repository)
    assert located == {"chart": "loki", "version": LOKI.version}


def test_every_chart_comes_from_the_mirror_where_there_is_one(platform: Callable[..., Deployed]):
    deployed = platform(chart_mirror="oci://registry.acme.example/charts")

    mirrored = {f"oci://registry.acme.example/charts/{chart.name}" for chart in CHARTS}
    assert {one.inputs["chart"] for one in deployed.of_type(RELEASE)} <= mirrored
    assert not [one for one in deployed.of_type(RELEASE) if "repositoryOpts" in one.inputs]


def test_a_mirror_may_be_a_folder_of_packed_or_unpacked_charts(tmp_path: Path):
    (tmp_path / "loki").mkdir()
    source = ChartSource(mirror=str(tmp_path))

    assert source.locate(LOKI)["chart"] == str(tmp_path / "loki")
    packed = f"kube-prometheus-stack-{KUBE_PROMETHEUS_STACK.version}.tgz"
    assert source.locate(KUBE_PROMETHEUS_STACK)["chart"] == str(tmp_path / packed)


def test_every_chart_that_a_folder_lacks_is_told_by_file_name(tmp_path: Path):
    committed = yaml.safe_load(Path("stacks/Pulumi.gke-dev.yaml").read_text())["config"]["groundwork:stack"]
    (tmp_path / "loki").mkdir()
    packed = [f"{chart.name}-{chart.version}.tgz" for chart in CHARTS if chart != LOKI]
    (tmp_path / packed.pop()).touch()

    with pytest.raises(SettingsError) as raised:
        check_charts(parse({**committed, "chart_mirror": str(tmp_path)}))

    assert raised.value.problems == tuple(f"chart_mirror: there is no {tmp_path / file}" for file in packed)


def test_a_foundation_alone_needs_no_chart(tmp_path: Path):
    committed = yaml.safe_load(Path("stacks/Pulumi.gke-dev.yaml").read_text())["config"]["groundwork:stack"]

    check_charts(parse({**committed, "chart_mirror": str(tmp_path), "until": "foundation"}))
