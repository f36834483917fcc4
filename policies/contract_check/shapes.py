"""Checks a value against the type that an SDK declares for it."""

import json
from typing import Any

from contract_check.findings import Finding, join, unknown_name, wrong_kind, wrong_value
from contract_check.wire import UNKNOWN, Opaque, Secret, reveal

KINDS = {
    "string": (str, "a string"),
    "integer": (int | float, "an integer"),
    "number": (int | float, "a number"),
    "boolean": (bool, "a boolean"),
}


class Shapes:
    """Checks values against one resource's types."""

    def __init__(self, types: dict[str, dict[str, list[Any]]], owner: str) -> None:
        self._types = types
        self._owner = owner
        """How findings call the resource type."""

    def check(self, value: Any, schema: Any, path: str, *, hidden: bool = False) -> list[Finding]:
        """What is wrong with a value; nothing where it is unknown or absent."""
        value, hidden = reveal(value, hidden=hidden)
        if value is None or value is UNKNOWN or schema == "any":
            return []
        if isinstance(schema, str):
            return _check_scalar(value, schema, path)
        kind, content = schema
        match kind:
            case "object":
                return self.check_object(value, content, path, hidden=hidden)
            case "list" if isinstance(value, list):
                below = {f"{path}[{i}]": item for i, item in enumerate(value)}
                return self._check_each(below, content, hidden=hidden)
            case "map" if isinstance(value, dict):
                below = {join(path, key): item for key, item in value.items()}
                return self._check_each(below, content, hidden=hidden)
            case "values":
                return _check_values(value, content, path, hidden=hidden)
            case "union":
                return self._check_union(value, content, path, hidden=hidden)
            case _:
                return [wrong_kind(path, value, f"a {kind}")]

    def _check_each(self, items: dict[str, Any], schema: Any, *, hidden: bool) -> list[Finding]:
        return [found for path, item in items.items() for found in self.check(item, schema, path, hidden=hidden)]

    def check_object(
        self, value: Any, name: str, path: str, *, hidden: bool = False, ignored: frozenset[str] = frozenset()
    ) -> list[Finding]:
        """What is wrong with the properties of a map that has a class."""
        if not isinstance(value, dict):
            return [wrong_kind(path, value, "a map")]
        properties = self._types[name]
        owner = path or self._owner
        findings: list[Finding] = []
        for key, item in value.items():
            if key.startswith("__") or key in ignored:
                continue
            if key not in properties:
                findings.append(unknown_name(path, key, owner, properties))
                continue
            findings += self.check(item, properties[key][0], join(path, key), hidden=hidden)
        for key, (_, required) in properties.items():
            if required and value.get(key) is None:
                findings.append(Finding(path=join(path, key), problem=f"{owner} requires it"))
        return findings

    def _check_union(self, value: Any, members: list[Any], path: str, *, hidden: bool) -> list[Finding]:
        attempts = [self.check(value, member, path, hidden=hidden) for member in members]
        scalars = [member for member in members if isinstance(member, str)]
        if all(attempts) and len(scalars) == len(members):
            return [wrong_kind(path, value, " or ".join(KINDS[m][1] if m in KINDS else "an asset" for m in scalars))]
        # The alternative that comes nearest is the one that was meant.
        return min(attempts, key=lambda found: (len(found), any(item.path == path for item in found)))


def decoded_provider_inputs(inputs: dict[str, Any], properties: dict[str, list[Any]]) -> dict[str, Any]:
    """Provider inputs in their declared kinds: the SDKs send everything but strings as JSON text."""
    decoded: dict[str, Any] = {}
    for key, item in inputs.items():
        value, hidden = reveal(item, hidden=False)
        if isinstance(value, str) and key in properties and properties[key][0] != "string":
            value = _decoded(value, properties[key][0])
        decoded[key] = Secret(value) if hidden else value
    return decoded


def _decoded(text: str, schema: Any) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    # A value set such as an enum of strings is sent as it is, even where the text happens to be JSON.
    return text if isinstance(schema, list) and schema[0] == "values" and not isinstance(value, str) else value


def _check_scalar(value: Any, schema: str, path: str) -> list[Finding]:
    if schema == "asset":
        return [] if isinstance(value, Opaque) else [wrong_kind(path, value, "an asset")]
    if isinstance(value, Opaque):
        # A resource reference stands for the id of the resource.
        return [] if schema == "string" else [wrong_kind(path, value, KINDS[schema][1])]
    accepted, words = KINDS[schema]
    if not isinstance(value, accepted) or (isinstance(value, bool) and schema != "boolean"):
        return [wrong_kind(path, value, words)]
    if schema == "integer" and not float(value).is_integer():
        return [Finding(path=path, problem="expected an integer, got a number with a fraction")]
    return []


def _check_values(value: Any, allowed: list[Any], path: str, *, hidden: bool) -> list[Finding]:
    if isinstance(value, list | dict | Opaque):
        return [wrong_kind(path, value, "a scalar")]
    return [] if value in allowed else [wrong_value(path, value, allowed, hidden=hidden)]
