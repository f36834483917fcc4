"""How much of the cluster something takes."""

from dataclasses import dataclass
from typing import Final

MIB: Final = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024}


@dataclass(frozen=True, kw_only=True)
class Room:
    """What pods ask for together."""

    cpu: float = 0
    """Processors."""

    memory_mib: float = 0
    pods: int = 0
    storage_gib: int = 0

    def __add__(self, other: "Room") -> "Room":
        """What both ask for."""
        return Room(
            cpu=self.cpu + other.cpu,
            memory_mib=self.memory_mib + other.memory_mib,
            pods=self.pods + other.pods,
            storage_gib=self.storage_gib + other.storage_gib,
        )


def room_of(cpu: str, memory: str, *, pods: int = 1, storage_gib: int = 0) -> Room:
    """What so many equal pods ask for, each with a volume of so many GiB."""
    return Room(
        cpu=pods * processors(cpu),
        memory_mib=pods * mebibytes(memory),
        pods=pods,
        storage_gib=pods * storage_gib,
    )


def processors(quantity: str) -> float:
    """How many `250m` or `2` are."""
    return int(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)


def mebibytes(quantity: str) -> float:
    """How many `256Mi` or `1Gi` are."""
    return float(quantity[:-2]) * MIB[quantity[-2:]]
