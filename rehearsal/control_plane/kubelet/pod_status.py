"""The status of a pod whose containers do not start yet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Obstacle:
    """What keeps a container, or the whole pod, from starting."""

    container: str | None
    """None where no container can be made at all, as with a volume that is not there."""
    reason: str
    """Why the container waits, in the kubelet's word for it."""
    message: str
    events: tuple[tuple[str, str], ...] = ()
    """Reasons and messages of the warnings about it."""


def now() -> str:
    """The time as the API server writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ready_to_start() -> dict[str, Any]:
    """The condition of a pod that has its volumes and its network."""
    return {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": now()}


def waiting_status(spec: dict[str, Any], obstacles: list[Obstacle]) -> dict[str, Any]:
    """Conditions and container statuses as a kubelet reports them (pkg/kubelet/status/generate.go of Kubernetes)."""
    inits, containers = spec.get("initContainers") or [], spec["containers"]
    blocked = {obstacle.container: obstacle for obstacle in obstacles}
    status: dict[str, Any] = {
        "phase": "Pending",
        "conditions": _conditions(
            [item["name"] for item in inits], [item["name"] for item in containers], None not in blocked
        ),
        "containerStatuses": [
            _waiting(item, blocked, "PodInitializing" if inits else "ContainerCreating") for item in containers
        ],
    }
    if inits:
        status["initContainerStatuses"] = [_waiting(item, blocked, "PodInitializing") for item in inits]
    return status


def _conditions(inits: list[str], containers: list[str], has_volumes: bool) -> list[dict[str, Any]]:
    unready = f"containers with unready status: [{' '.join(containers)}]"
    found = [
        {"type": "PodReadyToStartContainers", "status": str(has_volumes)},
        {"type": "Initialized", "status": str(not inits)},
        {"type": "ContainersReady", "status": "False", "reason": "ContainersNotReady", "message": unready},
        {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": unready},
    ]
    if inits:
        message = f"containers with incomplete status: [{' '.join(inits)}]"
        found[1] |= {"reason": "ContainersNotInitialized", "message": message}
    return [{**condition, "lastTransitionTime": now()} for condition in found]


def _waiting(container: dict[str, Any], blocked: dict[str | None, Obstacle], otherwise: str) -> dict[str, Any]:
    obstacle = blocked.get(container["name"])
    waiting = {"reason": obstacle.reason, "message": obstacle.message} if obstacle else {"reason": otherwise}
    return {
        "name": container["name"],
        "image": container.get("image", ""),
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "started": False,
        "state": {"waiting": waiting},
    }
