"""What the nodes of the clouds have and keep for themselves: processors, memory, pods."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_TABLE = Path(__file__).with_name("machine_types.json")
_GKE: Final = re.compile(
    r"^(?P<family>[a-z]\w*)-(?P<kind>standard|highmem|highcpu|custom)-(?P<cpus>\d+)(-(?P<mib>\d+))?"
)
_AKS: Final = re.compile(r"^Standard_(?P<family>[A-Z]+?)(?P<cpus>\d+)(-(?P<active>\d+))?(?P<traits>[a-z]*)(_\w+)?$")

# GiB for each vCPU. Sources: cloud.google.com/compute/docs/general-purpose-machines;
# learn.microsoft.com/azure/virtual-machines/sizes/overview (D 4, E 8, F 2, with `l` in the name 2).
_GKE_RATIOS: Final = {"standard": 4.0, "highmem": 8.0, "highcpu": 2.0}
_GKE_EXCEPTIONS: Final = {
    ("n1", "standard"): 3.75,
    ("n1", "highmem"): 6.5,
    ("n1", "highcpu"): 0.9,
    ("e2", "highcpu"): 1.0,
    ("n2", "highcpu"): 1.0,
    ("n2d", "highcpu"): 1.0,
}
_AKS_RATIOS: Final = {"D": 4.0, "E": 8.0, "F": 2.0, "B": 4.0, "DC": 4.0, "EC": 8.0, "L": 8.0}
_ARM_FAMILIES: Final = ("t2a", "c4a", "n4a")
_ARM_SHAPES: Final = ("VM.Standard.A1.", "VM.Standard.A2.", "VM.Standard.A4.", "BM.Standard.A1.")
_GIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A virtual machine that a node runs on."""

    name: str
    """As the cloud calls its type."""
    cpus: int
    memory_mib: int
    arm: bool = False

    @property
    def architecture(self) -> str:
        return "arm64" if self.arm else "amd64"


class UnknownMachineError(Exception):
    """A type of machine that neither the table nor a rule by name knows."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the rehearsal does not know how large {name} is: "
            "add it to rehearsal/control_plane/pools/machine_types.json"
        )


def gke_machine(name: str) -> Machine:
    """A Compute Engine machine type such as `e2-standard-4`."""
    if name in _table()["gke"]:
        return _listed("gke", name)
    match = _GKE.match(name)
    if match is None:
        raise UnknownMachineError(name)
    family, kind, cpus = match["family"], match["kind"], int(match["cpus"])
    if kind == "custom":
        if match["mib"] is None:
            raise UnknownMachineError(name)
        return Machine(name=name, cpus=cpus, memory_mib=int(match["mib"]))
    ratio = _GKE_EXCEPTIONS.get((family, kind), _GKE_RATIOS[kind])
    return Machine(name=name, cpus=cpus, memory_mib=int(cpus * ratio * _GIB), arm=family in _ARM_FAMILIES)


def aks_machine(name: str) -> Machine:
    """An Azure VM size such as `Standard_D4s_v5`; `p` among the small letters says that its processors are ARM."""
    if name in _table()["aks"]:
        return _listed("aks", name)
    match = _AKS.match(name)
    if match is None or match["family"] not in _AKS_RATIOS:
        raise UnknownMachineError(name)
    ratio = 2.0 if "l" in match["traits"] else _AKS_RATIOS[match["family"]]
    cpus, active = int(match["cpus"]), int(match["active"] or match["cpus"])
    return Machine(name=name, cpus=active, memory_mib=int(cpus * ratio * _GIB), arm="p" in match["traits"])


def oke_machine(shape: str, ocpus: float, memory_gib: float) -> Machine:
    """A flexible shape. An OCPU is two vCPUs, except on the first ARM processors.

    Source: docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm.
    """
    arm = shape.startswith(_ARM_SHAPES)
    threads = 1 if "Standard.A1." in shape else 2
    return Machine(name=shape, cpus=int(ocpus * threads), memory_mib=int(memory_gib * _GIB), arm=arm)


def allocatable(cloud: str, machine: Machine, pods: int) -> tuple[int, int]:
    """Millicores and MiB that pods may take.

    Sources: cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes#memory_and_cpu_reservations;
    learn.microsoft.com/azure/aks/node-resource-reservations; docs.oracle.com/iaas/Content/ContEng/Tasks/
    contengbestpractices_topic-Cluster-Management-best-practices.htm (as GKE). A local node keeps nothing.
    """
    match cloud:
        case "gke" | "oke":
            return machine.cpus * 1000 - _steps_of_cpu(machine.cpus), machine.memory_mib - _steps_of_memory(
                machine
            ) - 100
        case "aks":
            kept = min(20 * pods + 50, machine.memory_mib // 4)
            return machine.cpus * 1000 - _aks_cpu(machine.cpus), machine.memory_mib - kept - 100
        case _:
            return machine.cpus * 1000, machine.memory_mib


def _steps_of_cpu(cpus: int) -> int:
    """6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of all others; in millicores."""
    return round(60 + 10 * min(max(cpus - 1, 0), 1) + 5 * min(max(cpus - 2, 0), 2) + 2.5 * max(cpus - 4, 0))


def _steps_of_memory(machine: Machine) -> int:
    """25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % up to 128 GiB, 2 % above; in MiB."""
    if machine.memory_mib < _GIB:
        return 255
    left, kept = machine.memory_mib, 0.0
    for size, share in ((4, 0.25), (4, 0.2), (8, 0.1), (112, 0.06), (10**6, 0.02)):
        part = min(left, size * _GIB)
        kept += part * share
        left -= part
    return round(kept)


def _aks_cpu(cpus: int) -> int:
    """Millicores that AKS keeps, by the number of cores."""
    listed = {1: 60, 2: 100, 4: 140, 8: 180, 16: 260, 32: 420, 64: 740}
    return max(kept for cores, kept in listed.items() if cores <= max(cpus, 1))


def _listed(cloud: str, name: str) -> Machine:
    cpus, gib = _table()[cloud][name]
    return Machine(name=name, cpus=cpus, memory_mib=int(gib * _GIB))


@cache
def _table() -> dict[str, Any]:
    return json.loads(_TABLE.read_text())
