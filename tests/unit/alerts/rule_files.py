"""The rule files, their promtool tests and their runbooks, read as the tests of this folder need them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.platform import alert_rules

RULES = Path("alerts/rules")
TESTS = Path("alerts/tests")
RUNBOOKS = Path("docs/runbooks")
TOPICS = sorted(path.stem for path in RULES.glob("*.yaml"))

DEAD_MANS_SWITCH = "Watchdog"
"""The alert that always fires: whoever waits for it is called when it stops."""

_TEMPLATED = re.compile(r"\$labels\.(\w+)")


@cache
def load(path: Path) -> Any:
    """What a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def rules(topic: str) -> list[dict[str, Any]]:
    """Every rule of a topic, alerts and recordings."""
    return [rule for group in alert_rules.rule_groups(topic) for rule in group["rules"]]


def alerts(topic: str) -> list[dict[str, Any]]:
    """The alerts of a topic."""
    return [rule for rule in rules(topic) if "alert" in rule]


def every_alert() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every alert with its topic."""
    for topic in TOPICS:
        for alert in alerts(topic):
            yield topic, alert


def cases(topic: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What the promtool tests of a topic assert of alerts: each assertion with the test that it is in."""
    for test in load(TESTS / f"{topic}.yaml")["tests"]:
        for case in test.get("alert_rule_test", []):
            yield test, case


def sections(topic: str) -> dict[str, str]:
    """The sections of a topic's runbook by heading."""
    text = (RUNBOOKS / f"{topic}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def templated_labels(alert: Mapping[str, Any]) -> set[str]:
    """Labels whose values stand in an alert's own labels and annotations."""
    texts = [*alert["labels"].values(), *alert["annotations"].values()]
    return {name for text in texts for name in _TEMPLATED.findall(text)}


def seconds(duration: str) -> int:
    """A Prometheus duration such as `1h30m`, in seconds."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))
