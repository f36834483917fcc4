"""Breaks `ignore_changes`: paths below the first step that match no input.

The Python SDK translates only the first step of such a path to its wire form, so the Python spelling of a nested
property is the mistake that people make.
"""

import re
from collections.abc import Iterator
from random import Random

from tests.mutants.keys import misspellings
from tests.mutants.mutant import Mutant
from tests.mutants.places import Place
from tests.mutants.registrations import Registration, members, written
from tests.mutants.sdk_surface import properties


def unmatched(registration: Registration, place: Place, random: Random) -> Iterator[Mutant]:
    """A nested path with a step that is no property, for each object below the first level."""
    if not place.path or place.shape.kind != "object" or place.shape.arguments is None:
        return
    known = properties(place.shape.arguments)
    keys = [str(key) for key, _ in members(place.value) if key in known]
    for key in keys:
        snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower()
        spelling = snake if snake != key else random.choice(misspellings(key))
        if spelling not in known:
            path = f"{written(place.path)}.{spelling}"
            yield Mutant(
                registration=registration, kind="unmatched ignore_changes", path=(*place.path, key), ignored=path
            )
