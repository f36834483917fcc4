"""Checks a Dapr Component by what its type knows: fields, their values, and a way of authentication that is complete.

The definition of the kind says nothing of these, and a sidecar ignores a field that it does not know.
dapr_components.json holds what is known of each type and version, with its source.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from contract_check.findings import Finding, did_you_mean, join, wrong_value
from contract_check.places import Place, one_of
from contract_check.quantities import QUANTITY
from contract_check.schedules import schedule_problem

DURATION: Final = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)([0-9.]+(ns|us|µs|ms|s|m|h))*|[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TRUE_OR_FALSE: Final = ("y", "yes", "true", "t", "on", "1", "n", "no", "false", "f", "off", "0", "")
_FORMS: Final = {"duration": (DURATION, "a duration such as 10s"), "number": (_NUMBER, "a number")}
_UNCASED: Final = ("authtype",)
"""Fields whose values are compared without case."""


@cache
def known() -> dict[str, Any]:
    """All that is carried of Dapr's components and annotations."""
    return json.loads((Path(__file__).parent / "dapr_components.json").read_text(encoding="utf-8"))


def check_component(top: Place) -> Iterator[Finding]:
    """What is wrong with a Component."""
    spec = top["spec"]
    kind, version = spec["type"].text, spec["version"].text
    timeout = spec["initTimeout"]
    if timeout.text is not None and not DURATION.fullmatch(timeout.text):
        yield timeout.wrong(f"{timeout.shown()} is no duration such as 30s; five seconds are taken instead")
    if kind is None or version is None:
        return
    components = known()["components"]
    name = known()["also"].get(f"{kind}/{version}", f"{kind}/{version}")
    if name not in components:
        yield _unknown_type(spec, kind, version)
        return
    category = kind.partition(".")[0]
    yield from _Metadata(spec["metadata"], components[name], known()["common"].get(category, {})).check()
    if kind == "bindings.cron":
        yield from _schedule(spec["metadata"])


def _unknown_type(spec: Place, kind: str, version: str) -> Finding:
    names = [*known()["components"], *known()["also"]]
    versions = sorted(name.partition("/")[2] for name in names if name.partition("/")[0] == kind)
    if versions:
        return spec["version"].wrong(f"{kind} has no version {version}, only {', '.join(versions)}")
    types = {name.partition("/")[0] for name in names}
    return spec["type"].wrong(f"no component of the type {kind} is known{did_you_mean(kind, sorted(types))}")


def _schedule(metadata: Place) -> Iterator[Finding]:
    for entry in metadata.each():
        text = entry["value"].text
        if entry["name"].value == "schedule" and text is not None:
            # Dapr takes seconds too, before the five fields that everybody knows.
            fields = text.split()
            problem = schedule_problem(" ".join(fields[1:]) if len(fields) == 6 else text)
            if problem:
                yield entry["value"].wrong(problem)


class _Metadata:
    """The settings of one component, against what its type knows."""

    def __init__(self, place: Place, component: Mapping[str, Any], common: Mapping[str, Any]) -> None:
        self._place = place
        self._component = component
        self._profiles = [
            (profile["title"], known()["builtin"][profile["of"]] if "of" in profile else profile["fields"])
            for profile in component.get("profiles", [])
        ]
        self._always: dict[str, Any] = dict(component["fields"])
        self._aliases = {name.lower(): meant for name, meant in component.get("aliases", {}).items()}
        self._known: dict[str, dict[str, Any]] = {**common}
        for fields in (*(fields for _, fields in reversed(self._profiles)), self._always):
            for name, field in fields.items():
                self._known[name] = self._merged(self._known.get(name, {}), field)
        self._spelt = {name.lower(): name for name in self._known}
        self._given: dict[str, Place] = {}

    @staticmethod
    def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """A field of several profiles takes the values of each, where all of them close the set."""
        merged = {**one, **other}
        if one and ("values" in one) != ("values" in other):
            merged.pop("values", None)
        elif one and "values" in one:
            merged["values"] = list(dict.fromkeys([*one["values"], *other["values"]]))
        return merged

    def check(self) -> Iterator[Finding]:
        """Everything that is wrong, each entry for itself and then all of them together."""
        if self._place.unknown or not isinstance(self._place.value, list):
            return
        for entry in self._place.each():
            yield from self._entry(entry)
        if any(entry["name"].unknown or entry.unknown for entry in self._place.each()):
            return
        yield from self._missing()
        yield from self._authentication()
        yield from self._rules()

    def _entry(self, entry: Place) -> Iterator[Finding]:
        name = entry["name"].text
        if name is None:
            return
        meant = self._aliases.get(name.lower()) or self._spelt.get(name.lower())
        if meant is None:
            yield entry["name"].wrong(f"the component has no such field{did_you_mean(name, self._known)}")
            return
        if meant in self._given:
            yield entry["name"].wrong(f'"{name}" is there already')
        self._given.setdefault(meant, entry)
        sources = [key for key in ("value", "secretKeyRef", "envRef") if entry[key].present]
        if not sources:
            yield entry.wrong("needs a value, a secretKeyRef or an envRef")
        elif len(sources) > 1:
            yield entry.wrong(f"takes one of {' and '.join(sources)}, not more than one")
        elif sources == ["value"]:
            yield from self._value(entry["value"], self._known[meant])

    @staticmethod
    def _value(place: Place, field: Mapping[str, Any]) -> Iterator[Finding]:
        if field.get("secret") and not place.hidden and not place.unknown and place.value != "":
            yield place.wrong("a secret in plain text; it belongs into a Secret, by secretKeyRef")
            return
        value = place.value
        if value is None:
            return
        if isinstance(value, dict | list):
            yield place.wrong("expected a text, a number or a boolean")
            return
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        if field.get("type") == "bool" and text.lower() not in _TRUE_OR_FALSE:
            yield place.wrong(f"{place.shown()} is neither true nor false")
        form = _FORMS.get(field.get("type", ""))
        if form and not form[0].fullmatch(text):
            yield place.wrong(f"{place.shown()} is not {form[1]}")
        choices = field.get("values")
        if choices and text not in choices:
            yield wrong_value(place.path, value, choices, hidden=place.hidden)

    def _missing(self) -> Iterator[Finding]:
        for name, field in self._always.items():
            if field.get("required") and name not in self._given:
                yield Finding(path=join(self._place.path, name), problem="required here")

    def _authentication(self) -> Iterator[Finding]:
        """One profile has to be complete. What is said of it helps with the one that is nearest."""
        if not self._profiles:
            return
        lacking = {title: self._lacks(fields) for title, fields in self._profiles}
        if any(not lacks for lacks in lacking.values()):
            return
        nearest = max(self._profiles, key=lambda profile: self._nearness(profile[1]))[0]
        lacks = ", ".join(lacking[nearest])
        yield self._place.wrong(f"no way of authentication is complete; {nearest} lacks {lacks}")

    def _lacks(self, fields: Mapping[str, Any]) -> list[str]:
        return [
            name
            for name, field in fields.items()
            if (field.get("required") and name not in self._given) or self._differs(name, field)
        ]

    def _differs(self, name: str, field: Mapping[str, Any]) -> bool:
        """Whether a field says that another profile is meant. A value that is none at all is reported by itself."""
        text = self._text(name)
        if text is None or not field.get("required") or "values" not in field:
            return False
        if name.lower() in _UNCASED:
            text = text.lower()
        return text in self._known[name].get("values", ()) and text not in field["values"]

    def _nearness(self, fields: Mapping[str, Any]) -> tuple[int, int]:
        own = [name for name in fields if name in self._given]
        return -sum(self._differs(name, fields[name]) for name in own), len(own)

    def _text(self, name: str) -> str | None:
        place = self._given.get(name)
        if place is None:
            return None
        value = place["value"].value
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else str(value)

    def _rules(self) -> Iterator[Finding]:
        for rule in self._component.get("rules", []):
            if not self._applies(rule):
                continue
            for name in rule.get("required", []):
                if name not in self._given:
                    yield Finding(path=join(self._place.path, name), problem=f"required {self._because(rule)}")
            yield from self._counts(rule)

    def _applies(self, rule: Mapping[str, Any]) -> bool:
        conditions = rule.get("if", {})
        if any((self._text(name) or "").lower() != str(value).lower() for name, value in conditions.items()):
            return False
        return "given" not in rule or any(name in self._given for name in rule["given"])

    def _because(self, rule: Mapping[str, Any]) -> str:
        given = [name for name in rule.get("given", []) if name in self._given]
        said = [f"{name} is {str(value).lower()}" for name, value in rule.get("if", {}).items()]
        return f"with {given[0]}" if given else f"where {' and '.join(said)}"

    def _counts(self, rule: Mapping[str, Any]) -> Iterator[Finding]:
        for kind in ("exclusive", "any", "one", "together"):
            names = rule.get(kind, [])
            given = [name for name in names if name in self._given]
            if kind in ("exclusive", "one") and len(given) > 1:
                yield self._place.wrong(f"takes one of {' and '.join(given)}, not more than one")
            if kind in ("any", "one") and names and not given:
                yield self._place.wrong(f"needs one of {', '.join(names)}")
            if kind == "together" and given and len(given) < len(names):
                lacking = ", ".join(name for name in names if name not in self._given)
                yield self._place.wrong(f"{lacking} is required with {given[0]}")


def check_annotations(annotations: Place) -> Iterator[Finding]:
    """What is wrong with the annotations that ask for a sidecar. A value that cannot be read is ignored by Dapr."""
    rules, given = known()["annotations"], dict(annotations.members())
    for name, place in given.items():
        if not name.startswith("dapr.io/"):
            continue
        if name not in rules:
            yield place.wrong(f"Dapr knows no annotation {name}{did_you_mean(name, rules)}")
            continue
        rule, text = rules[name], place.text
        if text is None:
            continue
        yield from one_of(place, rule.get("values", (text,)))
        if rule.get("type") == "bool" and text.lower() not in _TRUE_OR_FALSE:
            yield place.wrong(f"{place.shown()} is neither true nor false")
        if rule.get("type") == "integer" and not re.fullmatch("-?[0-9]+", text):
            yield place.wrong(f"{place.shown()} is no number")
        if rule.get("type") == "quantity" and not QUANTITY.fullmatch(text):
            yield place.wrong(f"{place.shown()} is no quantity")
    enabled = given.get("dapr.io/enabled")
    if enabled is not None and enabled.text == "true" and "dapr.io/app-id" not in given:
        yield enabled.wrong("without dapr.io/app-id each pod is an application by itself")
