"""What is kept of what watches tell."""

from rehearsal.control_plane.api_client import Change
from rehearsal.control_plane.kubelet.cluster_objects import KINDS, ClusterObjects, path
from tests.unit.rehearsal.control_plane.kubelet.fake_api import known, put


def config_map(name: str, **fields: object) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "space"}, **fields}


def test_values_are_not_kept():
    data = {"password": "aHVudGVyMg=="}
    objects = known(
        secrets=[config_map("s", data=data)], configmaps=[config_map("c", data={"a": "1"}, binaryData={"b": "2"})]
    )

    assert "aHVudGVyMg" not in str(vars(objects))
    secret, settings = objects.get("secrets", "space/s"), objects.get("configmaps", "space/c")
    assert secret
    assert settings
    assert (secret["keys"], settings["keys"]) == (frozenset({"password"}), frozenset({"a", "b"}))


def test_nothing_is_complete_before_every_kind_has_been_told():
    objects = ClusterObjects()
    first, *others = KINDS
    for kind in others:
        list(objects.take(Change(kind, "COMPLETE", {})))
    assert not objects.complete

    list(objects.take(Change(first, "COMPLETE", {})))

    assert objects.complete


def test_what_went_during_a_gap_is_told_of_when_all_is_told_anew():
    objects = known(configmaps=[config_map("stays"), config_map("went")])

    list(objects.take(Change("configmaps", "BEGIN", {})))
    put(objects, "configmaps", config_map("stays"))

    assert list(objects.take(Change("configmaps", "COMPLETE", {}))) == ["space/went"]
    assert [key for key, _ in objects.items("configmaps")] == ["space/stays"]


def test_what_is_deleted_is_gone():
    objects = known(configmaps=[config_map("c")])

    assert put(objects, "configmaps", config_map("c"), "DELETED") == "space/c"
    assert objects.get("configmaps", "space/c") is None


def test_objects_are_found_by_group_namespace_and_name():
    assert path("pods", "space/app", "status") == "/api/v1/namespaces/space/pods/app/status"
    assert path("volumeattachments", "csi-1") == "/apis/storage.k8s.io/v1/volumeattachments/csi-1"
    assert path("ingresses") == "/apis/networking.k8s.io/v1/ingresses"
