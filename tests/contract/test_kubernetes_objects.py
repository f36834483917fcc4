"""Rules of Kubernetes objects that no type carries."""

import pytest
from contract_check.wire import UNKNOWN, Secret

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
POD = "kubernetes:core/v1:Pod"


def config_map(**inputs):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, **inputs}


def pod(**container):
    spec = {"containers": [{"name": "main", "image": "main:1", **container}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "main"}, "spec": spec}


@pytest.mark.parametrize("key", ["app", "app.kubernetes.io/name", "A_b.c-1"])
def test_a_qualified_label_key_passes(report, key):
    assert report(CONFIG_MAP, config_map(metadata={"labels": {key: "x"}})) == []


@pytest.mark.parametrize("key", ["a b", "/name", "example.com/", "a" * 64, "UPPER.com/name"])
def test_a_label_key_that_is_no_qualified_name_is_reported(report, key):
    [found] = report(CONFIG_MAP, config_map(metadata={"labels": {key: "x"}}))

    assert found.endswith("not a qualified name: [DNS subdomain/]name, the name at most 63 characters")


@pytest.mark.parametrize(("value", "findings"), [("", 0), ("v1.2_3-x", 0), (UNKNOWN, 0), ("-x", 1), ("a" * 64, 1)])
def test_label_values_are_short_and_alphanumeric_at_both_ends(report, value, findings):
    assert len(report(CONFIG_MAP, config_map(metadata={"labels": {"app": value}}))) == findings


def test_a_secret_label_value_is_not_shown(report):
    [found] = report(CONFIG_MAP, config_map(metadata={"labels": {"app": Secret("hunter two")}}))

    assert found.startswith("metadata.labels.app: the secret value is no label value")


def test_annotations_may_hold_any_text_up_to_their_total_size(report):
    assert report(CONFIG_MAP, config_map(metadata={"annotations": {"note": "any {text}"}})) == []
    assert report(CONFIG_MAP, config_map(metadata={"annotations": {"note": "x" * 262144}})) == [
        "metadata.annotations: all annotations together have 262148 bytes, at most 262144 are allowed"
    ]


def test_data_keys_have_a_small_alphabet_and_their_content_any(report):
    assert report(CONFIG_MAP, config_map(data={"alloy.river": "labels: {a b: c}"})) == []
    assert report(CONFIG_MAP, config_map(data={"a b": ""})) == [
        'data["a b"]: a key may have A-Z a-z 0-9 - _ . only, at most 253'
    ]


def test_a_namespace_name_is_a_dns_label(report):
    token, inputs = "kubernetes:core/v1:Namespace", {"apiVersion": "v1", "kind": "Namespace"}

    assert report(token, {**inputs, "metadata": {"name": "monitoring"}}) == []
    assert len(report(token, {**inputs, "metadata": {"name": "Monitoring"}})) == 1
    assert len(report(token, {**inputs, "metadata": {"name": "a.b"}})) == 1


@pytest.mark.parametrize("quantity", ["100m", "1", "1.5", "512Mi", "1e3", UNKNOWN])
def test_a_quantity_passes(report, quantity):
    assert report(POD, pod(resources={"requests": {"memory": quantity}})) == []


def test_a_text_that_is_no_quantity_is_reported(report):
    [found] = report(POD, pod(resources={"limits": {"memory": "512 MB"}}))

    assert found == (
        'spec.containers[0].resources.limits.memory: "512 MB" is no quantity, such as "250m", "1.5" or "512Mi"'
    )


def test_a_value_outside_a_closed_set_is_reported(report):
    assert report(POD, pod(imagePullPolicy="IfNotPresent")) == []
    assert report(POD, pod(imagePullPolicy="IfMissing")) == [
        'spec.containers[0].imagePullPolicy: "IfMissing" is not one of Always, IfNotPresent, Never'
    ]


@pytest.mark.parametrize(
    ("name", "findings"), [("http-metrics", 0), ("http", 0), ("a" * 16, 1), ("HTTP", 1), ("80", 1)]
)
def test_a_container_port_name_is_short_and_has_a_letter(report, name, findings):
    assert len(report(POD, pod(ports=[{"name": name, "containerPort": 80}]))) == findings


def test_a_container_name_is_a_dns_label(report):
    assert len(report(POD, pod(name="Main_1"))) == 1


def test_service_ports_have_a_protocol_of_the_api(report):
    token = "kubernetes:core/v1:Service"
    inputs = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "todo"}}

    assert report(token, {**inputs, "spec": {"ports": [{"port": 80, "protocol": "TCP"}]}}) == []
    assert len(report(token, {**inputs, "spec": {"ports": [{"port": 80, "protocol": "HTTP"}]}})) == 1
