"""The promtool tests notice when a rule says the opposite: each comparison and condition, turned round, fails one."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.programs import program
from tests.unit.alerts.rule_files import TESTS, TOPICS, alerts, load, rules

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

RESULT = re.compile(r"^  (SUCCESS|FAILED)", re.MULTILINE)
"""What promtool says of each file, in their order."""


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


def written(topic: str, folder: Path) -> Mapping[Path, str]:
    """A file of tests for each mutant of a topic, and for each of its alerts as it is, with what it is a test of."""
    recordings = [rule for rule in rules(topic) if "record" in rule]
    files: dict[Path, str] = {}
    for alert in alerts(topic):
        tests = own_tests(topic, alert["alert"])
        for number, expression in enumerate([alert["expr"], *mutants(alert["expr"])]):
            name = f"{alert['alert']}-{number}"
            groups = [{"name": "mutant", "rules": [*recordings, {**alert, "expr": expression}]}]
            (folder / f"{name}.rules").write_text(yaml.safe_dump({"groups": groups}))
            file = folder / f"{name}.yaml"
            asserted = {"rule_files": [f"{name}.rules"], "evaluation_interval": "1m", "tests": tests}
            file.write_text(yaml.safe_dump(asserted))
            files[file] = expression if number else ""
    return files


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_rules_that_are_turned_round_fail_their_tests(topic: str, tmp_path: Path):
    files = written(topic, tmp_path)
    command = [program("promtool"), "test", "rules", *files]

    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    results = dict(zip(files, RESULT.findall(said.stdout), strict=True))

    assert [f"{file.stem}: {files[file]}" for file in files if files[file] and results[file] == "SUCCESS"] == []
    assert [file.stem for file in files if not files[file] and results[file] == "FAILED"] == []
