"""Who manages which field of an object."""

from typing import Any

from rehearsal.providers.kubernetes_api.objects.field_managers import CREATOR, field_manager, forces, takeover
from rehearsal.providers.provider import Operation


def operation(**given: Any) -> Operation:
    return Operation(urn="urn:one", type="kubernetes:core/v1:ConfigMap", name="one", **given)


def entry(manager: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": kind, "apiVersion": "v1", "fieldsV1": fields}


def live(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}}


def test_the_manager_is_the_same_in_every_update_of_an_object():
    first = field_manager(operation(), server_side=True)

    assert first.startswith("pulumi-kubernetes-")
    assert field_manager(operation(old_outputs={"__fieldManager": "kept"}), server_side=True) == "kept"
    assert field_manager(operation(), server_side=True) == first


def test_an_annotation_names_another_manager():
    inputs = {"metadata": {"annotations": {"pulumi.com/patchFieldManager": "mine"}}}

    assert field_manager(operation(inputs=inputs), server_side=True) == "mine"
    assert field_manager(operation(inputs=inputs), server_side=False) == CREATOR


def test_the_fields_of_its_creation_go_over_to_the_manager_that_applies():
    found = takeover(live(entry(CREATOR, "Update", a={"b": {}}), entry("other", "Update", c={})), "mine")

    assert found == [
        {
            "op": "replace",
            "path": "/metadata/managedFields",
            "value": [entry("mine", "Apply", a={"b": {}}), entry("other", "Update", c={})],
        }
    ]


def test_fields_that_are_its_own_already_are_kept_with_those_taken_over():
    [patch] = takeover(live(entry("mine", "Apply", a={"x": {}}), entry(CREATOR, "Update", a={"y": {}})), "mine")

    assert patch["value"] == [entry("mine", "Apply", a={"x": {}, "y": {}})]


def test_nothing_is_taken_over_where_nobody_came_before():
    assert takeover(live(entry("mine", "Apply", a={})), "mine") == []


def test_fields_of_others_are_overwritten_only_where_the_program_says_so():
    foreign = live(entry("other", "Update"))
    forced = {"metadata": {"annotations": {"pulumi.com/patchForce": "true"}}}

    assert not forces(operation(), foreign, always=False)
    assert forces(operation(), foreign, always=True)
    assert forces(operation(inputs=forced), foreign, always=False)


def test_a_preview_does_not_fail_for_what_the_update_takes_over():
    assert forces(operation(preview=True), live(entry(CREATOR, "Update")), always=False)
    assert not forces(operation(), live(entry(CREATOR, "Update")), always=False)
