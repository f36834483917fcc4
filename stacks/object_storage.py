"""The object storage block of a stack, and how Oracle's credentials are told apart."""

from typing import Annotated

from pydantic import Field

from stacks.model import Distinct, Model, form

Generations = Annotated[
    tuple[Annotated[str, form(r"[a-z0-9]{1,10}", "10 lower-case letters and digits at most")], ...],
    Distinct,
    Field(min_length=1, max_length=2),
]
"""Names of one or two credentials of the same user: Oracle gives a user two of each kind."""


class OkeObjectStorage(Model):
    """The keys that pods use object storage with, where Oracle's own principals do not reach."""

    keys: Generations = ("first",)
    """Names of each bucket user's keys; pods use the first. To rotate: add a new name, put it first, drop the old one,
    with an `up` after each step."""
