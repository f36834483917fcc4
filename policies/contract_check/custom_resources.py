"""Checks custom resources against the structural schemas of their definitions.

crds/<group>.<kind>.json holds a definition's schema, crds/index.json every known group, kind, version and scope.
"""

import json
from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import Any

from contract_check.dapr_objects import check_dapr
from contract_check.data_objects import check_data
from contract_check.definitions import OWN
from contract_check.findings import Finding, did_you_mean
from contract_check.json_schema import SchemaCheck
from contract_check.places import Place
from contract_check.wire import reveal

FOLDER = Path(__file__).parent / "crds"
DAPR = "dapr.io"


@cache
def _index() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))


@cache
def _definition(group: str, kind: str) -> dict[str, Any] | None:
    path = FOLDER / f"{group}.{kind}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def check_custom_resource(token: str, inputs: dict[str, Any], built_in: Set[str]) -> list[Finding]:
    """What is wrong with an object of a kind that the Kubernetes SDK has no class for."""
    _, group_version, kind = token.split(":", 2)
    group, _, version = group_version.rpartition("/")
    if kind.endswith("Patch") and kind.removesuffix("Patch") in _index().get(group, {}):
        # A patch names only what it changes: what a whole object must have is no measure for it.
        return []
    own = OWN.find(group, kind)
    if own is not None:
        return [*_check_own(own, version, kind, inputs), *check_data(group, kind, Place(inputs))]
    problem = _naming_problem(group, version, kind, built_in)
    if problem:
        return [Finding(path="", problem=problem)]
    findings = _check_scope(_index()[group][kind]["scope"], kind, inputs)
    definition = _definition(group, kind)
    if definition and definition["version"] == version:
        findings += SchemaCheck(definition["schema"], closed=True).check(inputs)
    if group == DAPR:
        findings += check_dapr(kind, Place(inputs))
    return [*findings, *check_data(group, kind, Place(inputs))]


def _check_own(own: dict[str, Any], version: str, kind: str, inputs: dict[str, Any]) -> list[Finding]:
    """By a definition of the program itself."""
    if version not in own["versions"]:
        return [Finding(path="", problem=f"{kind} is served as {', '.join(own['versions'])}, not as {version}")]
    findings = _check_scope(own["scope"], kind, inputs)
    schema = own["versions"][version]
    if isinstance(schema, dict):
        findings += SchemaCheck(schema, closed=True).check(inputs)
    return findings


def _naming_problem(group: str, version: str, kind: str, built_in: Set[str]) -> str:
    groups = {token.split(":")[1].rpartition("/")[0] for token in built_in if token.startswith("kubernetes:")}
    if group in groups:
        known = [token.split(":")[2] for token in built_in if token.startswith(f"kubernetes:{group}/{version}:")]
        versions = {token.split(":")[1].rpartition("/")[2] for token in built_in if f":{group}/" in token}
        if known:
            return f"{group}/{version} has no kind {kind}{did_you_mean(kind, known)}"
        return f"the built-in group {group} has no version {version}{did_you_mean(version, versions)}"
    index = _index()
    if group not in index:
        return f"no definition of the API group {group} is known to the contract check{did_you_mean(group, index)}"
    if kind not in index[group]:
        return f"{group} has no kind {kind}{did_you_mean(kind, index[group])}"
    if version not in index[group][kind]["versions"]:
        served = ", ".join(index[group][kind]["versions"])
        return f"{kind} of {group} is served as {served}, not as {version}"
    return ""


def _check_scope(scope: str, kind: str, inputs: dict[str, Any]) -> list[Finding]:
    metadata, _ = reveal(inputs.get("metadata"), hidden=False)
    if scope == "Cluster" and isinstance(metadata, dict) and metadata.get("namespace") is not None:
        return [
            Finding(path="metadata.namespace", problem=f"{kind} belongs to the whole cluster and takes no namespace")
        ]
    return []
