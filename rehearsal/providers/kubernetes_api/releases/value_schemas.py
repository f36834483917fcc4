"""The schema of a chart's values, made of the value keys that the contract check carries for its exact version."""

import json
from functools import cache
from typing import Any

from rehearsal.places import CLONE

_FOLDER = CLONE / "policies" / "contract_check" / "charts"
_TYPES = {"string": "string", "number": "number", "bool": "boolean", "list": "array", "map": "object"}
# Kubernetes takes a number or a text for these, whatever the chart's default happens to be.
_NUMBER_OR_TEXT = frozenset(
    {"maxUnavailable", "minAvailable", "maxSurge", "targetPort", "servicePort", "cpu", "memory"}
)


def schema(chart: str, version: str) -> dict[str, Any] | None:
    """A schema that takes the chart's keys and no others; None where this version's are not known."""
    known = _known().get(chart)
    if known is None or known["version"].removeprefix("v") != version.removeprefix("v"):
        return None
    # Helm itself puts a map of this name into every chart's values.
    return {"$schema": "http://json-schema.org/draft-07/schema#", **_of("", {"global": "map", **known["values"]})}


def _of(key: str, kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        members = {name: _of(name, below) for name, below in kind.items()}
        return {"type": ["object", "null"], "additionalProperties": False, "properties": members}
    if kind == "any":
        return {}
    if key in _NUMBER_OR_TEXT and kind in ("string", "number"):
        return {"type": ["string", "number", "null"]}
    return {"type": [_TYPES[kind], "null"]}


@cache
def _known() -> dict[str, dict[str, Any]]:
    found = (json.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.json")))
    return {chart["chart"]: chart for chart in found}
