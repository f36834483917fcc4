"""Breaks values: another kind than belongs there, a word outside a closed set, a name that is too long."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path as File
from random import Random
from typing import Any

from tests.mutants.keys import misspellings
from tests.mutants.mutant import Mutant
from tests.mutants.places import Place
from tests.mutants.registrations import Path, Registration, pattern

OTHERS: dict[str, list[Any]] = {
    # Nothing that a provider would turn into the right kind: a number is also a text, "5" also a number.
    "text": [["several"], {"value": "nested"}],
    "number": ["many", {"value": 1}],
    "flag": ["perhaps", ["true"]],
    "list": [{"first": "one"}, "one"],
    "map": [["one"], "one"],
    "object": [["one"], "one"],
}
LABEL_VALUE = {
    # cloud.google.com/resource-manager/docs/labels-overview#requirements
    "labels": 63,
    "resourceLabels": 63,
    "userLabels": 63,
    # kubernetes.io/docs/concepts/overview/working-with-objects/labels#syntax-and-character-set
    "metadata.labels": 63,
    # learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
    "tags": 256,
    # docs.oracle.com/iaas/Content/Tagging/Concepts/taggingoverview.htm: values have at most 256 characters
    "freeformTags": 256,
}
"""How long the values of labels and tags may be, by the path of the map."""


def wrong_kind(registration: Registration, place: Place, random: Random) -> Iterator[Mutant]:
    """A value of another kind."""
    others = OTHERS.get(place.shape.kind)
    if others and place.path:
        yield Mutant(registration=registration, kind="wrong kind", path=place.path, value=random.choice(others))


def wrong_value(registration: Registration, place: Place, random: Random) -> Iterator[Mutant]:
    """A text outside the closed set that the SDK or the provider's source names."""
    named = _facts(registration.type).get("values", {}).get(pattern(place.path), ())
    closed = place.shape.values or tuple(named)
    if not isinstance(place.value, str) or place.value not in closed:
        return
    known = {value.casefold() for value in (*closed, *named)}
    choices = [one for one in (f"{place.value}X", *misspellings(place.value)) if one.casefold() not in known]
    yield Mutant(registration=registration, kind="wrong value", path=place.path, value=random.choice(choices))


def over_long(registration: Registration, place: Place) -> Iterator[Mutant]:
    """A name with one character more than the service takes, given or not; a label that is too long."""
    if place.path:
        longest = LABEL_VALUE.get(pattern(place.path[:-1]))
        if longest and isinstance(place.value, str):
            yield _stretched(registration, place.path, place.value, longest)
        return
    name = _facts(registration.type).get("name")
    if name is not None:
        path = tuple(name["property"].split("."))
        yield _stretched(registration, path, _at(registration.inputs, path), name["max"])


def _stretched(registration: Registration, path: Path, value: Any, longest: int) -> Mutant:
    text = value if isinstance(value, str) else ""
    return Mutant(registration=registration, kind="over-long name", path=path, value=text.ljust(longest + 1, "a"))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _facts(token: str) -> dict[str, Any]:
    return _all_facts().get(token, {})


@cache
def _all_facts() -> dict[str, Any]:
    """Closed sets and lengths that no SDK carries, each with its source."""
    return json.loads(File(__file__).with_name("facts.json").read_text(encoding="utf-8"))
