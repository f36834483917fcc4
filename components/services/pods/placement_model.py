"""Where the pods of a service run, how many of them may be missing, and whose they are."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from stacks.model import LabelValue, Model, form

Wish = Literal["preferred", "required"]

Contact = Annotated[str, form(r"[!-~]{1,200}", "an address without spaces, for example payments@acme.example")]


class Disruption(Model):
    """How many pods may be missing while nodes are drained. It counts where there is more than one pod; otherwise a
    drain would wait for ever.
    """

    min_available: int | None = Field(default=None, ge=1, le=1000)
    """Fewest pods that stay. 1, if neither is given."""

    max_unavailable: int | None = Field(default=None, ge=1, le=1000)
    """Most pods that may be missing. Instead of the other."""

    @field_validator("max_unavailable")
    @classmethod
    def _is_the_only_one(cls, most: int | None, info: ValidationInfo) -> int | None:
        if most is not None and info.data.get("min_available") is not None:
            raise ValueError("expected one of min_available and max_unavailable")
        return most

    def problems(self, pods: int) -> Iterator[tuple[str, str]]:
        """What is wrong with it on a service of so many pods: key path, and text."""
        if self.min_available is not None and 1 < pods <= self.min_available:
            yield "min_available", f"expected less than the pods ({pods}), or no node could ever be drained"


class Spread(Model):
    """How the pods are spread. `preferred` gives way where there is no room, `required` lets a pod wait."""

    zones: Wish = "preferred"
    """Over zones. Required only where nodes have zones: elsewhere no pod would start."""

    nodes: Wish = "preferred"
    """Over nodes, so that their numbers differ by one at most."""

    anti_affinity: Literal["none", "preferred", "required"] = "none"
    """Whether two pods keep away from the same node, however many there are. Required, a service has no more pods than
    there are nodes."""


class Owners(Model):
    """Whose service it is."""

    team: Annotated[LabelValue, Field(min_length=1)] | None = None
    """Who gets the alerts about the service: their `team` label, and that of its objects. The workload's team, if not
    given."""

    contacts: tuple[Contact, ...] = ()
    """Where its people are found: addresses, channels. An annotation of its Deployment."""
