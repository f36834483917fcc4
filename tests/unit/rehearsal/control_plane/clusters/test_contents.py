"""What a new cluster holds, and what is left of a cluster that goes."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.control_plane.clusters import left_behind, records
from rehearsal.control_plane.clusters.contents import objects
from rehearsal.control_plane.clusters.local_context import kind_node
from rehearsal.control_plane.clusters.records import plane_name
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.pools.node_pools import added
from rehearsal.providers.kubernetes.tables import rules

CLOUDS = ("gke", "aks", "oke", "local")


def of_kind(cloud: str, kind: str) -> list[dict[str, Any]]:
    return [body for _, body in objects(cloud) if body["kind"] == kind]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_real_cluster_has_the_storage_classes_and_kinds_of_one_in_memory(cloud: str):
    known = rules()["clouds"][cloud]
    definitions = [one["spec"] for one in of_kind(cloud, "CustomResourceDefinition")]

    assert [one["metadata"]["name"] for one in of_kind(cloud, "StorageClass")] == known["storage_classes"]
    assert [f"{spec['group']}/{spec['names']['kind']}" for spec in definitions] == known["kinds"]
    cluster_wide = [spec["names"]["kind"] for spec in definitions if spec["scope"] == "Cluster"]
    assert cluster_wide == known["cluster_kinds"]


@pytest.mark.parametrize(
    ("cloud", "name", "provisioner"),
    [
        ("gke", "standard-rwo", "pd.csi.storage.gke.io"),
        ("aks", "default", "disk.csi.azure.com"),
        ("oke", "oci-bv", "blockvolume.csi.oraclecloud.com"),
        ("local", "standard", "rancher.io/local-path"),
    ],
)
def test_one_storage_class_is_the_default_and_waits_for_its_first_pod(cloud: str, name: str, provisioner: str):
    [default] = [one for one in of_kind(cloud, "StorageClass") if one["metadata"]["annotations"]]

    assert default["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert (default["metadata"]["name"], default["provisioner"]) == (name, provisioner)
    assert default["volumeBindingMode"] == "WaitForFirstConsumer"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_kinds_in_groups_of_kubernetes_itself_say_who_approved_them(cloud: str):
    for one in of_kind(cloud, "CustomResourceDefinition"):
        approved = "api-approved.kubernetes.io" in one["metadata"]["annotations"]
        assert approved == one["spec"]["group"].endswith(".k8s.io")
        assert one["metadata"]["name"] == f"{one['spec']['names']['plural']}.{one['spec']['group']}"


def test_a_control_plane_is_called_as_its_cluster_and_unique_by_its_id():
    assert plane_name("projects/a/clusters/main", "main").startswith("main-")
    assert plane_name("projects/a/clusters/main", "main") != plane_name("projects/b/clusters/main", "main")
    assert plane_name("kind_A/b", "kind_A/b").startswith("kind-a-b-")
    assert plane_name("éé", "éé").startswith("cluster-")


def test_the_node_of_a_kind_cluster_takes_every_pod():
    [node] = added(kind_node("kind-groundwork"), [], 1)

    assert node["metadata"]["name"] == "groundwork-control-plane"
    assert node["spec"] == {"providerID": "kind://docker/groundwork/groundwork-control-plane", "taints": []}
    assert node["status"]["allocatable"]["cpu"] == "8000m"


@pytest.mark.parametrize(
    ("context", "name"),
    [
        ("admin@homelab", "admin-homelab-control-plane"),
        ("gke_acme_europe-west4_main", "gke-acme-europe-west4-main-control-plane"),
        ('../é:"$(x)', "x-control-plane"),
        ("é", "cluster-control-plane"),
        ("c" * 90, f"{'c' * 40}-control-plane"),
    ],
)
def test_the_node_of_any_context_has_a_name_that_kubernetes_takes(context: str, name: str):
    [node] = added(kind_node(context), [], 1)

    assert node["metadata"]["name"] == node["metadata"]["labels"]["kubernetes.io/hostname"] == name


def test_what_was_left_in_clusters_is_told_once(tmp_path: Path):
    left_behind.note(tmp_path, "one", ["ConfigMap default/a", "Secret default/b"])
    left_behind.note(tmp_path, "two", ["ConfigMap default/c"])
    left_behind.note(tmp_path, "three", [])

    assert left_behind.told(tmp_path) == [
        "What was left in the cluster one when it was deleted:",
        "  ConfigMap default/a",
        "  Secret default/b",
        "What was left in the cluster two when it was deleted:",
        "  ConfigMap default/c",
    ]
    assert left_behind.told(tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "managers", "kept"),
    [
        ("CustomResourceDefinition", {"helm", "kube-apiserver"}, True),
        ("CustomResourceDefinition", {"pulumi-kubernetes-1a2b", "kube-apiserver"}, False),
        ("ConfigMap", {"helm"}, False),
    ],
)
def test_definitions_that_helm_keeps_are_not_left_by_the_stack(kind: str, managers: set[str], kept: bool):
    one = {"metadata": {"name": "kafkas.kafka.strimzi.io", "managedFields": [{"manager": name} for name in managers]}}

    assert left_behind.is_kept(kind, one) == kept


def test_a_damaged_record_of_what_was_left_is_told(tmp_path: Path):
    (tmp_path / "left-behind.json").write_text("{")

    with pytest.raises(ControlPlaneError, match=r"left-behind.json is damaged, .*: remove it"):
        left_behind.told(tmp_path)


def test_a_damaged_record_of_a_cluster_is_told(tmp_path: Path):
    plane = ControlPlane("main", tmp_path, 20000)
    (tmp_path / "cluster.json").write_text('{"type": "a"}')

    with pytest.raises(ControlPlaneError, match=r"cluster.json is damaged: `make clean` forgets"):
        records.read(plane)
