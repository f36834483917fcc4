"""The rules of a cloud that no type carries: one table a cloud, `rules.json`, each rule with its source beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.providers.errors import UnknownTypeError


@dataclass(frozen=True, kw_only=True)
class Autoname:
    digits: int = 0
    """How many hexadecimal digits follow the logical name, 0 for the logical name as it is."""
    form: str = "suffix"
    """`uuid` for names that have to be one."""
    separator: str = "-"
    longest: int = 255


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Why something stays when it is deleted."""

    why: str
    days: int | None = None
    """How long, None for ever."""
    unless: str | None = None
    """A property which, when true, lets it go."""


@dataclass(frozen=True, kw_only=True)
class ResourceRules:
    """What a cloud holds a resource type to. Facts listed in `unverified` are carried and not enforced."""

    id: str
    """Template of the physical id."""
    name: str | None = None
    """The property with the physical name."""
    autoname: Autoname | None = None
    scope: str | None = ""
    """Template of where the name is unique; empty for the whole cloud, None where names may repeat."""
    repeatable: bool = False
    """Whether creating what exists already succeeds and changes nothing, or overwrites."""
    path_parameters: frozenset[str] = frozenset()
    """Inputs that are part of the id and not given back as outputs."""
    requires: tuple[str, ...] = ()
    """Inputs that the provider asks for although the SDK does not."""
    service: str | None = None
    """The API that must be enabled."""
    replaces: frozenset[str] = frozenset()
    replaces_if: Mapping[str, str] = field(default_factory=dict[str, str])
    immutable: frozenset[str] = frozenset()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    known_as: tuple[str, ...] = ()
    """Outputs by which others may refer to it, besides id and name."""
    blocks_delete_of: frozenset[str] = frozenset()
    taken_along_by: Mapping[str, str] = field(default_factory=dict[str, str])
    """Property and the type of what takes this one along when it goes."""
    protected_by: frozenset[str] = frozenset()
    survives_delete: Retention | None = None
    quota: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Templates of what the cloud computes."""
    secret_outputs: frozenset[str] = frozenset()
    """What the provider marks as secret."""
    unmarked_secrets: frozenset[str] = frozenset()
    """What is secret although the provider gives it back unmarked; the inventory must not hold it all the same."""


class RuleBook:
    """All the rules of one cloud."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rules = {key: _parse(entry) for key, entry in json.loads(path.read_text()).items() if key[0] != "_"}

    def of(self, resource_type: str) -> ResourceRules:
        """The rules of a type; a type without any fails by name."""
        if resource_type not in self._rules:
            raise UnknownTypeError(
                f"the rehearsal has no rules for {resource_type}: add an entry to rehearsal/providers/"
                f"{self.path.parent.name}/rules.json with its id template, its name and what the cloud enforces"
            )
        return self._rules[resource_type]

    def types(self) -> list[str]:
        return list(self._rules)

    def blockers(self, resource_type: str) -> list[tuple[str, str]]:
        """The types, with the property that refers, whose resources must be gone before one of this type can go."""
        return [
            (other, path)
            for other, rules in self._rules.items()
            if resource_type in rules.blocks_delete_of
            for path, targets in rules.references.items()
            if resource_type in targets
        ]

    def companions(self, resource_type: str) -> list[tuple[str, str]]:
        """The types, with the property that refers, that go when one of this type goes."""
        return [
            (other, path)
            for other, rules in self._rules.items()
            for path, target in rules.taken_along_by.items()
            if target == resource_type
        ]


def _parse(entry: Mapping[str, Any]) -> ResourceRules:
    skipped = set(entry.get("unverified", ()))
    facts = {key: value for key, value in entry.items() if key not in skipped and not key.endswith("_source")}
    facts.pop("unverified", None)
    for key in (
        "replaces",
        "immutable",
        "blocks_delete_of",
        "protected_by",
        "secret_outputs",
        "unmarked_secrets",
        "path_parameters",
    ):
        facts[key] = frozenset(facts.get(key, ()))
    for key in ("requires", "known_as"):
        facts[key] = tuple(facts.get(key, ()))
    facts["references"] = {path: tuple(types) for path, types in facts.get("references", {}).items()}
    if "autoname" in facts:
        facts["autoname"] = Autoname(**facts["autoname"])
    if "survives_delete" in facts:
        facts["survives_delete"] = Retention(**facts["survives_delete"])
    return ResourceRules(**facts)
