"""Workload files that are wrong in one known way each: a right one, broken at a place that its JSON Schema knows."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from components.services.model import WorkloadSpec

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]

SCHEMA: Schema = WorkloadSpec.model_json_schema()

SAMPLES: Mapping[str, Any] = {
    "string": "text",
    "integer": 7,
    "number": 7.5,
    "boolean": True,
    "array": ["text"],
    "object": {"text": "text"},
}
"""A value of each type of JSON."""


@dataclass(frozen=True)
class Place:
    """A value in a file, and the schemas that it may follow."""

    path: Path
    value: Any
    schemas: Sequence[Schema]

    @property
    def key_path(self) -> str:
        """As problems spell it."""
        return key_path(self.path)

    @property
    def type(self) -> str:
        """The type of JSON that the value is of."""
        return next(kind for kind, sample in SAMPLES.items() if type(sample) is type(self.value))

    @property
    def types(self) -> set[str]:
        """The types of JSON that are right here."""
        named = {kind for schema in self.schemas for kind in _types(schema)}
        return named | ({"integer"} if "number" in named else set())


@dataclass(frozen=True)
class Broken:
    """A file, and where it is wrong."""

    values: Any
    path: Path

    @property
    def key_path(self) -> str:
        """As problems spell it."""
        return key_path(self.path)


def key_path(path: Path) -> str:
    """A place as problems spell it."""
    return ".".join(str(part) for part in path)


def places(values: Any) -> list[Place]:
    """Every value in a file."""
    return list(_places((), values, [SCHEMA]))


def _places(path: Path, value: Any, schemas: Sequence[Schema]) -> Iterator[Place]:
    fitting = [schema for one in schemas for schema in _alternatives(one)]
    yield Place(path, value, fitting)
    if isinstance(value, dict):
        chosen = [schema for schema in fitting if _is_of(value, schema)]
        for key, inner in value.items():
            inside = [found for schema in chosen if (found := _member(schema, key)) is not None]
            if inside:
                yield from _places((*path, key), inner, inside)
    if isinstance(value, list):
        items = [schema["items"] for schema in fitting if isinstance(schema.get("items"), Mapping)]
        for number, inner in enumerate(value):
            if items:
                yield from _places((*path, number), inner, items)


def _alternatives(schema: Schema) -> Iterator[Schema]:
    """The schemas that one stands for, references followed."""
    if "$ref" in schema:
        yield from _alternatives(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for one in alternatives:
            yield from _alternatives(one)
    else:
        yield schema


def _is_of(value: Mapping[str, Any], schema: Schema) -> bool:
    """Whether a mapping is of a schema, as far as the values that tell alternatives apart say."""
    told = {key: inner["const"] for key, inner in schema.get("properties", {}).items() if "const" in inner}
    return all(value.get(key, const) == const for key, const in told.items())


def _member(schema: Schema, key: str) -> Schema | None:
    known: Schema | None = schema.get("properties", {}).get(key)
    others = [one for pattern, one in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    others += [schema["additionalProperties"]] if isinstance(schema.get("additionalProperties"), Mapping) else []
    return known if known is not None else next(iter(others), None)


def _types(schema: Schema) -> Iterator[str]:
    if "type" in schema:
        yield schema["type"]
    for value in [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]:
        yield {str: "string", bool: "boolean", int: "integer", float: "number"}[type(value)]


def _closed(place: Place) -> list[str]:
    """The keys of a mapping that takes no others; none of another value."""
    mappings = [schema for schema in place.schemas if schema.get("type") == "object"]
    if not isinstance(place.value, dict) or any(schema.get("additionalProperties") is not False for schema in mappings):
        return []
    return sorted({key for schema in place.schemas for key in schema.get("properties", {})})


def misspelt(place: Place, draw: st.DrawFn) -> Broken | None:
    """A key that nobody knows: one of those that are known, with a letter lost, twice, or changed."""
    if not (known := _closed(place)):
        return None
    key, at = draw(st.sampled_from(known)), draw(st.integers(0, 30))
    at %= len(key)
    wrong = draw(
        st.sampled_from([key[:at] + key[at + 1 :], key[:at] + key[at] + key[at:], f"{key[:at]}q{key[at + 1 :]}"])
    )
    if wrong in known or not wrong:
        return None
    return Broken({**place.value, wrong: draw(st.sampled_from([1, "text", None, []]))}, (wrong,))


def of_another_type(place: Place, draw: st.DrawFn) -> Broken | None:
    """A value that is of no type that would be right."""
    wrong = [sample for kind, sample in SAMPLES.items() if kind not in place.types]
    return Broken(draw(st.sampled_from(wrong)), ()) if place.types and wrong else None


def without_a_key(place: Place, draw: st.DrawFn) -> Broken | None:
    """A mapping that lacks what has to be there."""
    if not isinstance(place.value, dict):
        return None
    fitting = [schema for schema in place.schemas if schema.get("type") == "object" and _is_of(place.value, schema)]
    needed = sorted({key for schema in fitting for key in schema.get("required", [])} & set(place.value))
    if not needed or len(place.schemas) > 1:
        return None
    key = draw(st.sampled_from(needed))
    return Broken({name: value for name, value in place.value.items() if name != key}, (key,))


def out_of_range(place: Place, draw: st.DrawFn) -> Broken | None:
    """A number that is too small or too large."""
    if isinstance(place.value, bool) or not isinstance(place.value, int | float):
        return None
    wrong: list[float] = []
    for schema in place.schemas:
        wrong += [schema[key] - 1 for key in ("minimum", "exclusiveMinimum") if key in schema]
        wrong += [schema[key] + 1 for key in ("maximum", "exclusiveMaximum") if key in schema]
    return Broken(draw(st.sampled_from(wrong)), ()) if wrong and len(place.schemas) == 1 else None


def of_no_choice(place: Place, draw: st.DrawFn) -> Broken | None:
    """Text that is none of those that can be chosen, or not of the form that is asked for."""
    if not isinstance(place.value, str):
        return None
    texts = [schema for schema in place.schemas if "string" in set(_types(schema))]
    wrong = draw(st.sampled_from([f"{place.value}!", f" {place.value}", "", "{}"]))
    for schema in texts:
        choices = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
        if choices and wrong in choices:
            return None
        if not choices and not ("pattern" in schema and not re.search(schema["pattern"], wrong)):
            return None
    return Broken(wrong, ()) if texts else None


WAYS: Sequence[Callable[[Place, st.DrawFn], Broken | None]] = (
    misspelt,
    of_another_type,
    without_a_key,
    out_of_range,
    of_no_choice,
)


@st.composite
def broken(draw: st.DrawFn, right: Sequence[Any], way: Callable[[Place, st.DrawFn], Broken | None]) -> Broken:
    """One of the right files, broken in one way at one place."""
    values = draw(st.sampled_from(right))
    found = places(values)
    start = draw(st.integers(0, len(found) - 1))
    for place in (*found[start:], *found[:start]):
        if part := way(place, draw):
            return Broken(_with(values, place.path, part.values), (*place.path, *part.path))
    raise AssertionError(f"{way.__name__} breaks nothing in any of the files")


def _with(values: Any, path: Path, part: Any) -> Any:
    """The file, with another value at a place."""
    if not path:
        return part
    changed = copy.copy(values)
    changed[path[0]] = _with(values[path[0]], path[1:], part)
    return changed
