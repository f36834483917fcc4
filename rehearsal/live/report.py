"""What the proof found: a table for people, and whether all of it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["ok", "FAIL", "empty"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was looked at."""

    subject: str
    """What it belongs to: a dashboard, a topic of alerts."""

    name: str
    outcome: Outcome
    """`empty` is a panel that is rightly without data."""

    told: str
    """What was seen, or what is wrong."""


@dataclass
class Report:
    """Everything that was looked at, by section."""

    sections: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])

    def add(self, section: str, rows: Iterable[Row]) -> None:
        self.sections.setdefault(section, []).extend(rows)

    @property
    def failures(self) -> list[Row]:
        return [row for rows in self.sections.values() for row in rows if row.outcome == "FAIL"]

    def text(self) -> str:
        """All tables, with the sums below each."""
        return "\n\n".join(_table(section, rows) for section, rows in self.sections.items())

    def summary(self) -> str:
        """One line for each section, then every failure again: the tables are long."""
        lines = [f"{section}: {_sum(rows)}" for section, rows in self.sections.items()]
        lines += [f"FAIL {row.subject} / {row.name}: {row.told}" for row in self.failures]
        return "\n".join(lines)


def _sum(rows: Sequence[Row]) -> str:
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in ("ok", "empty", "FAIL")}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) or "nothing"


def _table(section: str, rows: Sequence[Row]) -> str:
    subject = max((len(row.subject) for row in rows), default=0)
    name = min(max((len(row.name) for row in rows), default=0), 60)
    lines = [f"{row.subject:{subject}}  {row.name[:60]:{name}}  {row.outcome:5}  {row.told}".rstrip() for row in rows]
    return "\n".join([f"== {section} ==", *lines, f"-- {_sum(rows)}"])
