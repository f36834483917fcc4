"""Series that recording rules make: of which expression, with which labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[1] / "alerts" / "rules"

STACK_INFO = "groundwork_stack_info"
"""1, with cloud, environment and stack: which stack a Prometheus belongs to."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recording rule writes."""

    name: str
    expressions: tuple[str, ...]
    """Of every rule that writes it."""

    labels: frozenset[str]
    """What the rule adds to the labels of its expression."""


def recorded_by(groups: list[dict[str, Any]]) -> Mapping[str, Recorded]:
    """What the rules of these groups record, by name."""
    found: dict[str, Recorded] = {}
    for rule in (rule for group in groups for rule in group["rules"] if "record" in rule):
        name = rule["record"]
        before = found.get(name, Recorded(name=name, expressions=(), labels=frozenset()))
        found[name] = Recorded(
            name=name,
            expressions=(*before.expressions, str(rule["expr"])),
            labels=before.labels | frozenset(rule.get("labels", {})),
        )
    return found


@cache
def recorded() -> Mapping[str, Recorded]:
    """Everything that the deployed rules record."""
    info = Recorded(name=STACK_INFO, expressions=("vector(1)",), labels=frozenset({"cloud", "environment", "stack"}))
    return {STACK_INFO: info, **recorded_by([group for groups in _files() for group in groups])}


def _files() -> Iterator[list[dict[str, Any]]]:
    for path in sorted(RULES.glob("*.yaml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
