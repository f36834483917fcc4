"""Checks the values of Helm releases against the value keys that a chart's exact version has.

charts/<chart>.json holds one chart: its name, version, repository and a tree of value keys in which a leaf is
"string", "number", "bool", "list", "map" (anything below) or "any". A chart that lies in the project is checked against
its own values.schema.json instead.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contract_check.dapr_metadata import check_annotations
from contract_check.findings import Finding, join, unknown_name, wrong_kind
from contract_check.json_schema import SchemaCheck, unknown_keywords
from contract_check.known_values import check_known_values
from contract_check.places import Place
from contract_check.wire import UNKNOWN, Opaque, reveal

FOLDER = Path(__file__).parent / "charts"
PROJECT = Path(__file__).parents[2]
KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a string"),
    "number": ((int, float), "a number"),
    "bool": ((bool,), "a boolean"),
    "list": ((list,), "a list"),
    "map": ((dict,), "a map"),
}
# Kubernetes takes a number or a text for these, whatever the chart's default happens to be.
NUMBER_OR_TEXT = frozenset({"maxUnavailable", "minAvailable", "maxSurge", "targetPort", "servicePort", "cpu", "memory"})


@cache
def _charts() -> dict[str, dict[str, Any]]:
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json")))
    return {chart["chart"]: chart for chart in found}


def check_release(inputs: dict[str, Any]) -> list[Finding]:
    """What is wrong with the values of a release."""
    chart, _ = reveal(inputs.get("chart"), hidden=False)
    version, _ = reveal(inputs.get("version"), hidden=False)
    values, hidden = reveal(inputs.get("values"), hidden=False)
    if not isinstance(chart, str) or (values is not None and not isinstance(values, dict)):
        return []
    name, pinned = _reference(chart)
    known = _charts().get(name)
    local = _local_chart(chart)
    if known is None and local:
        return _check_local(local, values or {}, hidden=hidden)
    if known is None:
        return [Finding(path="chart", problem=f'no value keys of the chart "{name}" are known to the contract check')]
    wanted = version if isinstance(version, str) else pinned or _unpacked_version(chart)
    if wanted is None and version is not UNKNOWN:
        problem = f"the release pins no version; the value keys of {known['version']} are known"
        return [Finding(path="version", problem=problem)]
    if wanted is not None and wanted.removeprefix("v") != known["version"].removeprefix("v"):
        problem = f"no value keys of {name} {wanted} are known to the contract check, only those of {known['version']}"
        return [Finding(path="version", problem=problem)]
    owner = f"{name} {known['version']}"
    findings = _check_tree(values or {}, known["values"], "values", owner, hidden=hidden)
    return findings + check_known_values(name, values or {}, hidden=hidden)


def _local_chart(chart: str) -> Path | None:
    if "://" in chart or chart.endswith(".tgz"):
        return None
    folder = PROJECT / chart
    return folder if (folder / "Chart.yaml").is_file() and (folder / "values.schema.json").is_file() else None


def _unpacked_version(chart: str) -> str | None:
    """The version of a chart that lies in a folder, such as a mirror's."""
    described = PROJECT / chart / "Chart.yaml"
    if "://" in chart or not described.is_file():
        return None
    return str(yaml.safe_load(described.read_text(encoding="utf-8")).get("version"))


def _reference(chart: str) -> tuple[str, str | None]:
    """A chart's name, and its version where a mirrored archive carries it."""
    last = chart.rstrip("/").rpartition("/")[2]
    archive = re.fullmatch(r"(.+?)-(v?\d+\.\d+\.\d+[^/]*)\.tgz", last)
    return (archive[1], archive[2]) if archive else (last, None)


def _check_tree(value: dict[str, Any], tree: dict[str, Any], path: str, owner: str, *, hidden: bool) -> list[Finding]:
    findings: list[Finding] = []
    for key, item in value.items():
        below = join(path, key)
        if key not in tree:
            findings.append(unknown_name(path, key, owner, tree))
            continue
        item, concealed = reveal(item, hidden=hidden)
        if item is None or item is UNKNOWN:
            continue
        wanted = tree[key]
        if isinstance(wanted, dict) and isinstance(item, dict):
            findings += _check_tree(item, wanted, below, owner, hidden=concealed)
        else:
            findings += _check_leaf(item, "map" if isinstance(wanted, dict) else wanted, key, below)
    return findings


def _check_leaf(item: Any, wanted: str, key: str, path: str) -> list[Finding]:
    if wanted == "any" or isinstance(item, Opaque):
        return []
    accepted, words = KINDS[wanted]
    if key in NUMBER_OR_TEXT and wanted in ("string", "number"):
        accepted, words = (str, int, float), "a number or a string"
    fits = isinstance(item, accepted) and (wanted == "bool" or not isinstance(item, bool))
    return [] if fits else [wrong_kind(path, item, words)]


@cache
def _local_contract(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
    defaults = folder / "values.yaml"
    return schema, (yaml.safe_load(defaults.read_text(encoding="utf-8")) or {}) if defaults.is_file() else {}


def _check_local(folder: Path, values: dict[str, Any], *, hidden: bool) -> list[Finding]:
    schema, defaults = _local_contract(folder)
    unread = unknown_keywords(schema)
    if unread:
        problem = (
            f"{folder.name}/values.schema.json uses {', '.join(sorted(unread))}, which the contract check cannot read"
        )
        return [Finding(path="chart", problem=problem)]
    findings = SchemaCheck(schema, closed=False).check(merged(defaults, values), "values", hidden=hidden)
    return [*findings, *check_annotations(Place(values, "values", hidden)["podAnnotations"])]


def merged(defaults: Any, values: Any) -> Any:
    """Values over a chart's defaults as Helm merges them: maps by key, null removes a default."""
    given, hidden = reveal(values, hidden=False)
    if hidden or not isinstance(given, dict) or not isinstance(defaults, dict):
        return values
    kept = {key: item for key, item in defaults.items() if key not in given}
    over = {key: merged(defaults.get(key), item) for key, item in given.items() if item is not None}
    return kept | over
