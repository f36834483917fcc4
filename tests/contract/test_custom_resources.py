"""Custom resources against the structural schemas of their definitions."""

import pytest
from contract_check.wire import UNKNOWN, Secret

MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"


def monitor(**spec):
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "todo", "namespace": "todo", "labels": {"app": "todo"}},
        "spec": {"selector": {"matchLabels": {"app": "todo"}}, "endpoints": [{"port": "http"}], **spec},
    }


def rules(**rule):
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "todo"},
        "spec": {"groups": [{"name": "todo", "rules": [{"alert": "Down", "expr": "up == 0", **rule}]}]},
    }


def test_a_custom_resource_as_its_definition_wants_it_passes(report):
    endpoint = {"port": "http", "path": "/metrics", "interval": "30s", "bearerTokenSecret": {"name": "t", "key": "k"}}

    assert report(MONITOR, monitor(endpoints=[endpoint, UNKNOWN], jobLabel=UNKNOWN)) == []
    assert report(RULE, rules(**{"for": "5m", "labels": {"severity": "page"}})) == []


def test_an_unknown_field_would_be_dropped_and_is_reported(report):
    assert report(MONITOR, monitor(endpoints=[{"port": "http", "intervall": "30s"}])) == [
        'spec.endpoints[0].intervall: spec.endpoints[0] has no such property; did you mean "interval"?'
    ]


def test_a_required_field_is_missed(report):
    inputs = monitor()
    del inputs["spec"]["selector"]

    assert report(MONITOR, inputs) == ["spec.selector: required here"]


def test_a_pattern_and_an_enum_are_checked(report):
    assert report(MONITOR, monitor(endpoints=[{"port": "http", "scheme": "htps", "interval": "30"}])) == [
        'spec.endpoints[0].scheme: "htps" is not one of http, https, HTTP, HTTPS; did you mean "https"?',
        'spec.endpoints[0].interval: "30" does not match '
        "^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$",
    ]


def test_a_secret_value_is_not_shown(report):
    found = report(RULE, rules(**{"for": Secret("hunter2")}))

    assert found[0].startswith("spec.groups[0].rules[0].for: the secret value does not match")


@pytest.mark.parametrize(("value", "findings"), [("up", 0), (1.0, 0), (True, 1), (["up"], 1)])
def test_int_or_string_takes_these_two(report, value, findings):
    assert len(report(RULE, rules(expr=value))) == findings


def test_metadata_is_checked_as_the_sdk_types_it(report):
    inputs = monitor()
    inputs["metadata"] = {"name": "todo", "label": {}, "labels": {"a b": "x"}}

    assert report(MONITOR, inputs) == [
        'metadata.label: metadata has no such property; did you mean "labels"?',
        'metadata.labels["a b"]: not a qualified name: [DNS subdomain/]name, the name at most 63 characters',
    ]


def test_an_api_group_that_nobody_serves_is_reported(report):
    assert report("kubernetes:monitoring.coreos.org/v1:ServiceMonitor", {}) == [
        "no definition of the API group monitoring.coreos.org is known to the contract check;"
        ' did you mean "monitoring.coreos.com"?'
    ]


def test_a_kind_that_its_group_lacks_is_reported(report):
    assert report("kubernetes:monitoring.coreos.com/v1:ServiceMonitr", {}) == [
        'monitoring.coreos.com has no kind ServiceMonitr; did you mean "ServiceMonitor"?'
    ]


def test_a_version_that_is_not_served_is_reported(report):
    assert report("kubernetes:monitoring.coreos.com/v1beta1:ServiceMonitor", {}) == [
        "ServiceMonitor of monitoring.coreos.com is served as v1, not as v1beta1"
    ]


def test_a_built_in_group_is_never_a_custom_one(report):
    assert report("kubernetes:apps/v1:Deploymnt", {}) == ['apps/v1 has no kind Deploymnt; did you mean "Deployment"?']
    assert report("kubernetes:apps/v7:Deployment", {})[0].startswith("the built-in group apps has no version v7")


def test_a_cluster_wide_kind_takes_no_namespace(report):
    inputs = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "spec": {"selfSigned": {}}}

    assert report(ISSUER, {**inputs, "metadata": {"name": "self-signed"}}) == []
    assert report(ISSUER, {**inputs, "metadata": {"name": "self-signed", "namespace": "default"}}) == [
        "metadata.namespace: ClusterIssuer belongs to the whole cluster and takes no namespace"
    ]


def test_a_patch_need_not_be_whole(report):
    assert report("kubernetes:monitoring.coreos.com/v1:ServiceMonitorPatch", {"metadata": {"name": "todo"}}) == []
