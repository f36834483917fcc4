"""Which volumes claims get."""

from decimal import Decimal
from typing import Any

import pytest

from rehearsal.control_plane.kubelet.provisioners import provisioner
from rehearsal.control_plane.kubelet.volumes import Volumes
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.providers.kubernetes.quantities import number
from tests.unit.rehearsal.control_plane.kubelet.fake_api import FakeApi, known

GKE = "pd.csi.storage.gke.io"
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
NODE = "volume.kubernetes.io/selected-node"
NODES = [
    {"metadata": {"name": f"n{zone}", "labels": {"topology.gke.io/zone": zone, "kubernetes.io/hostname": f"n{zone}"}}}
    for zone in ("a", "b", "c")
]


def claim(size: str = "5Gi", *modes: str, **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "data",
            "namespace": "space",
            "uid": "u1",
            "resourceVersion": "7",
            "annotations": annotations,
        },
        "spec": {
            "storageClassName": "fast",
            "accessModes": list(modes) or ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
        },
    }


def class_(**fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": "fast"}, "provisioner": GKE, "volumeBindingMode": "Immediate", **fields}


def made(asked: dict[str, Any], of: dict[str, Any] | None = None, cloud: str | None = "gke") -> list[dict[str, Any]]:
    """The volumes that a claim brings about."""
    api = FakeApi()
    objects = known(persistentvolumeclaims=[asked], storageclasses=[of or class_()], nodes=NODES)
    Volumes(api, objects, WorkQueue(), cloud).reconcile_claim("space/data")
    return [body for method, _, body in api.requests if method == "POST" and body]


def test_a_volume_is_what_the_claim_asks_for_and_its_class_says():
    of = class_(reclaimPolicy="Retain", mountOptions=["noatime"], parameters={"csi.storage.k8s.io/fstype": "xfs"})

    [volume] = made(claim(**{PROVISIONER: GKE}), of)

    spec = volume["spec"]
    del spec["nodeAffinity"]
    assert volume["metadata"] == {"name": "pvc-u1", "annotations": {"pv.kubernetes.io/provisioned-by": GKE}}
    assert spec == {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "5Gi"},
        "claimRef": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "name": "data",
            "namespace": "space",
            "uid": "u1",
            "resourceVersion": "7",
        },
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "fast",
        "volumeMode": "Filesystem",
        "csi": {"driver": GKE, "volumeHandle": "pvc-u1", "fsType": "xfs"},
        "mountOptions": ["noatime"],
    }


def test_nothing_is_made_before_the_controller_manager_names_the_provisioner():
    assert made(claim()) == []


def test_a_class_that_waits_has_its_volume_in_the_zone_of_the_pods_node():
    waits = class_(volumeBindingMode="WaitForFirstConsumer")
    assert made(claim(**{PROVISIONER: GKE}), waits) == []

    [volume] = made(claim(**{PROVISIONER: GKE, NODE: "nb"}), waits)

    [term] = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term == {"matchExpressions": [{"key": "topology.gke.io/zone", "operator": "In", "values": ["b"]}]}


@pytest.mark.parametrize(
    ("driver", "mode", "cloud", "count"),
    [
        (GKE, "ReadWriteMany", "gke", 0),
        ("filestore.csi.storage.gke.io", "ReadWriteMany", "gke", 1),
        (GKE, "ReadWriteOnce", "aks", 0),
        (GKE, "ReadWriteOnce", None, 1),
        ("disk.csi.azure.com", "ReadWriteMany", "aks", 0),
        ("driver.example.test", "ReadWriteMany", "aks", 1),
    ],
)
def test_a_provisioner_refuses_what_it_cannot_make(driver: str, mode: str, cloud: str | None, count: int):
    assert len(made(claim("5Gi", mode, **{PROVISIONER: driver}), cloud=cloud)) == count


def test_a_block_volume_of_oracle_has_fifty_gigabytes_at_least():
    driver = provisioner("blockvolume.csi.oraclecloud.com")

    assert [driver.capacity(size) for size in ("5Gi", "50Gi", "1Ti")] == ["50Gi", "50Gi", "1Ti"]


def test_local_volumes_are_folders_of_a_node():
    local = provisioner("rancher.io/local-path")

    assert local.source("pvc-u1", {}, {})["hostPath"]["path"] == "/var/local-path-provisioner/pvc-u1"
    affinity = local.affinity([NODES[0]["metadata"]["labels"]], "u1")
    assert affinity
    [term] = affinity["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["na"]}]


@pytest.mark.parametrize(("asked", "count"), [("9Gi", 2), ("5Gi", 0), ("5120Mi", 0)])
def test_a_bound_claim_that_asks_for_more_grows_with_its_volume(asked: str, count: int):
    item = claim(asked)
    item["spec"]["volumeName"] = "pv"
    item["status"] = {"phase": "Bound", "capacity": {"storage": "5Gi"}}
    api = FakeApi()

    Volumes(api, known(persistentvolumeclaims=[item]), WorkQueue(), None).reconcile_claim("space/data")

    assert [path for _, path, _ in api.requests] == [
        "/api/v1/persistentvolumes/pv",
        "/api/v1/namespaces/space/persistentvolumeclaims/data/status",
    ][:count]


@pytest.mark.parametrize(
    ("phase", "policy", "annotations", "gone"),
    [
        ("Released", "Delete", {"pv.kubernetes.io/provisioned-by": GKE}, True),
        ("Released", "Retain", {"pv.kubernetes.io/provisioned-by": GKE}, False),
        ("Bound", "Delete", {"pv.kubernetes.io/provisioned-by": GKE}, False),
        ("Released", "Delete", {}, False),
    ],
)
def test_a_released_volume_goes_where_its_policy_says_so(
    phase: str, policy: str, annotations: dict[str, str], gone: bool
):
    volume = {
        "metadata": {"name": "pv", "annotations": annotations},
        "spec": {"persistentVolumeReclaimPolicy": policy},
        "status": {"phase": phase},
    }
    api = FakeApi()

    Volumes(api, known(persistentvolumes=[volume]), WorkQueue(), None).reconcile_volume("pv")

    assert api.requests == ([("DELETE", "/api/v1/persistentvolumes/pv", None)] if gone else [])


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("5Gi", 5 * 2**30), ("250m", Decimal("0.25")), ("1e3", 1000), ("2", 2), ("1k", 1000), ("1.5Ki", 1536), (4, 4)],
)
def test_quantities_are_numbers(quantity: str | int, value: Any):
    assert number(quantity) == value
