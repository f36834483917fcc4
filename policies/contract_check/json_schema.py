"""Checks a value against a JSON Schema, or against a custom resource's structural schema.

A library would not do: values may be unknown at any depth, secrets must not be shown, every problem is wanted and not
only the first, and a name that was probably meant is part of a finding. The keywords are those that the carried schemas
use; `unknown_keywords` tells of others.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from contract_check.findings import Finding, join, shown, unknown_name, wrong_kind, wrong_value
from contract_check.wire import UNKNOWN, Opaque, reveal

KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a string"),
    "integer": ((int, float), "an integer"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "a boolean"),
    "array": ((list,), "a list"),
    "object": ((dict,), "a map"),
    "null": ((), "null"),
}
NOTES = frozenset(
    {"$schema", "$id", "title", "description", "default", "examples", "format", "$comment", "definitions", "$defs"}
)
KEYWORDS = NOTES | {
    *("type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "nullable"),
    *("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties", "items"),
    *("minItems", "maxItems", "uniqueItems", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"),
}
ONE_SCHEMA = ("additionalProperties", "propertyNames", "items", "not", "if", "then", "else")
LIMITS = (("", "minimum", "maximum"), ("Items", "minItems", "maxItems"), ("Length", "minLength", "maxLength"))


def unknown_keywords(schema: Any) -> set[str]:
    """The keywords of a schema that the check would silently pass over."""
    if not isinstance(schema, dict):
        return set()
    found = {key for key in schema if key not in KEYWORDS}
    below: list[Any] = [schema.get(key) for key in ONE_SCHEMA]
    for key in ("properties", "definitions", "$defs"):
        below += schema.get(key, {}).values()
    for key in ("anyOf", "oneOf", "allOf"):
        below += schema.get(key, [])
    return found.union(*(unknown_keywords(item) for item in below))


class SchemaCheck:
    """Checks values against one schema document."""

    def __init__(self, document: dict[str, Any], *, closed: bool) -> None:
        self._document = document
        self._closed = closed
        """Whether a property that no schema names is a mistake: an API server drops it, a chart may read it."""

    def check(self, value: Any, path: str = "", *, hidden: bool = False) -> list[Finding]:
        """Everything that is wrong with a value."""
        return list(self._check(value, self._document, path, hidden=hidden))

    def _check(self, value: Any, schema: Any, path: str, *, hidden: bool) -> Iterator[Finding]:
        value, hidden = reveal(value, hidden=hidden)
        if value is UNKNOWN or isinstance(value, Opaque) or schema is True:
            return
        while "$ref" in schema:
            schema = self._resolved(schema["$ref"])
        if value is None and (self._closed or schema.get("nullable")):
            return
        mismatch = _kind_mismatch(value, schema, path)
        if mismatch:
            yield mismatch
            return
        yield from _check_scalar(value, schema, path, hidden=hidden)
        if isinstance(value, dict):
            yield from self._check_map(value, schema, path, hidden=hidden)
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                yield from self._check(item, schema["items"], f"{path}[{i}]", hidden=hidden)
        yield from self._check_combined(value, schema, path, hidden=hidden)

    def _resolved(self, reference: str) -> Any:
        found: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return found

    def _check_map(
        self, value: dict[str, Any], schema: dict[str, Any], path: str, *, hidden: bool
    ) -> Iterator[Finding]:
        properties: dict[str, Any] = schema.get("properties", {})
        for key in schema.get("required", ()):
            if key not in value or (self._closed and value[key] is None):
                yield Finding(path=join(path, key), problem="required here")
        for key, item in value.items():
            if "propertyNames" in schema:
                yield from self._check(key, schema["propertyNames"], join(path, key), hidden=False)
            if key in properties:
                yield from self._check(item, properties[key], join(path, key), hidden=hidden)
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self._check(item, schema["additionalProperties"], join(path, key), hidden=hidden)
            elif self._refuses(schema, path, key):
                yield unknown_name(path, key, path or "the object", properties)

    def _refuses(self, schema: dict[str, Any], path: str, key: str) -> bool:
        if "additionalProperties" in schema:
            return schema["additionalProperties"] is False
        if not self._closed or schema.get("x-kubernetes-preserve-unknown-fields") or "properties" not in schema:
            return False
        is_object = not path or schema.get("x-kubernetes-embedded-resource", False)
        return not (is_object and key in ("apiVersion", "kind", "metadata"))

    def _check_combined(self, value: Any, schema: dict[str, Any], path: str, *, hidden: bool) -> Iterator[Finding]:
        for part in schema.get("allOf", ()):
            yield from self._check(value, part, path, hidden=hidden)
        for keyword in ("anyOf", "oneOf"):
            attempts = [list(self._part(value, part, path, hidden=hidden)) for part in schema.get(keyword, ())]
            if attempts and all(attempts):
                yield min(attempts, key=len)[0]
            elif keyword == "oneOf" and attempts.count([]) > 1 and not contains_unknown(value):
                yield Finding(path=path, problem="several alternatives are given, exactly one is wanted")
        if contains_unknown(value):
            # Which way a condition goes depends on what is not known yet.
            return
        if "not" in schema and not list(self._part(value, schema["not"], path, hidden=hidden)):
            yield Finding(path=path, problem="this combination is refused")
        if "if" in schema:
            chosen = "else" if list(self._part(value, schema["if"], path, hidden=hidden)) else "then"
            yield from self._check(value, schema.get(chosen, True), path, hidden=hidden)

    def _part(self, value: Any, part: Any, path: str, *, hidden: bool) -> Iterator[Finding]:
        """An alternative adds conditions; it does not repeat which properties there are."""
        return SchemaCheck(self._document, closed=False)._check(value, part, path, hidden=hidden)


def contains_unknown(value: Any) -> bool:
    """Whether any part of a value is still unknown."""
    value, _ = reveal(value, hidden=False)
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def _kind_mismatch(value: Any, schema: dict[str, Any], path: str) -> Finding | None:
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, int | float | str) and not isinstance(value, bool)
        return None if fits else wrong_kind(path, value, "an integer or a string")
    wanted = schema.get("type")
    names: list[str] = [wanted] if isinstance(wanted, str) else wanted or []
    if not names or any(_is_kind(value, name) for name in names):
        return None
    if "integer" in names and isinstance(value, float) and not isinstance(value, bool):
        return Finding(path=path, problem="expected an integer, got a number with a fraction")
    return wrong_kind(path, value, " or ".join(KINDS[name][1] for name in names))


def _is_kind(value: Any, name: str) -> bool:
    if name == "null":
        return value is None
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, KINDS[name][0]) and (name != "integer" or float(value).is_integer())


def _check_scalar(value: Any, schema: dict[str, Any], path: str, *, hidden: bool) -> Iterator[Finding]:
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and value not in allowed:
        yield wrong_value(path, value, allowed, hidden=hidden)
    sizes = {
        "": value if isinstance(value, int | float) and not isinstance(value, bool) else None,
        "Items": len(value) if isinstance(value, list) else None,
        "Length": len(value) if isinstance(value, str) else None,
    }
    for measure, low, high in LIMITS:
        size = sizes[measure]
        what = {"": shown(value, hidden=hidden), "Items": "the number of elements", "Length": "the length"}[measure]
        if size is not None and low in schema and size < schema[low]:
            yield Finding(path=path, problem=f"{what} is below the minimum of {schema[low]}")
        if size is not None and high in schema and size > schema[high]:
            yield Finding(path=path, problem=f"{what} is above the maximum of {schema[high]}")
    if isinstance(value, str) and "pattern" in schema and not matches(schema["pattern"], value):
        yield Finding(path=path, problem=f"{shown(value, hidden=hidden)} does not match {schema['pattern']}")
    if isinstance(value, dict):
        yield from _check_size(value, schema, path)


def _check_size(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[Finding]:
    if len(value) < schema.get("minProperties", 0):
        yield Finding(path=path, problem=f"at least {schema['minProperties']} properties are needed")
    if len(value) > schema.get("maxProperties", len(value)):
        yield Finding(path=path, problem=f"at most {schema['maxProperties']} properties are allowed")


def matches(pattern: str, text: str) -> bool:
    """Whether a text holds a pattern that was written for Go's regular expressions."""
    expression = _compiled(pattern)
    return expression is None or expression.search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # Go takes a flag anywhere, Python only at the start; what cannot be read is not checked.
    flags = re.IGNORECASE if "(?i)" in pattern else re.RegexFlag(0)
    try:
        return re.compile(pattern.replace("(?i)", ""), flags)
    except re.error:
        return None
