"""One broken registration: where, how, and what comes of it."""

import copy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tests.mutants.registrations import Path, Registration, bare, written

Kind: TypeAlias = Literal[
    "misspelt key", "missing required", "wrong kind", "wrong value", "over-long name", "dangling reference",
    "unmatched ignore_changes",
]  # fmt: skip
"""The ways of breaking."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A registration with one thing in it broken."""

    registration: Registration
    kind: Kind
    path: Path
    """What is broken."""
    key: str | None = None
    """The name that the last step of the path gets."""
    value: Any = None
    """The value that is put there; without key or value it is taken away."""
    ignored: str | None = None
    """A path that the registration ignores changes of besides."""

    def __str__(self) -> str:
        one = self.registration
        if self.ignored is not None:
            return f"{self.kind}: {one.type} {one.name}: {self.ignored}"
        made = (
            f" -> {self.key}" if self.key is not None else f" = {_shown(self.value)}" if self.value is not None else ""
        )
        return f"{self.kind}: {one.type} {one.name}: {written(self.path)}{made}"

    @property
    def ignore_changes(self) -> tuple[str, ...]:
        """The paths that the broken registration ignores changes of."""
        return self.registration.ignore_changes + ((self.ignored,) if self.ignored is not None else ())

    def of(self, inputs: dict[str, Any]) -> dict[str, Any] | None:
        """Inputs of the registration, broken. Nothing where what would be broken is not known."""
        if self.ignored is not None:
            return inputs
        broken = copy.deepcopy(inputs)
        try:
            self._break(broken)
        except (KeyError, IndexError, TypeError):
            return None
        return broken

    def _break(self, owner: Any) -> None:
        """Fails where the path leads nowhere."""
        *parents, last = self.path
        for step in parents:
            owner = bare(owner[step])
        if self.value is not None:
            owner[last] = copy.deepcopy(self.value)
        elif self.key is not None:
            owner[self.key] = owner.pop(last)
        else:
            del owner[last]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:60]}... ({len(text)} characters)"
