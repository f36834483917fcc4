"""The inputs of an object as the cluster has them: what a refresh compares with what the program says."""

import base64
import binascii
from decimal import Decimal
from typing import Any

from rehearsal.providers.kubernetes.quantities import amount
from rehearsal.providers.kubernetes_api.objects.manifests import renamed, without_nulls
from rehearsal.providers.wire import Properties, Secret, plain

_NOT_INPUTS = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink")
_NOT_GIVEN = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")
_MERGE_KEYS = ("name", "containerPort", "port", "mountPath", "key", "type", "topologyKey", "ip")
"""What tells elements of a list apart, whichever order the server has them in."""


def live_inputs(inputs: Properties, live: Properties) -> Properties:
    """The live object cut to what the inputs set, each value in the inputs' own writing where both mean the same."""
    found = renamed(without_nulls(live))
    if "stringData" in inputs:
        found = {**found, "stringData": _texts(plain(inputs["stringData"]), found.get("data") or {})}
    metadata = inputs.get("metadata")
    if isinstance(metadata, dict) and "namespace" not in metadata:
        found = {**found, "metadata": {key: value for key, value in found["metadata"].items() if key != "namespace"}}
    return _cut(inputs, found)


def imported_inputs(live: Properties) -> Properties:
    """Everything of a live object that a program could have set."""
    found = renamed(without_nulls(live))
    metadata = {key: value for key, value in found["metadata"].items() if key not in _NOT_INPUTS}
    annotations = {key: value for key, value in (metadata.pop("annotations", {})).items() if key not in _NOT_GIVEN}
    if annotations:
        metadata["annotations"] = annotations
    kept = {key: value for key, value in found.items() if key not in ("status", "metadata")}
    if found.get("kind") == "Secret" and "data" in kept:
        kept["data"] = Secret(kept["data"])
    return {**kept, "metadata": metadata}


def _cut(given: Any, live: Any) -> Any:
    if isinstance(given, Secret):
        return Secret(_cut(given.value, live))
    if isinstance(given, dict) and isinstance(live, dict):
        kept = {key: _cut(value, live[key]) for key, value in given.items() if key in live}
        # The server leaves out what is empty.
        return {**{key: value for key, value in given.items() if key not in live and _empty(value)}, **kept}
    if isinstance(given, list) and isinstance(live, list):
        return _cut_list(given, live)
    return given if _same(plain(given), live) else live


def _cut_list(given: list[Any], live: list[Any]) -> list[Any]:
    key = _merge_key(given, live)
    if key is None:
        # What the server adds, such as a volume with a token, comes last.
        return [_cut(item, other) for item, other in zip(given, live, strict=False)]
    by_key = {item[key]: item for item in live}
    return [_cut(item, by_key[plain(item)[key]]) for item in given if plain(item)[key] in by_key]


def _merge_key(given: list[Any], live: list[Any]) -> str | None:
    items = [plain(item) for item in given]
    if not items or not all(isinstance(item, dict) for item in [*items, *live]):
        return None
    for key in _MERGE_KEYS:
        if all(key in item for item in [*items, *live]) and len({str(item[key]) for item in items}) == len(items):
            return key
    return None


def _empty(value: Any) -> bool:
    content = plain(value)
    return content in ({}, [], "", 0, False)


def _same(given: Any, live: Any) -> bool:
    if given == live and isinstance(given, bool) == isinstance(live, bool):
        return True
    if isinstance(given, bool) or isinstance(live, bool) or not isinstance(given, str | int | float):
        return False
    left, right = _quantity(given), _quantity(live)
    return left is not None and left == right


def _quantity(value: Any) -> Decimal | None:
    return amount(value) if isinstance(value, str | int | float) else None


def _texts(given: Any, data: Properties) -> Properties:
    """What the program gave in plain text, out of the data that the server made of it."""
    names = given if isinstance(given, dict) else {}
    return {key: _decoded(data[key]) for key in names if key in data}


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text
