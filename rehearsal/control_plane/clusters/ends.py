"""The end of a cluster: what is left in it is noted, then its control plane goes."""

from collections.abc import Callable
from pathlib import Path

from rehearsal.control_plane.api_client import ApiError
from rehearsal.control_plane.clusters import left_behind
from rehearsal.control_plane.clusters import records as cluster_records
from rehearsal.control_plane.control_plane import ControlPlane


def end(home: Path, plane: ControlPlane, cluster: str) -> None:
    """Stops and wipes the control plane of a cluster that is no more."""
    if plane.running:
        try:
            left = left_behind.found(plane)
        except (ApiError, OSError) as error:
            left = [f"nobody knows what: its API server did not say ({error})"]
        left_behind.note(home, cluster, left)
    plane.wipe()


def end_abandoned(home: Path, exists: Callable[[str, str], bool]) -> None:
    """Ends what an interrupted creation or deletion left running, where no cluster of its type and id `exists`."""
    for plane, record in cluster_records.abandoned(home, exists):
        end(home, plane, record.id)
