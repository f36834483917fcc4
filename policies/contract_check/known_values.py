"""Chart values of which more is known than their kind: closed sets, and parts of Kubernetes objects.

known_values.json holds closed sets by path for one chart, closed sets and Kubernetes types by the last keys of a path
for every chart, the keys below which a chart takes anything, and those below which one has a value for each of its
parts. known_keys.json holds, by path for one chart, all the
keys of maps that the chart leaves open and hands on to what does not take any other.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from contract_check.findings import Finding, join, unknown_name, wrong_value
from contract_check.kubernetes_objects import CHECKS
from contract_check.shapes import Shapes
from contract_check.type_cache import resource_types
from contract_check.wire import reveal

POD = "kubernetes:core/v1:Pod"
"""A pod's types reach all those that charts take."""

QUANTITIES = ("requests", "limits")


def check_known_values(chart: str, values: dict[str, Any], *, hidden: bool) -> list[Finding]:
    """What is wrong with the values of a chart beyond their names and kinds."""
    findings: list[Finding] = []
    for keys, value, path, concealed in _members(values, (), "values", hidden=hidden):
        if tree := _by_path(_keys().get(chart, {}), keys):
            findings += _check_keys(value, tree, path)
        allowed = _known()["charts"].get(chart, {}).get(".".join(keys)) or _by_ending(_known()["anywhere"], keys)
        if allowed:
            findings += _check_closed(value, path, allowed, hidden=concealed)
        what = _what(chart, keys)
        if typed := _by_ending(_known()["types"], what):
            findings += _check_type(value, path, *typed)
        if what[-1] == "resources":
            findings += CHECKS["resources"](value, path, hidden=concealed)
    return findings


def _what(chart: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that say what a value is: where a chart has one for each of its parts, they are those above the part."""
    parted = _known()["parts"].get(chart, ())
    if ".".join(keys) in parted:
        return ("",)
    return keys[:-1] if ".".join(keys[:-1]) in parted else keys


@cache
def _known() -> dict[str, Any]:
    return json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


@cache
def _keys() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("known_keys.json").read_text(encoding="utf-8"))


def _by_path(table: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return table.get(".".join(keys)) or _by_ending(table, keys)


def _by_ending(table: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return table.get(keys[-1]) or table.get(".".join(keys[-2:]))


def _members(
    value: Any, keys: tuple[str, ...], path: str, *, hidden: bool
) -> Iterator[tuple[tuple[str, ...], Any, str, bool]]:
    value, hidden = reveal(value, hidden=hidden)
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _members(item, keys, f"{path}[{i}]", hidden=hidden)
    for key, item in value.items() if isinstance(value, dict) else ():
        known, concealed = reveal(item, hidden=hidden)
        yield (*keys, key), known, join(path, key), concealed
        if key not in _known()["free"]:
            yield from _members(known, (*keys, key), join(path, key), hidden=concealed)


def _check_keys(value: Any, tree: dict[str, Any], path: str) -> list[Finding]:
    value, _ = reveal(value, hidden=False)
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in _check_keys(item, tree, f"{path}[{i}]")]
    findings: list[Finding] = []
    for key, item in value.items() if isinstance(value, dict) else ():
        if key not in tree:
            findings.append(unknown_name(path, key, path, tree))
        elif tree[key] is not None:
            findings += _check_keys(item, tree[key], join(path, key))
    return findings


def _check_closed(value: Any, path: str, allowed: list[str], *, hidden: bool) -> list[Finding]:
    if isinstance(value, list):
        found = [reveal(item, hidden=hidden) for item in value]
        texts = [(f"{path}[{i}]", text, concealed) for i, (text, concealed) in enumerate(found)]
    else:
        texts = [(path, value, hidden)]
    return [
        wrong_value(below, text, allowed, hidden=concealed)
        for below, text, concealed in texts
        if isinstance(text, str) and "{{" not in text and text not in allowed
    ]


def _check_type(value: Any, path: str, kind: str, name: str) -> list[Finding]:
    """Charts also take a text for these, which they evaluate as a template."""
    types = resource_types(POD)
    if types is None or not isinstance(value, dict if kind == "object" else list):
        return []
    [found] = [one for one in types["types"] if one.endswith(f".{name}")]
    schema = ["object", found] if kind == "object" else ["list", ["object", found]]
    return Shapes(types["types"], name).check(_with_written_quantities(value), schema, path)


def _with_written_quantities(value: Any, *, within: bool = False) -> Any:
    """Numbers of requests and limits as texts: Kubernetes takes both in YAML, the SDK's types name one."""
    if isinstance(value, list):
        return [_with_written_quantities(item) for item in value]
    if not isinstance(value, dict):
        return str(value) if within and isinstance(value, int | float) and not isinstance(value, bool) else value
    return {key: _with_written_quantities(item, within=within or key in QUANTITIES) for key, item in value.items()}
