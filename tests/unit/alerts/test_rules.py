"""Each alert says all that a person on call needs, and asks for what exists."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from components.platform.alert_rules import NAMESPACES_TEAM, PLATFORM_TEAM, rule_groups
from signals.promql import problems
from tests.unit.alerts.rule_files import (
    DEAD_MANS_SWITCH,
    TOPICS,
    alerts,
    cases,
    every_alert,
    rules,
    seconds,
    templated_labels,
)

SEVERITIES = {"critical", "warning", "info"}
ALERTS = [pytest.param(topic, alert, id=alert["alert"]) for topic, alert in every_alert()]
STATE = re.compile(r"== ?[01]\b")
"""In the expression of an alert about a state, which has no value to tell."""

COMPILED = ("service-bounds", "slo")
"""Runbooks of the alerts that are made of what workload files promise, and of the bounds that they set."""

PROCEDURES = ("canary", "dapr-root")
"""What alerts of more than one topic or of a workload's own rules, and people without any, are sent on to."""

ABSENCE = re.compile(r"\babsent(?:_over_time)?\((.*)")
"""In the expression of an alert about what is not there, which has neither value nor labels."""

JOB = re.compile(r'job="([^"]+)"')
ON_EVERY_STACK = {"kube-state-metrics", "kubelet"}
"""Jobs of what every stack runs: there alone the want of a series says that something is wrong."""


def test_there_are_enough_alerts_and_no_two_have_one_name():
    names = Counter(alert["alert"] for _topic, alert in every_alert())

    assert len(names) >= 140
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topics_groups_are_called_like_it(topic: str):
    assert [group["name"] for group in rule_groups(topic) if group["name"].split(".")[0] != topic] == []
    assert alerts(topic) or rules(topic)


@pytest.mark.parametrize(("topic", "alert"), ALERTS)
def test_an_alert_has_every_label_and_annotation_and_no_other(topic: str, alert: dict[str, Any]):
    assert re.fullmatch(r"([A-Z][A-Za-z0-9]+)+", alert["alert"])
    assert set(alert["labels"]) == {"severity", "component", "team"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["labels"]["severity"] in SEVERITIES
    assert re.fullmatch(r"[a-z][a-z0-9-]*", alert["labels"]["component"])
    assert alert["labels"]["team"] in (PLATFORM_TEAM, NAMESPACES_TEAM)


@pytest.mark.parametrize(("topic", "alert"), ALERTS)
def test_the_description_tells_the_value_for_people(topic: str, alert: dict[str, Any]):
    annotations = alert["annotations"]

    assert len(annotations["summary"]) <= 120
    assert annotations["description"].endswith(".")
    if alert["alert"] != DEAD_MANS_SWITCH and not ABSENCE.search(alert["expr"]):
        assert (
            "$labels" in annotations["summary"] + annotations["description"] or "$value" in annotations["description"]
        )
        assert "$value" in annotations["description"] or STATE.search(alert["expr"])


@pytest.mark.parametrize(("topic", "alert"), ALERTS)
def test_an_alert_waits_long_enough_to_be_true_and_short_enough_to_be_of_use(topic: str, alert: dict[str, Any]):
    waits = seconds(alert.get("for", "0s"))
    latest = 30 * 60 if alert["labels"]["severity"] == "critical" else 24 * 3600

    assert waits <= latest
    assert waits >= 60 or "[" in alert["expr"] or alert["alert"] == DEAD_MANS_SWITCH, "one sample is no reason to call"


@pytest.mark.parametrize(("topic", "alert"), ALERTS)
def test_an_alert_of_a_namespaces_team_is_about_one_namespace(topic: str, alert: dict[str, Any]):
    told = " ".join(alert["annotations"].values())

    if alert["labels"]["team"] == NAMESPACES_TEAM:
        assert "$labels.namespace" in told


@pytest.mark.parametrize(("topic", "rule"), [(topic, rule) for topic in TOPICS for rule in rules(topic)])
def test_a_rule_asks_for_what_exists(topic: str, rule: dict[str, Any]):
    assert problems(rule["expr"]) == []


@pytest.mark.parametrize(("topic", "alert"), ALERTS)
def test_a_template_names_labels_that_the_alert_has(topic: str, alert: dict[str, Any]):
    fired = [
        one for _, case in cases(topic) if case["alertname"] == alert["alert"] for one in case.get("exp_alerts", [])
    ]

    assert fired
    for one in fired:
        assert templated_labels(alert) <= set(one["exp_labels"])


def test_no_rule_waits_for_what_a_stack_may_not_run():
    waits = [rest for _topic, alert in every_alert() for rest in ABSENCE.findall(alert["expr"])]
    asked = {job for rest in waits for job in JOB.findall(rest)}

    assert asked == ON_EVERY_STACK
    assert len(waits) == len(ON_EVERY_STACK), "each names its job in its own line"


def test_every_topic_has_a_file_of_tests_and_a_runbook_and_nothing_else_is_there():
    assert sorted(path.stem for path in Path("alerts/tests").glob("*")) == TOPICS
    assert sorted(path.stem for path in Path("docs/runbooks").glob("*")) == sorted([*TOPICS, *COMPILED, *PROCEDURES])
