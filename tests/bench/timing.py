"""Measures how close the simulated time of an `up` comes to the engine's.

    python -m tests.bench.timing [STACK [SPEED]]

The stack is brought up with the clouds' latencies, so many times faster than they are; when each resource was there is
read from the state. What is left between the two is what program, engine and providers take, times the speed: the
slower the run, the closer they come.
"""

import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rehearsal import state
from rehearsal.places import CLONE, Places
from rehearsal.timing import plan
from rehearsal.timing.durations import spoken
from rehearsal.timing.plan import Step
from rehearsal.timing.simulation import OPERATIONS, simulate
from tests.engine.rehearsals import Rehearsal

_SPEED = 20.0
_PARALLEL = OPERATIONS


@dataclass(frozen=True)
class Ending:
    """When one resource was there, in seconds of the clouds' time since the first could start."""

    step: Step
    simulated: float
    measured: float


def main(stack: str, speed: float) -> int:
    """Prints both makespans, and the resources that are furthest from their simulated end."""
    with tempfile.TemporaryDirectory(prefix="groundwork-bench-") as folder:
        rehearsal = Rehearsal(Places(Path(folder) / "home", CLONE), stack)
        up = rehearsal.up("--skip-preview", "--speed", str(speed), "--parallel", str(_PARALLEL))
        if up.exit_code:
            print(up.stdout, up.stderr, sep="\n", file=sys.stderr)
            return up.exit_code
        found = endings(state.checkpoint(rehearsal.places.state, "groundwork", stack), speed)
    simulated, measured = (max(getattr(one, side) for one in found) for side in ("simulated", "measured"))
    late = [one.measured - one.simulated for one in found]
    print(f"up of {stack}, {len(found)} resources, {_PARALLEL} at once, {speed:g} times faster than the clouds:")
    print(f"simulated {spoken(simulated)}, measured {spoken(measured)}; ratio {measured / simulated:.3f}")
    print(f"resources were there {statistics.median(late):.1f} s after their simulated end (median)")
    for one in sorted(found, key=lambda one: one.simulated - one.measured)[:5]:
        print(f"  {one.step.name}: simulated {spoken(one.simulated)}, measured {spoken(one.measured)}")
    return 0


def endings(checkpoint: Path, speed: float) -> list[Ending]:
    """What the state says of a run, beside its simulation."""
    steps = plan.of_checkpoint(checkpoint)
    schedule = simulate(steps, _PARALLEL)
    resources = json.loads(checkpoint.read_bytes())["checkpoint"]["latest"]["resources"]
    created = {one["urn"]: datetime.fromisoformat(one["created"][:26]).timestamp() for one in resources}
    # The first to be there shows when the run began: what came before is the program's own start.
    begin = min(created[step.urn] - schedule.timed[step.urn].end / speed for step in steps if not step.waits)
    return [
        Ending(step, schedule.timed[step.urn].end, (created[step.urn] - begin) * speed)
        for step in steps
        # What takes no time says nothing about latencies.
        if step.seconds > 0
    ]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(arguments[0] if arguments else "gke-prod", float(arguments[1]) if len(arguments) > 1 else _SPEED))
