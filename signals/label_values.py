"""The carried values of labels, as far as a carried metric has such a label."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signals.exposed import Metric

FILE = Path(__file__).with_name("label_values.json")
"""What labels can be, with sources. It says itself what its parts are."""

EVERY = "*"
"""In place of an exporter: its values hold for all."""


def values(metrics: Mapping[str, Sequence[Metric]], file: Path = FILE) -> str:
    """The file without what no metric has: one label a line, so that a change shows what came and went."""
    given = json.loads(file.read_text(encoding="utf-8"))
    every = [metric for named in metrics.values() for metric in named]
    closed = {
        exporter: {key: value for key, value in labels.items() if _is_had(key, _of(exporter, every))}
        for exporter, labels in given["closed"].items()
    }
    together = {
        exporter: [one for one in found if any(set(one["labels"]) <= metric.labels for metric in _of(exporter, every))]
        for exporter, found in given["together"].items()
    }
    opened = {
        exporter: [label for label in labels if _is_had(label, _of(exporter, every))]
        for exporter, labels in given["open"].items()
    }
    return (
        f'{{\n "about": {_json(given["about"])},\n "closed": {_by_exporter(closed)},\n'
        f' "together": {_by_exporter(together)},\n "open": {{\n{_lines(opened, "  ")}\n }}\n}}\n'
    )


def _of(exporter: str, metrics: Sequence[Metric]) -> list[Metric]:
    return [metric for metric in metrics if exporter in (EVERY, metric.exporter)]


def _is_had(key: str, metrics: Sequence[Metric]) -> bool:
    """Whether a metric has the label of a key, which may name the metric before it."""
    name, _, label = key.rpartition(":")
    return any(label in metric.labels and name in ("", metric.name) for metric in metrics)


def _by_exporter(found: Mapping[str, Mapping[str, Any] | Sequence[Any]]) -> str:
    parts = [f"  {_json(exporter)}: {_part(of)}" for exporter, of in found.items() if of]
    return "{\n" + ",\n".join(parts) + "\n }"


def _part(of: Mapping[str, Any] | Sequence[Any]) -> str:
    if isinstance(of, Mapping):
        return f"{{\n{_lines(of, '   ')}\n  }}"
    return "[\n" + ",\n".join(f"   {_json(one)}" for one in of) + "\n  ]"


def _lines(of: Mapping[str, Any], indent: str) -> str:
    return ",\n".join(f"{indent}{_json(key)}: {_json(value)}" for key, value in of.items() if value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
