"""What the check reports: a problem at a property path, and the name that was probably meant."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract_check.wire import kind_of

SHOWN_VALUES = 12
SHOWN_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem of one resource."""

    path: str
    """Property path in wire form; empty for the resource itself."""

    problem: str
    """What is wrong, in words that need no context."""

    advisory: bool = False
    """Shown without stopping the preview: the rule has no source that was checked."""

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem


def join(path: str, key: str) -> str:
    """The path of a property below another one, quoted as the engine writes it."""
    if key.replace("_", "a").replace("-", "a").isalnum():
        return f"{path}.{key}" if path else key
    return f'{path}["{key}"]'


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known name, or nothing where none is near."""
    names = list(known)
    folded = {folded_name(candidate): candidate for candidate in names}
    same = folded.get(folded_name(name))
    near = [same] if same else difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f'; did you mean "{near[0]}"?' if near else ""


def folded_name(name: str) -> str:
    """The name without case and separators, in which snake_case and camelCase agree."""
    return name.replace("_", "").replace("-", "").lower()


def unknown_name(path: str, name: str, owner: str, known: Iterable[str]) -> Finding:
    """A property that its owner does not have."""
    return Finding(path=join(path, name), problem=f"{owner} has no such property{did_you_mean(name, known)}")


def wrong_value(path: str, value: Any, allowed: Iterable[Any], *, hidden: bool, source: str = "") -> Finding:
    """A value outside a set of allowed ones."""
    choices = list(allowed)
    names = [choice for choice in choices if isinstance(choice, str)]
    meant = did_you_mean(value, names) if isinstance(value, str) and not hidden else ""
    listed = ", ".join(str(choice) for choice in choices[:SHOWN_VALUES])
    more = f" and {len(choices) - SHOWN_VALUES} more" if len(choices) > SHOWN_VALUES else ""
    origin = f" ({source})" if source else ""
    return Finding(path=path, problem=f"{shown(value, hidden=hidden)} is not one of {listed}{more}{origin}{meant}")


def wrong_kind(path: str, value: Any, expected: str) -> Finding:
    """A value of another kind than its property takes."""
    return Finding(path=path, problem=f"expected {expected}, got {kind_of(value)}")


def shown(value: Any, *, hidden: bool) -> str:
    """The value as a finding may show it."""
    if hidden:
        return "the secret value"
    if isinstance(value, str):
        return f'"{value[:SHOWN_LENGTH]}..."' if len(value) > SHOWN_LENGTH else f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else kind_of(value)
