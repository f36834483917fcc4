"""Measures `make preview`: `python -m tests.bench.preview [STACK]`.

Beside the stack it previews a bare program that registers as many resources and does nothing else, on the same engine
and at the same time, so that the ratio says what program, SDKs, providers and contract check add to the engine itself.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from rehearsal.places import CLONE, Places
from tests.engine.processes import tree
from tests.engine.rehearsals import Rehearsal

_RUNS = 5
_SAMPLE_SECONDS = 0.2
_BARE_PROGRAM = """
import pulumi

for number in range({count}):
    pulumi.ComponentResource("bench:index:Bare", f"bare-{{number}}")
"""


@dataclass(frozen=True)
class Measurement:
    """One preview."""

    seconds: float
    largest_mb: float
    """Peak resident memory of the largest process."""
    together_mb: float
    """Peak resident memory of all processes at one moment."""


def main(stack: str) -> int:
    """Prints medians over several runs, after one that warms up."""
    with tempfile.TemporaryDirectory(prefix="groundwork-bench-") as folder:
        measured = Rehearsal(Places(Path(folder) / "home", CLONE), stack)
        warm_up = measured.preview()
        if warm_up.exit_code:
            print(warm_up.stdout, warm_up.stderr, sep="\n", file=sys.stderr)
            return warm_up.exit_code
        count = sum(warm_up.changes().values()) - 1
        bare = _bare(Path(folder), count)
        bare.preview()
        runs, bare_runs = [], []
        for _ in range(_RUNS):
            runs.append(_measure(measured))
            bare_runs.append(_measure(bare))
    seconds, bare_seconds = (statistics.median(run.seconds for run in of) for of in (runs, bare_runs))
    print(f"preview of {stack}, {count} resources, median of {_RUNS}: {seconds:.2f} s", end=" ")
    print(f"(from {min(run.seconds for run in runs):.2f} to {max(run.seconds for run in runs):.2f})")
    print(f"peak memory: largest process {max(run.largest_mb for run in runs):.0f} MB,", end=" ")
    print(f"all processes {max(run.together_mb for run in runs):.0f} MB")
    print(f"bare program with as many resources: {bare_seconds:.2f} s; ratio {seconds / bare_seconds:.1f}")
    return 0


def _bare(folder: Path, count: int) -> Rehearsal:
    clone = folder / "bare"
    (clone / "stacks").mkdir(parents=True)
    (clone / "Pulumi.yaml").write_text(json.dumps({"name": "bare", "runtime": "python"}))
    (clone / "stacks" / "Pulumi.bare.yaml").write_text(yaml.safe_dump({"config": {}}))
    (clone / "__main__.py").write_text(_BARE_PROGRAM.format(count=count))
    return Rehearsal(Places(folder / "bare-home", clone), "bare")


def _measure(rehearsal: Rehearsal) -> Measurement:
    started = time.perf_counter()
    run = subprocess.Popen(
        rehearsal.command("preview"),
        cwd=CLONE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    ended = threading.Event()
    peaks = [0.0, 0.0]
    sampler = threading.Thread(target=_sample, args=(run.pid, ended, peaks))
    sampler.start()
    status = run.wait()
    seconds = time.perf_counter() - started
    ended.set()
    sampler.join()
    if status:
        raise SystemExit(f"the preview failed with exit code {status}")
    return Measurement(seconds, *peaks)


def _sample(root: int, ended: threading.Event, peaks: list[float]) -> None:
    while not ended.wait(_SAMPLE_SECONDS):
        sizes = [process.resident_mb for process in tree(root)]
        peaks[0] = max(peaks[0], *sizes, 0)
        peaks[1] = max(peaks[1], sum(sizes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "gke-prod"))
