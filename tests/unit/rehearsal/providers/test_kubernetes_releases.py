"""Helm releases in a rehearsed cluster."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.google_project import GoogleProject
from tests.unit.rehearsal.providers.rehearsed_cluster import DEFINITION, NAMESPACE, RELEASE, RehearsedCluster

MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
ATOMIC: dict[str, Any] = {"atomic": True}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '9'\n")
    return folder


@pytest.fixture
def apps(cluster: RehearsedCluster) -> RehearsedCluster:
    cluster.namespace("apps")
    return cluster


def test_a_release_says_what_runs(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.release("web", str(chart))

    assert made.id == "apps/web"
    assert made["status"] == {
        "name": "web",
        "namespace": "apps",
        "revision": 1,
        "status": "deployed",
        "version": "1.2.3",
        "chart": "web",
        "appVersion": "9",
    }


def test_an_upgrade_counts_revisions(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.release("web", str(chart))
    upgraded = apps.engine.update(made, name="web", namespace="apps", chart=str(chart), values={"replicas": 2})

    assert upgraded["status"]["revision"] == 2
    assert apps.engine.read(made)["status"]["revision"] == 2


def test_an_uninstalled_release_is_gone(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.release("web", str(chart))
    apps.engine.delete(made)

    assert apps.engine.read(made).id == ""
    assert apps.release("web", str(chart))["status"]["revision"] == 1


def test_a_release_without_a_name_gets_one(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.engine.create(RELEASE, "web", namespace="apps", chart=str(chart))

    assert made["name"].startswith("web-")
    assert len(made["name"]) == len("web-") + 8
    assert not apps.engine.diff(made, namespace="apps", chart=str(chart)).changes


def test_another_name_or_namespace_is_another_release(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.release("web", str(chart))

    assert apps.engine.diff(made, name="api", namespace="apps", chart=str(chart)).replaces == ["name"]
    assert apps.engine.diff(made, name="web", namespace="other", chart=str(chart)).replaces == ["namespace"]


def test_a_preview_knows_the_inputs_only(apps: RehearsedCluster, chart: Path) -> None:
    planned = apps.engine.preview(RELEASE, "web", name="web", namespace="apps", chart=str(chart))

    assert (planned["name"], planned["status"]) == ("web", UNKNOWN)


def test_a_local_chart_has_to_be_there_before_anything_is_created(cluster: RehearsedCluster, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    for folder, why in (("none", "not found"), ("empty", "Chart.yaml file is missing")):
        failures = cluster.engine.failures(RELEASE, "web", {"chart": str(tmp_path / folder)})
        assert [path for path, _ in failures] == ["chart"]
        assert why in failures[0][1]


def test_a_chart_is_not_looked_for_while_values_are_unknown(cluster: RehearsedCluster) -> None:
    assert cluster.engine.failures(RELEASE, "web", {"chart": "./none", "values": {"a": UNKNOWN}}) == []


def test_a_packed_chart_says_its_version_by_its_name(cluster: RehearsedCluster, tmp_path: Path) -> None:
    packed = tmp_path / "loki-18.11.0.tgz"
    assert "not found" in cluster.engine.failures(RELEASE, "loki", {"chart": str(packed)})[0][1]
    packed.touch()

    checked = cluster.engine.check(RELEASE, "loki", {"chart": str(packed)})

    assert checked["version"] == "18.11.0"


def test_a_chart_that_nobody_knows_fails_by_name(cluster: RehearsedCluster) -> None:
    failures = cluster.engine.failures(RELEASE, "x", {"chart": "oci://registry.example/charts/mystery"})

    assert "knows nothing of the chart mystery: add it to rehearsal/providers/kubernetes/charts.json" in failures[0][1]


def test_a_release_name_is_taken_once_in_a_namespace(apps: RehearsedCluster, chart: Path) -> None:
    apps.namespace("other")
    apps.release("web", str(chart))
    apps.release("web", str(chart), namespace="other")

    with pytest.raises(Refused, match="cannot re-use a name that is still in use"):
        apps.release("web", str(chart))


def test_a_release_needs_its_namespace(cluster: RehearsedCluster, chart: Path) -> None:
    with pytest.raises(Refused, match='failed to create: namespaces "apps" not found'):
        cluster.release("web", str(chart))

    assert cluster.release("web", str(chart), createNamespace=True).id == "apps/web"
    assert cluster.inventory.get(NAMESPACE, "apps", cluster.account) is not None


def test_an_atomic_release_without_nodes_times_out_and_is_gone(bare_cluster: RehearsedCluster, chart: Path) -> None:
    with pytest.raises(Refused, match=r"has been uninstalled due to atomic being set: timed out.*no node pool"):
        bare_cluster.release("web", str(chart), namespace="default", **ATOMIC)

    assert bare_cluster.inventory.list(account=bare_cluster.account) == []


@pytest.mark.parametrize("elsewhere", ["no NAT", "another network", "another region"])
def test_pods_of_private_nodes_get_no_images_without_a_nat(
    project: GoogleProject, inventory: Inventory, chart: Path, elsewhere: str
) -> None:
    network = project.network()
    cluster = RehearsedCluster(
        project, inventory, network=network.id, privateClusterConfig={"enablePrivateNodes": True}
    )
    if elsewhere == "another network":
        project.nat(project.network("other"))
    if elsewhere == "another region":
        project.nat(network, region="europe-west1")

    with pytest.raises(Refused, match=r"ErrImagePull: no route .*the network vpc has no RouterNat in europe-west4"):
        cluster.release("web", str(chart), namespace="default", **ATOMIC)

    project.nat(network, "main")
    assert cluster.release("web", str(chart), namespace="default", **ATOMIC).id == "default/web"


def test_a_release_that_is_not_atomic_stays_behind_failed(bare_cluster: RehearsedCluster, chart: Path) -> None:
    with pytest.raises(Refused, match="was created, but has a failed status") as refused:
        bare_cluster.release("web", str(chart), namespace="default")

    assert refused.value.details.id == "default/web"
    row = bare_cluster.inventory.get(RELEASE, "default/web", bare_cluster.account)
    assert row is not None
    assert row.outputs["status"]["status"] == "failed"


def test_nobody_waits_for_a_release_that_asks_not_to(bare_cluster: RehearsedCluster, chart: Path) -> None:
    assert bare_cluster.release("web", str(chart), namespace="default", skipAwait=True).id == "default/web"


def test_definitions_need_no_nodes(bare_cluster: RehearsedCluster) -> None:
    bare_cluster.release("crds", "oci://example/prometheus-operator-crds", "default", version="31.0.1", **ATOMIC)

    kinds = {row.name for row in bare_cluster.inventory.list(account=bare_cluster.account, type=DEFINITION)}
    assert "servicemonitors.monitoring.coreos.com" in kinds
    assert len(kinds) == 10


def test_definitions_from_templates_go_with_the_release_and_take_objects_along(cluster: RehearsedCluster) -> None:
    release = cluster.release("crds", "oci://example/prometheus-operator-crds", "default", version="31.0.1")
    monitor = cluster.engine.create(MONITOR, "m", metadata={"name": "m", "namespace": "default"}, spec={})
    cluster.engine.delete(release)

    assert cluster.engine.read(monitor).id == ""
    assert cluster.inventory.list(account=cluster.account) == []


def test_definitions_from_a_crds_folder_stay(cluster: RehearsedCluster) -> None:
    release = cluster.release("dapr", "dapr", "default", version="1.18.3")
    cluster.engine.delete(release)

    left = cluster.inventory.list(account=cluster.account)
    assert {row.type for row in left} == {DEFINITION}
    assert {row.owner for row in left} == {""}
    assert "components.dapr.io" in {row.name for row in left}


def test_a_crds_folder_can_be_skipped_and_templates_cannot(cluster: RehearsedCluster) -> None:
    cluster.release("strimzi", "strimzi-kafka-operator", "default", version="1.2.0", skipCrds=True)
    assert cluster.inventory.list(account=cluster.account, type=DEFINITION) == []

    cluster.release("crds", "prometheus-operator-crds", "default", version="31.0.1", skipCrds=True)
    assert cluster.inventory.list(account=cluster.account, type=DEFINITION) != []


def test_a_switch_leaves_definitions_out(cluster: RehearsedCluster) -> None:
    values = {"crds": {"enabled": False}, "prometheus": {"enabled": False}, "alertmanager": {"enabled": False}}
    values |= {"defaultRules": {"create": False}}

    cluster.release("kps", "kube-prometheus-stack", "default", version="88.5.3", values=values)

    assert cluster.inventory.list(account=cluster.account, type=DEFINITION) == []


def test_a_chart_needs_the_definitions_of_what_it_makes(cluster: RehearsedCluster) -> None:
    def install() -> State:
        return cluster.release(
            "kps", "kube-prometheus-stack", "default", version="88.5.3", values={"crds": {"enabled": False}}
        )

    with pytest.raises(
        Refused, match=r'no matches for kind "Prometheus" in group "monitoring.coreos.com": ensure CRDs'
    ):
        install()

    cluster.release("crds", "prometheus-operator-crds", "default", version="31.0.1")
    assert install().id == "default/kps"


def test_a_chart_that_brings_its_definitions_needs_no_others(cluster: RehearsedCluster) -> None:
    assert cluster.release("kps", "kube-prometheus-stack", "default", version="88.5.3").id == "default/kps"


def test_an_upgrade_may_come_to_need_definitions(apps: RehearsedCluster) -> None:
    made = apps.release("backend", "./charts/app-service")

    with pytest.raises(Refused, match='no matches for kind "ServiceMonitor"'):
        apps.engine.update(
            made, name="backend", namespace="apps", chart="./charts/app-service", values={"metrics": {"enabled": True}}
        )


@pytest.mark.parametrize(
    ("chart", "values"),
    [
        ("kube-prometheus-stack", {"grafana": {"admin": {"existingSecret": "creds"}}}),
        ("velero", {"credentials": {"existingSecret": "creds"}}),
        ("./charts/app-service", {"secretEnv": {"TOKEN": {"secret": "creds", "key": "token"}}}),
    ],
)
def test_a_release_waits_for_a_secret_that_its_values_name(
    apps: RehearsedCluster, chart: str, values: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match='timed out waiting for the condition: secret "creds" not found'):
        apps.release("it", chart, version="1", values=values, **ATOMIC)

    apps.secret("creds", "apps")
    assert apps.release("it", chart, version="1", values=values, **ATOMIC).id == "apps/it"


def test_a_release_waits_for_a_config_map_that_its_values_name(apps: RehearsedCluster) -> None:
    with pytest.raises(Refused, match='configmap "routes" not found'):
        apps.release("kong", "kong", values={"dblessConfig": {"configMap": "routes"}}, **ATOMIC)


def test_what_is_switched_off_needs_no_secret(apps: RehearsedCluster) -> None:
    values = {"grafana": {"enabled": False, "admin": {"existingSecret": "creds"}}}

    assert apps.release("kps", "kube-prometheus-stack", values=values, **ATOMIC).id == "apps/kps"


def test_a_release_waits_for_a_storage_class_that_its_values_name(apps: RehearsedCluster) -> None:
    values = {"singleBinary": {"persistence": {"storageClass": "gp3"}}, "items": [{"storageClassName": "premium-rwo"}]}

    with pytest.raises(Refused, match=r'condition: storageclass.storage.k8s.io "gp3" not found$'):
        apps.release("loki", "loki", values=values, **ATOMIC)


def test_a_failed_atomic_upgrade_is_rolled_back(apps: RehearsedCluster) -> None:
    made = apps.release("loki", "loki", values={"a": 1}, **ATOMIC)

    with pytest.raises(Refused, match="has been rolled back due to atomic being set"):
        apps.engine.update(
            made, name="loki", namespace="apps", chart="loki", values={"p": {"storageClass": "gp3"}}, **ATOMIC
        )

    row = apps.inventory.get(RELEASE, "apps/loki", apps.account)
    assert row is not None
    assert row.inputs["values"] == {"a": 1}
    assert row.outputs["status"]["revision"] == 3


def test_a_secret_among_the_values_never_enters_the_inventory(apps: RehearsedCluster, chart: Path) -> None:
    made = apps.release("web", str(chart), values={"token": Secret("correct-horse")})

    assert made["values"] == {"token": Secret("correct-horse")}
    held = b"".join(path.read_bytes() for path in apps.inventory.path.parent.glob("inventory.sqlite*"))
    assert b"correct-horse" not in held


def test_a_pod_waits_for_the_claim_of_its_volume(apps: RehearsedCluster) -> None:
    volume = {"name": "traces", "persistentVolumeClaim": {"claimName": "jaeger-traces"}}
    values = {"jaeger": {"extraVolumes": [{"name": "scratch", "emptyDir": {}}, volume]}}

    with pytest.raises(Refused, match='persistentvolumeclaim "jaeger-traces" not found'):
        apps.release("jaeger", "jaeger", values=values, **ATOMIC)


def test_a_release_needs_the_priorities_that_its_values_name(apps: RehearsedCluster, chart: Path) -> None:
    values = {"worker": {"priorityClassName": "urgent"}}

    with pytest.raises(Refused, match="no PriorityClass with name urgent was found"):
        apps.release("web", str(chart), values=values, **ATOMIC)
    apps.engine.create("kubernetes:scheduling.k8s.io/v1:PriorityClass", "urgent", metadata={"name": "urgent"}, value=9)

    assert apps.release("web", str(chart), values=values, **ATOMIC)["status"]["status"] == "deployed"
