"""Custom resource definitions of stand-ins: with the schemas that the contract check carries, else open ones."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.places import CLONE

_FOLDER = CLONE / "policies" / "contract_check" / "crds"
_OPEN: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_KEEP = {"helm.sh/resource-policy": "keep"}
_PROTECTED = re.compile(r"(^|\.)(k8s|kubernetes)\.io$")
# Groups of Kubernetes' own take only what is approved, or says that it is not.
_UNAPPROVED = {"api-approved.kubernetes.io": "unapproved, stands in for the definition of the chart"}


def definition(known: dict[str, Any], *, kept: bool) -> dict[str, Any]:
    """A definition by its group, kind, scope and versions; `kept` ones stay when the release goes."""
    carried = _carried(known["group"], known["kind"])
    stored = carried["version"] if carried and carried["version"] in known["versions"] else known["versions"][0]
    plural = known["name"].partition(".")[0]
    annotations = {**(_KEEP if kept else {}), **(_UNAPPROVED if _PROTECTED.search(known["group"]) else {})}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": known["name"], **({"annotations": annotations} if annotations else {})},
        "spec": {
            "group": known["group"],
            "scope": known["scope"],
            "names": {"kind": known["kind"], "listKind": f"{known['kind']}List", "plural": plural},
            "versions": [_version(name, carried, stored) for name in known["versions"]],
        },
    }


def _version(name: str, carried: dict[str, Any] | None, stored: str) -> dict[str, Any]:
    schema = _with_status(carried["schema"]) if carried is not None and carried["version"] == name else _OPEN
    return {
        "name": name,
        "served": True,
        "storage": name == stored,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }


def _with_status(schema: dict[str, Any]) -> dict[str, Any]:
    """The status is not carried, and the API server would drop what it finds no field for."""
    return {**schema, "properties": {**schema["properties"], "status": _OPEN}}


@cache
def _carried(group: str, kind: str) -> dict[str, Any] | None:
    file: Path = _FOLDER / f"{group}.{kind}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
