"""What a refresh takes for drift, and what for another writing of the same."""

import base64
from typing import Any

import pytest

from rehearsal.providers.kubernetes_api.objects.live_inputs import imported_inputs, live_inputs
from rehearsal.providers.wire import Secret

METADATA = {"name": "web", "namespace": "apps"}
SERVERS = {"uid": "u", "resourceVersion": "1", "creationTimestamp": "t", "generation": 1, "managedFields": [{}]}


def deployment(**container: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "metadata": METADATA, "spec": {"containers": [{"name": "main", **container}]}}


def live(inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**inputs, "metadata": {**inputs["metadata"], **SERVERS}, "status": {"replicas": 1}, **more}


def test_what_the_server_adds_is_no_drift():
    inputs = deployment(image="web:1")

    assert live_inputs(inputs, live(deployment(image="web:1", imagePullPolicy="IfNotPresent"))) == inputs


@pytest.mark.parametrize(
    ("given", "served"), [("0.5", "500m"), ("1024Mi", "1Gi"), ("1000m", "1"), (1, "1"), ("1.0", 1), ("1e3", "1k")]
)
def test_a_quantity_in_another_writing_is_no_drift(given: Any, served: Any):
    inputs = deployment(resources={"limits": {"cpu": given}})

    assert live_inputs(inputs, live(deployment(resources={"limits": {"cpu": served}}))) == inputs


def test_a_changed_value_is_drift():
    found = live_inputs(deployment(image="web:1"), live(deployment(image="web:2")))

    assert found == deployment(image="web:2")


def test_a_removed_value_is_drift():
    assert live_inputs(deployment(image="web:1"), live(deployment())) == deployment()


def test_what_is_empty_may_be_left_out_by_the_server():
    inputs = deployment(env=[], securityContext={}, stdin=False)

    assert live_inputs(inputs, live(deployment())) == inputs


def test_elements_in_another_order_are_no_drift():
    inputs = deployment(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    served = deployment(env=[{"name": "B", "value": "2"}, {"name": "C", "value": "3"}, {"name": "A", "value": "1"}])

    assert live_inputs(inputs, live(served)) == inputs


def test_a_namespace_that_the_program_leaves_to_the_provider_is_no_drift():
    inputs = {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "b"}}

    assert live_inputs(inputs, live({**inputs, "metadata": {"name": "settings", "namespace": "apps"}})) == inputs


def test_plain_text_of_a_secret_is_read_out_of_its_data_and_stays_secret():
    inputs = {"kind": "Secret", "metadata": METADATA, "stringData": Secret({"token": "old", "gone": "x"})}
    data = {"token": base64.b64encode(b"new").decode()}

    found = live_inputs(inputs, live({"kind": "Secret", "metadata": METADATA, "data": data}))

    assert found["stringData"] == Secret({"token": "new"})


def test_names_that_are_no_identifiers_come_back_as_the_program_writes_them():
    inputs = {"kind": "CustomResourceDefinition", "metadata": METADATA, "spec": {"x_kubernetes_int_or_string": True}}

    served = {**inputs, "spec": {"x-kubernetes-int-or-string": True}}

    assert live_inputs(inputs, live(served)) == inputs


def test_an_imported_object_has_all_inputs_but_what_the_server_sets():
    served = live({"kind": "Secret", "apiVersion": "v1", "metadata": METADATA, "data": {"a": "Yg=="}})

    assert imported_inputs(served) == {
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": METADATA,
        "data": Secret({"a": "Yg=="}),
    }
