"""Claims get what their storage class says."""

import secrets
from typing import Any

import pytest

from rehearsal.control_plane.api_client import ApiError
from tests.real.cluster import Namespace, Object, is_ready, pod, template


def storage_class(everywhere: Namespace, **fields: Any) -> str:
    name = f"class-{secrets.token_hex(4)}"
    everywhere.create("storageclasses", name, {"provisioner": "pd.csi.storage.gke.io", **fields})
    return name


def claim(class_: str, size: str = "5Gi", **spec: Any) -> Object:
    asked = {"requests": {"storage": size}}
    return {"spec": {"storageClassName": class_, "accessModes": ["ReadWriteOnce"], "resources": asked, **spec}}


def is_bound(item: Object) -> bool:
    return item["status"].get("phase") == "Bound"


def mounting(name: str) -> Object:
    return pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": name}}])


def test_a_class_that_binds_at_once_gives_a_volume_as_asked(namespace: Namespace, everywhere: Namespace):
    class_ = storage_class(everywhere, reclaimPolicy="Retain", mountOptions=["noatime"])
    namespace.create("persistentvolumeclaims", "data", claim(class_))

    found = namespace.wait("persistentvolumeclaims", "data", is_bound)

    volume = everywhere.get("persistentvolumes", found["spec"]["volumeName"])
    assert volume is not None
    spec = volume["spec"]
    assert (spec["capacity"], spec["accessModes"]) == ({"storage": "5Gi"}, ["ReadWriteOnce"])
    assert (spec["persistentVolumeReclaimPolicy"], spec["mountOptions"]) == ("Retain", ["noatime"])
    assert spec["csi"]["driver"] == "pd.csi.storage.gke.io"


@pytest.mark.parametrize(
    ("provisioner", "label"),
    [
        ("pd.csi.storage.gke.io", "topology.kubernetes.io/zone"),
        ("disk.csi.azure.com", "topology.kubernetes.io/zone"),
        ("blockvolume.csi.oraclecloud.com", "topology.kubernetes.io/zone"),
        ("rancher.io/local-path", "kubernetes.io/hostname"),
    ],
)
def test_a_class_that_waits_for_a_pod_gives_a_volume_where_the_pod_is(
    provisioner: str, label: str, namespace: Namespace, everywhere: Namespace
):
    class_ = storage_class(everywhere, provisioner=provisioner, volumeBindingMode="WaitForFirstConsumer")
    template_ = {"metadata": {"name": "data"}, **claim(class_, "50Gi")}
    spec = {"replicas": 2, "serviceName": "db", **template(), "volumeClaimTemplates": [template_]}
    namespace.create("statefulsets", "db", {"spec": spec})

    namespace.wait("statefulsets", "db", lambda item: item["status"].get("readyReplicas") == 2)

    for item in namespace.list("pods"):
        bound = namespace.get("persistentvolumeclaims", f"data-{item['metadata']['name']}")
        node = everywhere.get("nodes", item["spec"]["nodeName"])
        assert bound
        assert node
        volume = everywhere.get("persistentvolumes", bound["spec"]["volumeName"])
        assert volume
        [term] = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
        place = node["metadata"]["labels"][label]
        assert term["matchExpressions"] == [{"key": label, "operator": "In", "values": [place]}]


def test_a_claim_that_nobody_uses_waits(namespace: Namespace, everywhere: Namespace):
    late = storage_class(everywhere, volumeBindingMode="WaitForFirstConsumer")
    namespace.create("persistentvolumeclaims", "late", claim(late))
    namespace.create("persistentvolumeclaims", "unknown", claim(f"{late}-missing"))
    namespace.create("persistentvolumeclaims", "bound", claim(storage_class(everywhere)))

    namespace.wait("persistentvolumeclaims", "bound", is_bound)

    phases = {item["metadata"]["name"]: item["status"]["phase"] for item in namespace.list("persistentvolumeclaims")}
    assert phases == {"bound": "Bound", "late": "Pending", "unknown": "Pending"}


def test_a_claim_grows_where_its_class_allows_it(namespace: Namespace, everywhere: Namespace):
    namespace.create("persistentvolumeclaims", "grows", claim(storage_class(everywhere, allowVolumeExpansion=True)))
    namespace.create("persistentvolumeclaims", "stays", claim(storage_class(everywhere)))
    for name in ("grows", "stays"):
        namespace.wait("persistentvolumeclaims", name, is_bound)
    larger = {"spec": {"resources": {"requests": {"storage": "9Gi"}}}}

    namespace.patch("persistentvolumeclaims", "grows", larger)
    with pytest.raises(ApiError, match="storageclass that provisions the pvc must support resize"):
        namespace.patch("persistentvolumeclaims", "stays", larger)

    found = namespace.wait(
        "persistentvolumeclaims", "grows", lambda item: item["status"]["capacity"] == {"storage": "9Gi"}
    )
    volume = everywhere.get("persistentvolumes", found["spec"]["volumeName"])
    assert volume is not None
    assert volume["spec"]["capacity"] == {"storage": "9Gi"}


def test_a_volume_goes_with_its_claim_unless_its_class_keeps_it(namespace: Namespace, everywhere: Namespace):
    volumes: dict[str, str] = {}
    for policy in ("Delete", "Retain"):
        name = policy.lower()
        namespace.create("persistentvolumeclaims", name, claim(storage_class(everywhere, reclaimPolicy=policy)))
        volumes[policy] = namespace.wait("persistentvolumeclaims", name, is_bound)["spec"]["volumeName"]
        namespace.delete("persistentvolumeclaims", name)

    everywhere.wait_until_gone("persistentvolumes", volumes["Delete"])
    everywhere.wait("persistentvolumes", volumes["Retain"], lambda item: item["status"]["phase"] == "Released")
    everywhere.delete("persistentvolumes", volumes["Retain"])


def test_a_disk_is_on_one_node_at_a_time(namespace: Namespace, everywhere: Namespace, nodes: list[str]):
    """As an update does that starts the new pod before the old one has gone, on another node."""
    namespace.create(
        "persistentvolumeclaims", "data", claim(storage_class(everywhere, provisioner="disk.example.test"))
    )
    bodies = [mounting("data") for _ in range(2)]
    for name, node, body in zip(("first", "second"), nodes, bodies, strict=False):
        body["spec"]["nodeName"] = node
        namespace.create("pods", name, body)
        if name == "first":
            namespace.wait("pods", "first", is_ready)

    namespace.wait("pods", "second", lambda _: "FailedAttachVolume" in dict(namespace.warnings("second")))
    namespace.delete("pods", "first")

    namespace.wait("pods", "second", is_ready)
