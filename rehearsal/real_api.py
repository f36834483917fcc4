"""Rehearsals on a real Kubernetes API: what has to run before the engine does, what is told after it, and its end."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from rehearsal import stand_in_summary
from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane.api_client import ApiError
from rehearsal.control_plane.clusters import left_behind, local_context
from rehearsal.control_plane.clusters.records import plane_name, read
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.ports import NoPortError
from rehearsal.places import Places
from rehearsal.providers.control_planes import end_abandoned
from rehearsal.runner import EngineError
from rehearsal.setup import toolchain
from rehearsal.setup.errors import SetupError
from rehearsal.state import Recorded

_STARTS_AT_ONCE = 4
_AWAIT_SECONDS = 180
"""How long anything is waited for. Nothing is pulled and nothing runs: what is not ready by then never will be."""


class RealApiError(EngineError):
    """A real API that cannot be had, in words for the user."""


def build(places: Places) -> None:
    """Builds the toolchain where it is missing, and ends control planes whose clusters were never finished."""
    try:
        toolchain.find()
        end_abandoned(places.home)
    except (SetupError, ControlPlaneError) as error:
        raise RealApiError(str(error)) from error


def resume(places: Places, resources: Iterable[Recorded]) -> None:
    """Starts the clusters among a stack's resources again that a stop or a crash has ended."""
    try:
        ids = {resource.id for resource in resources}
        ours = [plane for plane in planes.control_planes(places.home) if (record := read(plane)) and record.id in ids]
        stopped = [plane for plane in ours if plane.begun]
        with ThreadPoolExecutor(max_workers=_STARTS_AT_ONCE) as starting:
            list(starting.map(ControlPlane.start, stopped))
    except (ControlPlaneError, NoPortError) as error:
        raise RealApiError(str(error)) from error


def variables(places: Places) -> dict[str, str]:
    """What the engine's plugins have to know to reach control planes."""
    return {
        "REHEARSAL_API": "real",
        "REHEARSAL_AWAIT_SECONDS": os.environ.get("REHEARSAL_AWAIT_SECONDS") or str(_AWAIT_SECONDS),
        "SSL_CERT_FILE": str(planes.trusted(places.home)),
    }


@contextmanager
def reachable(places: Places, stack: str, context: str) -> Iterator[dict[str, str]]:
    """Variables under which the clusters of a stack are reached, while it runs; afterwards tells what came of it.

    `context` is that of a local stack, whose cluster is there before the stack is; empty for a stack in a cloud.
    """
    try:
        yield {"KUBECONFIG": str(local_context.ensure(places.home, context))} if context else {}
        _show(places, stack)
    except (ControlPlaneError, NoPortError) as error:
        raise RealApiError(str(error)) from error


def end(places: Places, context: str) -> None:
    """After a destroy: a local stack's cluster goes too, for it was there for the stack alone."""
    plane = planes.find(places.home, plane_name(context, context)) if context else None
    if plane is None:
        return
    try:
        left_behind.note(places.home, context, left_behind.found(plane))
    except (ApiError, OSError) as error:
        raise RealApiError(f"the cluster of {context} does not say what is left in it: {error}") from error
    plane.wipe()


def _show(places: Places, stack: str) -> None:
    """Tells what was not run, what was left behind, what goes on running, and how to look into it."""
    end_abandoned(places.home)
    for line in [*stand_in_summary.lines(places.home, stack), *left_behind.told(places.home)]:
        print(line)
    running = [plane for plane in planes.control_planes(places.home) if plane.running]
    for plane in running:
        memory = plane.resident_bytes / 2**20
        print(f"Kubernetes of {plane.name}: https://{plane.address}, {memory:.0f} MiB, KUBECONFIG={plane.kubeconfig}")
    if running:
        print("`make stop` ends what runs; the next rehearsal on the real API goes on where it was.")


def stop(places: Places) -> int:
    """Ends every control plane of this rehearsal, one that a crash left behind too."""
    running = [plane for plane in planes.control_planes(places.home) if plane.running]
    for plane in running:
        plane.stop()
        print(f"Stopped the Kubernetes of {plane.name}.")
    if not running:
        print("No control plane runs.")
    return 0
