"""Whoever is called finds what to do: each alert has a section of its own, with queries that can be asked."""

import re
from typing import Any

import pytest

from signals.promql import problems
from tests.unit.alerts.rule_files import RUNBOOKS, TOPICS, alerts, every_alert, sections

PARTS = ("**Impact.**", "**Diagnosis.**", "**Action.**", "**Escalate**")
QUERY = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_runbook_has_one_section_for_each_alert_in_the_same_order(topic: str):
    assert list(sections(topic)) == [alert["alert"] for alert in alerts(topic)]


@pytest.mark.parametrize(("topic", "alert"), [pytest.param(*one, id=one[1]["alert"]) for one in every_alert()])
def test_the_link_of_an_alert_leads_to_its_section(topic: str, alert: dict[str, Any]):
    assert alert["annotations"]["runbook_url"] == f"{RUNBOOKS}/{topic}.md#{alert['alert'].lower()}"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_section_tells_what_it_means_for_whom_why_what_to_do_and_whom_to_call(topic: str):
    for heading, text in sections(topic).items():
        at = [text.find(part) for part in PARTS]
        assert at == sorted(at), heading
        assert at[0] > 20, f"{heading}: begin with what the alert means"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_queries_of_a_runbook_can_be_asked(topic: str):
    for query in QUERY.findall((RUNBOOKS / f"{topic}.md").read_text(encoding="utf-8")):
        assert problems(query) == [], query
