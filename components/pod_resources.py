"""What containers ask for, and the volumes that they claim."""

from typing import Any


def requests(cpu: str, memory: str) -> dict[str, Any]:
    """Requests for both, a limit for memory alone: a CPU limit slows what it does not protect."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def claim(storage_class: str, gib: int) -> dict[str, Any]:
    """A volume claim template of `gib` GiB."""
    return {
        "spec": {
            "storageClassName": storage_class,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{gib}Gi"}},
        }
    }
