"""Steps for tests: made by hand, or those of a committed stack under mocks."""

from collections.abc import Sequence
from functools import cache

from rehearsal.timing import plan
from rehearsal.timing.plan import Registered, Step
from tests.plans import committed_plan


def step(name: str, seconds: float = 10, *, after: Sequence[str] = (), queue: str | None = None, **more: str) -> Step:
    """A step of a type of its own. Its name is its URN."""
    described = {"type": "toy:index:House", "component": name, "layer": plan.FOUNDATION, **more}
    waits = dict.fromkeys(after, "depends_on")
    return Step(urn=name, variant=None, seconds=seconds, queue=queue, waits=waits, **described)


@cache
def committed_steps(stack: str) -> list[Step]:
    """The steps of a committed stack, without an engine."""
    return plan.steps(
        Registered(
            urn=one.urn,
            type=one.type,
            custom=not one.type.startswith("groundwork:"),
            inputs=one.inputs,
            parent=one.parent,
            provider=one.provider,
            dependencies=one.depends_on,
        )
        for one in committed_plan(stack).registrations.values()
    )
