"""The list of every alert, as the guide shows it."""

from pathlib import Path
from typing import Any

from components.platform.alert_rules import every_topic, rule_groups

GUIDE = Path(__file__).parents[1] / "docs" / "alerts.md"

_BEGIN = "<!-- python -m alerts writes what follows -->"
_END = "<!-- until here -->"
_HEAD = ("| Alert | Severity | Component | Team | After |", "|---|---|---|---|---|")


def with_catalogue(guide: str) -> str:
    """The guide with the list as the rules have it now, in the place of the one that it has."""
    before, _, rest = guide.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{catalogue()}\n{_END}{after}"


def catalogue() -> str:
    """A heading and a table for each topic, in alphabetical order."""
    return "\n".join(_table(topic) for topic in every_topic())


def _table(topic: str) -> str:
    rows = [_row(topic, rule) for group in rule_groups(topic) for rule in group["rules"] if "alert" in rule]
    return "\n".join([f"### {topic}", "", *_HEAD, *rows, ""])


def _row(topic: str, rule: dict[str, Any]) -> str:
    name, labels = rule["alert"], rule["labels"]
    team = "the namespace's" if "$labels" in labels["team"] else labels["team"]
    cells = [
        f"[{name}](runbooks/{topic}.md#{name.lower()})",
        labels["severity"],
        labels["component"],
        team,
        rule.get("for", "at once"),
    ]
    return f"| {' | '.join(cells)} |"
