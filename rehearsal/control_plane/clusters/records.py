"""Which cluster a control plane is behind, and the control planes whose cluster is no more."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from re import sub

from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane import private_files
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.running import runs

_RECORD = "cluster.json"


@dataclass(frozen=True, kw_only=True)
class ClusterRecord:
    """Kept beside a control plane; the stand-ins of the clouds' commands read it too."""

    type: str
    id: str
    region: str
    maker: int
    """The process that is creating the cluster, or has."""


def plane_name(cluster: str, label: str) -> str:
    """The name of the control plane of a cluster: what people call the cluster, and what its id makes unique."""
    return f"{dns_label(label)}-{_digest(cluster)}"


def dns_label(text: str) -> str:
    """What people call a cluster, as far as Kubernetes takes it for a part of a name."""
    return sub("[^a-z0-9-]+", "-", text.lower())[:40].strip("-") or "cluster"


def plane_of(home: Path, cluster: str) -> ControlPlane | None:
    """The control plane behind the cluster of this id."""
    ending = f"-{_digest(cluster)}"
    return next((plane for plane in planes.control_planes(home) if plane.name.endswith(ending)), None)


def _digest(cluster: str) -> str:
    return sha256(cluster.encode()).hexdigest()[:8]


def write(plane: ControlPlane, record: ClusterRecord) -> None:
    """Says which cluster it is behind, before it runs."""
    private_files.write(plane.folder / _RECORD, json.dumps(asdict(record)))


def read(plane: ControlPlane) -> ClusterRecord | None:
    """The cluster that it is behind; None for one that no cloud has, as of a local stack."""
    file = plane.folder / _RECORD
    try:
        return ClusterRecord(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ControlPlaneError(f"{file} is damaged: `make clean` forgets everything rehearsed.") from error


def abandoned(home: Path, exists: Callable[[str, str], bool]) -> list[tuple[ControlPlane, ClusterRecord]]:
    """Control planes whose creation was cut short or whose deletion was: no cluster of their type and id `exists`."""
    found: list[tuple[ControlPlane, ClusterRecord]] = []
    for plane in planes.control_planes(home):
        record = read(plane)
        if record is not None and not exists(record.type, record.id) and not runs(record.maker):
            found.append((plane, record))
    return found
