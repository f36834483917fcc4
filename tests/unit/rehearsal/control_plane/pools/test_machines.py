"""What nodes of the clouds have and keep for themselves."""

import pytest

from rehearsal.control_plane.pools.machines import (
    Machine,
    UnknownMachineError,
    aks_machine,
    allocatable,
    gke_machine,
    oke_machine,
)


@pytest.mark.parametrize(
    ("name", "cpus", "gib"),
    [
        ("e2-standard-4", 4, 16),
        ("n2-standard-8", 8, 32),
        ("n2-highmem-4", 4, 32),
        ("n2-highcpu-8", 8, 8),
        ("c3-highcpu-4", 4, 8),
        ("n1-standard-2", 2, 7.5),
        ("n2-custom-4-10240", 4, 10),
        ("e2-medium", 2, 4),
    ],
)
def test_the_size_of_a_compute_engine_machine_follows_from_its_name(name: str, cpus: int, gib: float):
    assert gke_machine(name) == Machine(name=name, cpus=cpus, memory_mib=int(gib * 1024))


@pytest.mark.parametrize(
    ("name", "cpus", "gib"),
    [
        ("Standard_D4s_v5", 4, 16),
        ("Standard_D8ds_v5", 8, 32),
        ("Standard_D4ls_v5", 4, 8),
        ("Standard_E16s_v5", 16, 128),
        ("Standard_E16-4s_v5", 4, 128),
        ("Standard_F8s_v2", 8, 16),
        ("Standard_DS2_v2", 2, 7),
        ("Standard_B4ms", 4, 16),
    ],
)
def test_the_size_of_an_azure_machine_follows_from_its_name(name: str, cpus: int, gib: int):
    assert aks_machine(name) == Machine(name=name, cpus=cpus, memory_mib=gib * 1024)


def test_an_ocpu_is_two_processors_but_one_on_the_first_arm_machines():
    assert oke_machine("VM.Standard.E5.Flex", 4, 32).cpus == 8
    assert oke_machine("VM.Standard.A1.Flex", 4, 32).cpus == 4


def test_names_tell_processors_that_are_arm():
    assert gke_machine("t2a-standard-4").architecture == "arm64"
    assert aks_machine("Standard_D4ps_v5").architecture == "arm64"
    assert oke_machine("VM.Standard.A1.Flex", 4, 32).architecture == "arm64"
    assert gke_machine("e2-standard-4").architecture == "amd64"


@pytest.mark.parametrize("name", ["x9-mega-4", "e2", "n2-custom-4"])
def test_a_machine_that_nobody_knows_is_refused_by_name(name: str):
    with pytest.raises(UnknownMachineError, match=f"how large {name} is: add it to .*machine_types.json"):
        gke_machine(name)
    with pytest.raises(UnknownMachineError, match="how large Standard_X4 is"):
        aks_machine("Standard_X4")


@pytest.mark.parametrize(
    ("cloud", "machine", "pods", "kept"),
    [
        ("gke", gke_machine("e2-standard-4"), 110, (80, 2762)),
        ("gke", gke_machine("n2-standard-8"), 110, (90, 3745)),
        ("gke", gke_machine("f1-micro"), 110, (60, 355)),
        ("oke", oke_machine("VM.Standard.E4.Flex", 2, 16), 31, (80, 2762)),
        ("aks", aks_machine("Standard_D4s_v5"), 250, (140, 4196)),
        ("aks", aks_machine("Standard_D4s_v5"), 30, (140, 750)),
        ("local", Machine(name="kind", cpus=8, memory_mib=16384), 110, (0, 0)),
    ],
)
def test_a_node_keeps_what_its_cloud_says(cloud: str, machine: Machine, pods: int, kept: tuple[int, int]):
    millicores, mebibytes = allocatable(cloud, machine, pods)

    assert (machine.cpus * 1000 - millicores, machine.memory_mib - mebibytes) == kept
