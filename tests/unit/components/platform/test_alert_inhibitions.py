"""Which alerts are hushed while another fires."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from components.platform.alert_inhibitions import (
    CLUSTER_GONE,
    KNOWN_BY_THE_API,
    LOUDER,
    NODE_GONE,
    SUBJECTS,
    inhibit_rules,
)
from components.platform.alert_rules import RULES, rule_groups

FULL = {
    "alertname": "VolumeAlmostFull",
    "severity": "critical",
    "component": "volumes",
    "namespace": "todo",
    "persistentvolumeclaim": "data",
}
FILLING = {**FULL, "alertname": "VolumeFilling", "severity": "warning"}
ERRORS = {
    "alertname": "ServiceErrors",
    "severity": "critical",
    "component": "application",
    "namespace": "todo",
    "service": "api",
}
SLOW = {**ERRORS, "alertname": "ServiceSlow", "severity": "warning"}
NODE = {"alertname": "NodeNotReady", "severity": "critical", "component": "nodes", "node": "one"}
PRESSURE = {"alertname": "NodeMemoryPressure", "severity": "warning", "component": "nodes", "node": "one"}
DISK = {
    "alertname": "NodeFilesystemAlmostFull",
    "severity": "critical",
    "component": "nodes",
    "node": "one",
    "device": "a",
}
POD = {
    "alertname": "PodNotReady",
    "severity": "warning",
    "component": "kubernetes",
    "namespace": "todo",
    "pod": "api-0",
    "node": "one",
}
API = {"alertname": "KubernetesApiDown", "severity": "critical", "component": "kubernetes", "job": "apiserver"}

EXPIRED = {
    "alertname": "DaprCertificateAlmostExpired",
    "severity": "critical",
    "component": "dapr",
    "namespace": "dapr-system",
}
EXPIRES = {**EXPIRED, "alertname": "DaprCertificateExpires", "severity": "warning"}


def alerts() -> list[dict[str, Any]]:
    """Every alert of the rule files."""
    topics = sorted(path.stem for path in RULES.glob("*.yaml"))
    rules = [rule for topic in topics for group in rule_groups(topic) for rule in group["rules"]]
    return [rule for rule in rules if "alert" in rule]


def matches(matcher: str, labels: Mapping[str, str]) -> bool:
    """https://prometheus.io/docs/alerting/latest/configuration/#matcher: a label that is absent is empty."""
    found = re.fullmatch(r'(\w+) (=|!=|=~|!~) "(.*)"', matcher)
    assert found, matcher
    label, operator, wanted = found.groups()
    value = labels.get(label, "")
    equal = re.fullmatch(wanted, value) is not None if "~" in operator else value == wanted
    return equal is not operator.startswith("!")


def hushed(target: Mapping[str, str], source: Mapping[str, str]) -> bool:
    """Whether an alert is told to nobody while another fires."""
    return any(
        all(matches(one, source) for one in rule["source_matchers"])
        and all(matches(one, target) for one in rule["target_matchers"])
        and all(source.get(label, "") == target.get(label, "") for label in rule.get("equal", []))
        for rule in inhibit_rules()
    )


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        pytest.param(FULL, FILLING, True, id="the same volume, less full"),
        pytest.param(FULL, {**FILLING, "persistentvolumeclaim": "logs"}, False, id="another volume"),
        pytest.param(FULL, {**FILLING, "namespace": "other"}, False, id="the same claim of another namespace"),
        pytest.param(FILLING, FULL, False, id="a warning hushes nothing critical"),
        pytest.param(FULL, {**FULL, "alertname": "VolumeClaimLost"}, False, id="critical hushes nothing critical"),
        pytest.param(ERRORS, SLOW, True, id="slow answers of a service that fails"),
        pytest.param(ERRORS, {**SLOW, "service": "web"}, False, id="slow answers of another service"),
        pytest.param(ERRORS, {**SLOW, "component": "database"}, False, id="another component of the same service"),
        pytest.param({**ERRORS, "slo": "availability"}, {**SLOW, "slo": "latency"}, False, id="another objective"),
        pytest.param({**ERRORS, "service": ""}, {**SLOW, "service": ""}, False, id="alerts about no service at all"),
        pytest.param(ERRORS, {**ERRORS, "severity": "warning"}, True, id="the same alert at a lower threshold"),
        pytest.param(DISK, PRESSURE, False, id="a full disk and the memory of the same node"),
        pytest.param(
            DISK, {**DISK, "alertname": "NodeFilesystemFilling", "severity": "warning"}, True, id="the same disk"
        ),
        pytest.param(
            DISK,
            {**DISK, "alertname": "NodeFilesystemFilling", "severity": "warning", "node": "two"},
            False,
            id="a disk of the same name on another node",
        ),
        pytest.param(EXPIRED, EXPIRES, True, id="the same certificate, sooner"),
        pytest.param(EXPIRED, {**EXPIRES, "namespace": "other"}, False, id="the certificate of another control plane"),
        pytest.param(NODE, POD, True, id="a pod on a node that is gone"),
        pytest.param(NODE, {**POD, "node": "two"}, False, id="a pod on another node"),
        pytest.param(NODE, DISK, True, id="a disk of a node that is gone"),
        pytest.param(NODE, {**NODE, "alertname": "NodeUnreachable"}, False, id="two ways of being gone"),
        pytest.param(NODE, ERRORS, False, id="a service, whatever node is gone"),
        pytest.param(API, POD, True, id="what the API says while nobody answers for it"),
        pytest.param(API, ERRORS, False, id="a service while nobody answers for the API"),
        pytest.param(API, {"alertname": "Watchdog", "severity": "none"}, False, id="the dead man's switch"),
    ],
)
def test_an_alert_is_hushed_by_what_explains_it(source: dict[str, str], target: dict[str, str], expected: bool):
    assert hushed(target, source) is expected


def test_the_alerts_that_hush_others_exist():
    names = {alert["alert"] for alert in alerts()}

    assert {*NODE_GONE, *CLUSTER_GONE, *LOUDER, *LOUDER.values()} <= names


def test_every_subject_is_a_label_of_some_alert():
    told = {label for alert in alerts() for label in re.findall(r"\w+", alert["expr"])}

    assert set(SUBJECTS) <= told


def test_the_components_that_are_hushed_exist():
    assert set(KNOWN_BY_THE_API) <= {alert["labels"]["component"] for alert in alerts()}
