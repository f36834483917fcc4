"""The promtool tests notice when a rule says the opposite: each comparison and condition, turned round, fails one."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.programs import program
from tests.unit.alerts.rule_files import TESTS, every_alert, load, rules

OPPOSITES = {
    ">": "<=",
    "<": ">=",
    ">=": "<",
    "<=": ">",
    "==": "!=",
    "!=": "==",
    "and": "unless",
    "unless": "and",
}
OPERATOR = re.compile(r'\{[^}]*\}|"[^"]*"|(>=|<=|==|!=|>|<|\band\b|\bunless\b)')
"""What stands between braces or quotes is passed over."""


def mutants(expression: str) -> Iterator[str]:
    """An expression with each of its operators turned round, one at a time."""
    for found in OPERATOR.finditer(expression):
        if found[1]:
            yield expression[: found.start()] + OPPOSITES[found[1]] + expression[found.end() :]


def own_tests(topic: str, name: str) -> list[dict[str, Any]]:
    """The tests of one alert, without what they assert of others."""
    found = []
    for test in load(TESTS / f"{topic}.yaml")["tests"]:
        about = [case for case in test.get("alert_rule_test", []) if case["alertname"] == name]
        if about:
            found.append({**test, "alert_rule_test": about})
    return found


def passes(topic: str, alert: dict[str, Any], tests: list[dict[str, Any]], folder: Path) -> bool:
    """Whether an alert, with what its topic records for it, passes these tests."""
    recordings = [rule for rule in rules(topic) if "record" in rule]
    groups = [{"name": "mutant", "rules": [*recordings, alert]}]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    (folder / "tests.yaml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests})
    )
    command = [program("promtool"), "test", "rules", folder / "tests.yaml"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("topic", "alert"), [pytest.param(*one, id=one[1]["alert"]) for one in every_alert()])
def test_a_rule_that_is_turned_round_fails_its_tests(topic: str, alert: dict[str, Any], tmp_path: Path):
    tests = own_tests(topic, alert["alert"])

    survivors = [one for one in mutants(alert["expr"]) if passes(topic, {**alert, "expr": one}, tests, tmp_path)]

    assert survivors == []
