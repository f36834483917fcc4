"""Every place in a registration's inputs of which the SDK says what belongs there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.mutants.registrations import UNKNOWN, Path, Registration, bare, members
from tests.mutants.sdk_surface import ANYTHING, Shape, arguments_of, properties


@dataclass(frozen=True)
class Place:
    """A value, and what it has to be like."""

    path: Path
    value: Any
    shape: Shape
    required: bool = False


def places(registration: Registration) -> Iterator[Place]:
    """The inputs themselves and everything in them, to where the SDK says no more."""
    arguments = arguments_of(registration.type)
    if arguments is not None:
        yield from _below(Place((), registration.inputs, Shape("object", arguments=arguments)))


def _below(place: Place) -> Iterator[Place]:
    if place.value is UNKNOWN:
        return
    yield place
    shape = place.shape
    for step, item in members(place.value):
        path, value = (*place.path, step), bare(item)
        if shape.kind == "object" and shape.arguments is not None and isinstance(step, str):
            known = properties(shape.arguments).get(step)
            if known is not None:
                yield from _below(Place(path, value, known.shape, known.required))
        elif shape.kind in ("list", "map"):
            yield from _below(Place(path, value, shape.element or ANYTHING))
