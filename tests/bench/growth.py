"""Measures how a preview grows with the number of services: `python -m tests.bench.growth [COUNT ...]`.

One workload on gke-dev has so many services, each with probes, metrics, a route and objectives. What a service adds is
told from one count to the next, and as a ratio to what it was before: 1.0 where the preview grows in a straight line.
"""

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from rehearsal.places import Places
from tests.engine.rehearsals import Rehearsal, clone_with

_COUNTS = (5, 25, 100, 400)
_PROBE = {"path": "/health", "port": "http"}


@dataclass(frozen=True)
class Preview:
    """How long one took."""

    seconds: float
    processor_seconds: float
    """Of all its processes: what other work on the machine changes least."""


def main(counts: list[int]) -> int:
    """Prints a line for each number of services."""
    _preview(counts[0])
    less, known, before = counts[0], _preview(counts[0]), None
    print(_told(less, known))
    for count in counts[1:]:
        found = _preview(count)
        each = (found.processor_seconds - known.processor_seconds) / (count - less)
        ratio = f", ratio {each / before:.2f}" if before else ""
        print(f"{_told(count, found)}; {1000 * each:.0f} ms for each more{ratio}", flush=True)
        less, known, before = count, found, each
    return 0


def _told(count: int, preview: Preview) -> str:
    return f"{count:4} services: {preview.seconds:6.2f} s, of processors {preview.processor_seconds:.2f} s"


def workload(count: int) -> str:
    """The text of a workload file with so many services."""
    return yaml.safe_dump({"services": {f"service-{number}": _service(number) for number in range(count)}})


def _service(number: int) -> dict[str, object]:
    return {
        "image": {"tag": "1.0.0"},
        "ports": {"http": 8080},
        "probes": {"liveness": _PROBE, "readiness": _PROBE},
        "metrics": {"port": "http"},
        "routes": [{"paths": [f"/service-{number}"]}],
    }


def _preview(count: int) -> Preview:
    with tempfile.TemporaryDirectory(prefix="groundwork-bench-") as folder:
        clone = clone_with(Path(folder), "many", workload(count))
        rehearsal = Rehearsal(Places(Path(folder) / "home", clone), "gke-dev", {"workloads": ["many"]})
        started, used = time.perf_counter(), _processor_seconds()
        run = rehearsal.preview()
        preview = Preview(time.perf_counter() - started, _processor_seconds() - used)
    if run.exit_code:
        raise SystemExit(f"{run.stdout}\n{run.stderr}")
    return preview


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main([int(count) for count in sys.argv[1:]] or list(_COUNTS)))
