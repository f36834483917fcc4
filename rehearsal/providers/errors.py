"""What goes wrong in a rehearsed cloud, told the way the real one tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class CloudError(Exception):
    """The cloud refuses an operation."""


class UnknownTypeError(CloudError):
    """A resource type or function that the rehearsal has no rules for."""


class InitializationError(CloudError):
    """A resource that was created but never became ready."""

    def __init__(self, resource_id: str, outputs: dict[str, Any], reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id = resource_id
        self.outputs = outputs
        self.reasons = list(reasons)


@dataclass(frozen=True)
class CheckFailure:
    """An input that the provider refuses before anything is created."""

    property: str
    reason: str
