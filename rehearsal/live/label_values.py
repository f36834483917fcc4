"""Values of the labels that name nothing of the cluster: codes, methods, phases, reasons."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "signals" / "label_values.json"
"""What labels can be, with sources; never taken from queries."""

MOST = 36
"""Series of one metric about one thing. Where more are possible, each value still appears in some of them."""


@dataclass(frozen=True)
class LabelValues:
    """The carried list."""

    closed: Mapping[str, Mapping[str, Mapping[str, Any]]]
    together: Mapping[str, Sequence[Mapping[str, Any]]]
    open: Mapping[str, Sequence[str]]

    def of(self, exporter: str, metric: str, label: str) -> tuple[str, ...] | None:
        """The values of a label, the most special first; None where they are no closed set."""
        for group in (exporter, "*"):
            for key in (f"{metric}:{label}", label):
                if key in self.closed.get(group, {}):
                    return tuple(self.closed[group][key]["values"])
        return None

    def is_covered(self, exporter: str, metric: str, labels: frozenset[str], label: str) -> bool:
        """Whether the list says what a label can be."""
        joined = any(label in one["labels"] and labels >= set(one["labels"]) for one in self.together.get(exporter, ()))
        return joined or self.of(exporter, metric, label) is not None or label in self.open.get(exporter, ())

    def combinations(self, exporter: str, metric: str, labels: frozenset[str]) -> list[dict[str, str]]:
        """Sets of values for labels: all that are possible, or as many as show each value."""
        axes: list[list[dict[str, str]]] = []
        left = labels
        for one in self.together.get(exporter, ()):
            if left >= set(one["labels"]):
                axes.append([dict(zip(one["labels"], values, strict=True)) for values in one["values"]])
                left -= set(one["labels"])
        for label in sorted(left):
            values = self.of(exporter, metric, label) or (f"{label}-1",)
            axes.append([{label: value} for value in values])
        found = [{key: value for part in parts for key, value in part.items()} for parts in _combined(axes)]
        return list({tuple(sorted(one.items())): one for one in found}.values())


def _combined(axes: Sequence[Sequence[dict[str, str]]]) -> list[tuple[dict[str, str], ...]]:
    count = 1
    for axis in axes:
        count *= len(axis)
    if count <= MOST:
        return list(itertools.product(*axes))
    # One axis after the other, each shifted by its number: every value is there, next to ever different others.
    longest = max(len(axis) for axis in axes)
    rounds = max(1, MOST // longest)
    return [
        tuple(axis[(step + turn * number) % len(axis)] for number, axis in enumerate(axes))
        for turn in range(rounds)
        for step in range(longest)
    ]


@cache
def carried() -> LabelValues:
    """The list as it is in the repository."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return LabelValues(closed=data["closed"], together=data["together"], open=data["open"])
