"""What the local state backend has recorded, read from its files: an engine takes a third of a second to say it."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.running import runs

_DELETION_PROTECTION = (("deletionProtection",), ("settings", "deletionProtectionEnabled"))


@dataclass(frozen=True)
class Recorded:
    """A resource in the state of a stack."""

    urn: str
    type: str
    id: str
    """Empty for components."""
    guards: tuple[str, ...]
    """What keeps it from being deleted: `protect`, or the path of the property that does."""

    @property
    def name(self) -> str:
        return self.urn.rsplit("::", 1)[-1]


class StateError(Exception):
    """A state file that cannot be read, in words for the user."""


def checkpoint(state: Path, project: str, stack: str) -> Path:
    """The file that holds a stack's latest state; it exists once the stack does."""
    return state / ".pulumi" / "stacks" / project / f"{stack}.json"


def resources(file: Path) -> list[Recorded]:
    """Everything in a checkpoint, nothing where there is none."""
    if not file.is_file():
        return []
    try:
        latest = json.loads(file.read_bytes())["checkpoint"].get("latest") or {}
        return [_recorded(resource) for resource in latest.get("resources") or []]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise StateError(
            f"{file} is damaged: it holds no state. `make clean` removes it, with all that was rehearsed."
        ) from error


def all_resources(state: Path) -> Iterator[Recorded]:
    """Everything that any stack knows of."""
    for file in sorted((state / ".pulumi" / "stacks").glob("*/*.json")):
        yield from resources(file)


def release_dead_locks(state: Path, project: str, stack: str) -> None:
    """Removes what an engine that was killed left locked, so that the next one may start."""
    for lock in (state / ".pulumi" / "locks" / "organization" / project / stack).glob("*.json"):
        with suppress(OSError, ValueError, KeyError):
            holder = json.loads(lock.read_text())
            if holder["hostname"] == socket.gethostname() and not runs(holder["pid"]):
                lock.unlink()


def _recorded(resource: dict[str, Any]) -> Recorded:
    guards = ["protect"] if resource.get("protect") else []
    for path in _DELETION_PROTECTION:
        if any(_at(resource.get(properties), path) is True for properties in ("inputs", "outputs")):
            guards.append(".".join(path))
    return Recorded(resource["urn"], resource["type"], resource.get("id", ""), tuple(guards))


def _at(properties: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(properties, dict):
            return None
        properties = properties.get(step)
    return properties
