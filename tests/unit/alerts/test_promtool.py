"""The rules as Prometheus reads them: each alert fires on what it is about, and on nothing like it."""

import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from components.platform.alert_rules import deployed, rule_groups
from signals.expressions import name_of, selectors
from tests.programs import program
from tests.unit.alerts.rule_files import DEAD_MANS_SWITCH, RULES, TESTS, TOPICS, cases, every_alert, load, rules


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)


def names(topic: str, expression: str) -> set[str]:
    """Names of the series that an expression asks for, and of those that what is recorded of them is made of."""
    asked = {name for selector in selectors(promql_parser.parse(expression)) if (name := name_of(selector))}
    made_of = [names(topic, rule["expr"]) for rule in rules(topic) if rule.get("record") in asked]
    return asked.union(*made_of)


@pytest.mark.parametrize("topic", TOPICS)
def test_prometheus_takes_the_rules(topic: str):
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES / f"{topic}.yaml")

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("topic", TOPICS)
def test_the_alerts_of_a_topic_fire_when_they_should(topic: str):
    tested = promtool("test", "rules", TESTS / f"{topic}.yaml")

    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize(("topic", "alert"), [pytest.param(*one, id=one[1]["alert"]) for one in every_alert()])
def test_an_alert_is_tested_with_what_it_fires_on_and_with_what_it_does_not(topic: str, alert: dict[str, Any]):
    about = [(test, case) for test, case in cases(topic) if case["alertname"] == alert["alert"]]
    silent = [test for test, case in about if not case.get("exp_alerts")]

    assert [case for _test, case in about if case.get("exp_alerts")]
    assert bool(silent) != (alert["alert"] == DEAD_MANS_SWITCH)
    for test in silent:
        given = " ".join(series["series"] for series in test["input_series"])
        assert any(name in given for name in names(topic, alert["expr"])), f"{test['name']}: silent for want of series"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_tests_of_a_topic_are_about_its_own_file(topic: str):
    file = load(TESTS / f"{topic}.yaml")

    assert file["rule_files"] == [f"../rules/{topic}.yaml"]
    assert [test for test in file["tests"] if len(test.get("name", "").split()) < 3] == []
    assert {case["alertname"] for _test, case in cases(topic)} <= {
        alert["alert"] for owner, alert in every_alert() if owner == topic
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_values_of_series_are_texts_for_every_reader_of_yaml(topic: str):
    """`0x20` is twenty more zeros to promtool, and 32 to a reader that knows hexadecimal numbers."""
    given = [series["values"] for test in load(TESTS / f"{topic}.yaml")["tests"] for series in test["input_series"]]

    assert [values for values in given if not isinstance(values, str)] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_prometheus_takes_the_rules_as_a_stack_deploys_them(topic: str, tmp_path: Path):
    groups = deployed(rule_groups(topic), "https://git.example/tree", {"todo": "storefront", "shop": "sales"})
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))

    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yaml")

    assert checked.returncode == 0, checked.stderr
