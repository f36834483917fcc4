"""What a program registered, in the form in which it can be broken: plain values, markers for the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]


class Unknown:
    """A value that only an update will bring. There is one, also among copies."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Unknown":
        return self

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Sensitive:
    """A value that is secret."""

    value: Any

    def __repr__(self) -> str:
        return "Sensitive(***)"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource of a plan."""

    urn: str
    type: str
    name: str
    id: str
    """What the cloud calls it once it exists."""
    planned: dict[str, Any]
    """Inputs as a first preview knows them."""
    inputs: dict[str, Any]
    """Inputs as an update knows them."""
    outputs: dict[str, Any]
    ignore_changes: tuple[str, ...] = ()


def bare(value: Any) -> Any:
    """A value without the mark that it is secret."""
    while isinstance(value, Sensitive):
        value = value.value
    return value


def members(value: Any) -> Iterator[tuple[Step, Any]]:
    """The members of a map or a list, with the step that leads to each."""
    value = bare(value)
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def written(path: Path) -> str:
    """A path as people write it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def pattern(path: Path) -> str:
    """A path with every element of a list alike."""
    return written(tuple("[*]" if isinstance(step, int) else step for step in path)).replace(".[*]", "[*]")
