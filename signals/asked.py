"""Which metrics anybody asks for, so that those of an exporter that nobody does are not carried."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from signals.exposed import Metric, names
from signals.recorded import recorded

ROOT = Path(__file__).parents[1]

ASKING = (
    ("alerts", "*.yaml"),
    ("dashboards/rendered", "*.json"),
    ("components", "*.py"),
    ("docs", "*.md"),
    ("rehearsal/live", "*.py"),
    ("tests", "*.py"),
)
"""Folders whose files hold queries or series, alone or within other text, and what those files are called."""

_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
"""What can be a metric's name: https://prometheus.io/docs/concepts/data_model/"""


@cache
def words() -> frozenset[str]:
    """Everything that could be a metric's name where queries are, those of rules that are compiled included."""
    return frozenset(word for text in _texts() for word in _WORD.findall(text))


def is_asked_for(metric: Metric) -> bool:
    """Whether anything names a metric, or one of its series."""
    return any(name in words() for name in (metric.name, *names(metric)))


def _texts() -> Iterator[str]:
    for folder, pattern in ASKING:
        for path in sorted((ROOT / folder).rglob(pattern)):
            yield path.read_text(encoding="utf-8")
    for rule in recorded().values():
        yield from rule.expressions
