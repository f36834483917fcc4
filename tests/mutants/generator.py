"""Makes mutants of the registrations of a plan. Equal plans and seeds make equal mutants.

What it knows of right and wrong comes from the installed SDKs' own types and words, from facts.json and from short
lists with their sources; never from the checks, which are to be measured.
"""

from collections.abc import Iterator, Sequence
from random import Random

from tests.mutants.ignored_paths import unmatched
from tests.mutants.keys import missing, misspelt
from tests.mutants.mutant import Mutant
from tests.mutants.places import places
from tests.mutants.references import dangling
from tests.mutants.registrations import Registration, pattern
from tests.mutants.values import over_long, wrong_kind, wrong_value


def mutants(plan: Sequence[Registration], seed: int = 0) -> list[Mutant]:
    """One mutant for each way of breaking each path of each type: equal resources are broken once."""
    found: dict[tuple[str, str, str], Mutant] = {}
    for registration in plan:
        for mutant in _broken(registration, plan, Random(f"{seed} {registration.urn}")):
            assert mutant.ignored or mutant.of(registration.inputs) != registration.inputs, f"{mutant} changes nothing"
            found.setdefault((registration.type, mutant.kind, pattern(mutant.path)), mutant)
    return list(found.values())


def _broken(registration: Registration, plan: Sequence[Registration], random: Random) -> Iterator[Mutant]:
    for place in sorted(places(registration), key=lambda one: pattern(one.path)):
        yield from misspelt(registration, place, random)
        yield from missing(registration, place)
        yield from wrong_kind(registration, place, random)
        yield from wrong_value(registration, place, random)
        yield from over_long(registration, place)
        yield from unmatched(registration, place, random)
    yield from dangling(registration, plan)
