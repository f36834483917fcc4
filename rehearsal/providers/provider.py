"""What every local provider answers, in plain Python; protocol.py puts it on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from rehearsal.providers.autonaming import Autonaming
from rehearsal.providers.diff import Change, Diff, changes, replacing
from rehearsal.providers.errors import CheckFailure, UnknownTypeError
from rehearsal.providers.wire import UNKNOWN, Properties


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One request about one resource. Inputs and outputs carry secret marks and unknown values."""

    urn: str
    type: str
    name: str
    """The logical name."""
    id: str = ""
    inputs: Properties = field(default_factory=Properties)
    old_inputs: Properties = field(default_factory=Properties)
    old_outputs: Properties = field(default_factory=Properties)
    preview: bool = False
    timeout: float = 0
    """The custom timeout in seconds, 0 where the program sets none."""
    seed: bytes = b""
    autonaming: Autonaming | None = None


@dataclass(frozen=True)
class Created:
    id: str
    outputs: Properties


@dataclass(frozen=True)
class Found:
    """What a Read brings back; an empty id says that it is gone."""

    id: str
    inputs: Properties
    outputs: Properties


GONE = Found("", {}, {})


class Provider(Protocol):
    """A package of resource types."""

    package: ClassVar[str]

    def configure(self, configuration: Properties) -> None: ...
    def diff_config(self, old: Properties, new: Properties) -> Diff: ...
    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]: ...
    def diff(self, operation: Operation) -> Diff: ...
    def create(self, operation: Operation) -> Created: ...
    def read(self, operation: Operation) -> Found: ...
    def update(self, operation: Operation) -> Properties: ...
    def delete(self, operation: Operation) -> None: ...
    def invoke(self, token: str, arguments: Properties) -> Properties: ...


@runtime_checkable
class Cancellable(Protocol):
    """A provider whose operations may take long, and can be told to come to an end."""

    def cancel(self) -> None:
        """Returns at once; what is under way then fails, leaving nothing half done."""
        ...


def refuse_function(package: str, token: str) -> UnknownTypeError:
    """The error for a function that nobody has answers for."""
    folder = package.replace("-", "_")
    return UnknownTypeError(
        f"the rehearsal has no answer for the function {token}: add it to rehearsal/providers/{folder}/invokes.py"
    )


def preview_outputs(operation: Operation, computed: Mapping[str, Any]) -> Properties:
    """What a preview may promise: the inputs, and of what the cloud computes only what the resource has already."""
    known = {key: operation.old_outputs.get(key, UNKNOWN) for key in computed}
    return {**known, **operation.inputs}


def configuration_diff(old: Properties, new: Properties, replaces: frozenset[str] = frozenset()) -> Diff:
    """A change of a provider's own settings."""
    found = changes(old, new)
    return Diff(changes=found, replaces=replacing_paths(found, replaces))


def replacing_paths(found: list[Change], replaces: frozenset[str]) -> list[str]:
    return [change.path for change in found if replacing(change, replaces)]
