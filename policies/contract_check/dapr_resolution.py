"""Checks how sidecars find each other: `spec.nameResolution` of a Dapr Configuration.

Its definition leaves the resolver's configuration open, and a resolver ignores what it does not know.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from contract_check.findings import Finding, did_you_mean
from contract_check.places import Place, required

_KINDS: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "text": (str, "text"),
    "bool": (bool, "true or false"),
    "number": ((int, float), "a whole number"),
}


@cache
def _known() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "dapr_resolvers.json").read_text(encoding="utf-8"))


def check_name_resolution(place: Place) -> Iterator[Finding]:
    """What is wrong with a resolver and its configuration."""
    if not place.present or place.unknown:
        return
    component, version = place["component"], place["version"]
    yield from required(component, "a resolver is known by its component")
    if component.text is None:
        return
    resolvers = _known()["resolvers"]
    resolver = resolvers.get(_known()["also"].get(component.text, component.text))
    if resolver is None:
        yield component.wrong(f"no resolver {component.shown()} is known{did_you_mean(component.text, resolvers)}")
        return
    if version.text not in (None, resolver["version"]):
        yield version.wrong(f"{component.text} has no version {version.shown()}, only {resolver['version']}")
    yield from _members(place["configuration"], resolver["configuration"])


def _members(place: Place, known: Mapping[str, Any]) -> Iterator[Finding]:
    spelt = {name.lower(): kind for name, kind in known.items()}
    for name, member in place.members():
        kind = spelt.get(name.lower())
        if kind is None:
            yield member.wrong(f"the resolver does not read {name}{did_you_mean(name, known)}")
        elif isinstance(kind, dict):
            yield from _members(member, kind)
        else:
            yield from _value(member, kind)


def _value(place: Place, kind: str) -> Iterator[Finding]:
    if not place.present or place.unknown or kind == "any":
        return
    if kind == "secret":
        yield place.wrong("whoever reads the object reads it: let the sidecar read it from a file of a Secret")
        return
    types, spelt = _KINDS[kind]
    if not isinstance(place.value, types) or (kind == "number" and isinstance(place.value, bool)):
        yield place.wrong(f"{place.shown()} is not {spelt}")
