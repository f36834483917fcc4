"""Rules of custom resource definitions: their names, versions and schemas, and the kinds that a program defines itself.

Source: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions (structural schemas).
"""

import re
import threading
from collections.abc import Iterator
from typing import Any, Final

from contract_check.cel import expression_problem
from contract_check.findings import Finding
from contract_check.json_schema import KEYWORDS
from contract_check.places import Place, distinct, one_of, required

KIND: Final = "CustomResourceDefinition"
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_PREFIX = "x_kubernetes_"
_RULES = f"{_PREFIX}validations"
_BASE_TYPES = frozenset({"apiVersion", "kind", "metadata"})
_NOT_IN_RE2 = re.compile(r"\(\?(=|!|<=|<!)|(?<!\\)\\[1-9]")
_BROKEN_ANYWHERE = (
    "unterminated character set",
    "missing ), unterminated subpattern",
    "unbalanced parenthesis",
    "nothing to repeat",
    "bad character range",
    "min repeat greater than max repeat",
)
_UNTYPED = (f"{_PREFIX}int_or_string", f"{_PREFIX}preserve_unknown_fields")


class OwnDefinitions:
    """The kinds that the program at hand defines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def learn(self, top: Place) -> None:
        """Keeps what a definition says, where all of it is known."""
        spec = top["spec"]
        group, kind = spec["group"].text, spec["names.kind"].text
        if group is None or kind is None:
            return
        schemas = {
            version["name"].text: _dashed(_plain(version["schema.openAPIV3Schema"]))
            for version in spec["versions"].each()
            if version["name"].text is not None and version["served"].value is not False
        }
        with self._lock:
            self._known[group, kind] = {"scope": spec["scope"].value, "versions": schemas}

    def find(self, group: str, kind: str) -> dict[str, Any] | None:
        """Scope and schemas, by version, of a kind."""
        with self._lock:
            return self._known.get((group, kind))

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


OWN: Final = OwnDefinitions()
"""Those of the run that this process checks."""


def check_definition(top: Place) -> Iterator[Finding]:
    """What is wrong with a definition."""
    spec, name = top["spec"], top["metadata.name"]
    group, plural = spec["group"].text, spec["names.plural"].text
    if group is not None and plural is not None and name.text is not None and name.text != f"{plural}.{group}":
        yield name.wrong('must be spec.names.plural+"."+spec.group')
    yield from one_of(spec["scope"], ("Namespaced", "Cluster"))
    versions = list(spec["versions"].each())
    yield from required(spec["versions"], "a definition has a version")
    yield from distinct(version["name"] for version in versions)
    stored = [version for version in versions if version["storage"].value is True]
    if versions and len(stored) != 1 and not any(version["storage"].unknown for version in versions):
        yield spec["versions"].wrong("must have exactly one version marked as storage version")
    for version in versions:
        schema = version["schema.openAPIV3Schema"]
        yield from required(schema, "schemas are required")
        if schema.value:
            if schema["type"].value != "object":
                yield schema.wrong("the schema of a kind has the type object")
            yield from _check_schema(schema, top=True)


def _check_schema(schema: Place, *, top: bool = False, typed: bool = True) -> Iterator[Finding]:
    if not isinstance(schema.value, dict):
        return
    kind = schema["type"]
    untyped = any(schema[key].value is True for key in _UNTYPED)
    yield from one_of(kind, _TYPES)
    if typed and not kind.present and not untyped:
        yield kind.wrong("must not be empty for specified fields")
    if kind.value == "array":
        yield from required(schema["items"], "the schema of a list has that of its items")
    pattern = schema["pattern"].text
    if pattern is not None:
        problem = _pattern_problem(pattern)
        if problem:
            yield schema["pattern"].wrong(f"must be a valid regular expression, but isn't: {problem}")
    if schema["properties"].value and schema["additionalProperties"].value:
        yield schema["additionalProperties"].wrong("additionalProperties and properties are mutually exclusive")
    yield from _check_rules(schema, top=top)
    for _, below in schema["properties"].members():
        yield from _check_schema(below, typed=typed)
    for key in ("items", "additionalProperties"):
        yield from _check_schema(schema[key], typed=typed)
    for key in ("allOf", "anyOf", "oneOf"):
        for below in schema[key].each():
            yield from _check_schema(below, typed=False)


def _pattern_problem(pattern: str) -> str:
    """Why a pattern is none for the API server, whose syntax is RE2's; what only Python refuses is no matter."""
    if unknown := _NOT_IN_RE2.search(pattern):
        return f"invalid or unsupported Perl syntax: {unknown.group()}"
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error) if str(error.msg).startswith(_BROKEN_ANYWHERE) else ""
    return ""


def _check_rules(schema: Place, *, top: bool) -> Iterator[Finding]:
    own = _plain(schema)
    if top and isinstance(own, dict):
        given = own.get("properties")
        own = {**own, "properties": {**(given if isinstance(given, dict) else {}), **{key: {} for key in _BASE_TYPES}}}
    for rule in schema[_RULES].each():
        yield from required(rule["rule"])
        if rule["rule"].text is not None:
            problem = expression_problem(rule["rule"].text, frozenset({"self", "oldSelf"}), own)
            if problem:
                yield rule["rule"].wrong(f"compilation failed: {problem}")


def _plain(place: Place) -> Any:
    """The value with neither marks of secrets nor what is not known."""
    if isinstance(place.value, dict):
        return {key: _plain(below) for key, below in place.members() if below.present}
    if isinstance(place.value, list):
        return [_plain(below) for below in place.each()]
    return place.value


def _dashed(schema: Any) -> Any:
    """A schema in the words of the schema check, without what that check does not look at."""
    if isinstance(schema, list):
        return [_dashed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        word = key.replace("_", "-") if key.startswith(_PREFIX) else key
        if key == "properties" and isinstance(value, dict):
            kept[key] = {name: _dashed(below) for name, below in value.items()}
        elif word in KEYWORDS and value is not None:
            kept[word] = _dashed(value)
    return kept
