"""Finds what changed between two versions of a resource's inputs, and what such a change means."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from rehearsal.providers.paths import child, general
from rehearsal.providers.wire import plain


class Kind(Enum):
    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    path: str
    kind: Kind
    old: Any = None
    new: Any = None


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What an update would do."""

    changes: list[Change] = field(default_factory=list[Change])
    replaces: list[str] = field(default_factory=list[str])
    """Paths of the changes that need a new resource."""
    delete_before_replace: bool = False


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every difference, at any depth; names that begin with two underscores are the provider's own notes."""
    return list(_compare("", plain(_visible(old)), plain(_visible(new))))


def replacing(change: Change, replaces: Collection[str]) -> bool:
    """Whether a change touches something that can only be set at creation.

    A listed block replaces when it is added or removed as a whole. Where nothing inside it is listed, any change in it
    replaces.
    """
    path = general(change.path)
    prefix = ""
    for step in _prefixes(path):
        prefix = step
        if prefix == path and (prefix in replaces or prefix.removesuffix("[*]") in replaces):
            return True
        if prefix in replaces and not any(_inside(listed, prefix) for listed in replaces):
            return True
    return change.kind is not Kind.UPDATE and any(_inside(listed, path) for listed in _set_in(change, path, replaces))


def _set_in(change: Change, path: str, replaces: Collection[str]) -> Iterator[str]:
    present = change.new if change.kind is Kind.ADD else change.old
    members = (
        {general(f"{path}.{leaf.path}") for leaf in _compare("", {}, present)}
        if isinstance(present, dict)
        else set[str]()
    )
    yield from (listed for listed in replaces if any(member == listed or _inside(member, listed) for member in members))


def _prefixes(path: str) -> Iterator[str]:
    for position, character in enumerate(path):
        if character in ".[" and position:
            yield path[:position]
    yield path


def _inside(path: str, block: str) -> bool:
    return path.startswith((f"{block}.", f"{block}["))


def _visible(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _compare(path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if not key.startswith("__"):
                yield from _compare(child(path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _compare(child(path, index), _at(old, index), _at(new, index))
    elif old is None and new is not None:
        yield Change(path, Kind.ADD, old, new)
    elif new is None and old is not None:
        yield Change(path, Kind.DELETE, old, new)
    elif old != new:
        yield Change(path, Kind.UPDATE, old, new)


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else None
