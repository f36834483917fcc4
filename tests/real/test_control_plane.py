"""The life of a control plane: reserved, started, killed, revived, stopped, wiped; and what it leaves."""

import json
import os
import signal
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane import credentials
from rehearsal.control_plane.clusters import records
from rehearsal.control_plane.clusters.records import ClusterRecord
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.ports import free_port
from rehearsal.control_plane.processes import Process
from rehearsal.places import CLONE, Places
from rehearsal.real_api import resume, stop
from rehearsal.state import Recorded

CLUSTER = "gcp:container/cluster:Cluster"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A rehearsal's home, whose control planes are gone after the test."""
    home = tmp_path / "home"
    yield home
    for plane in planes.control_planes(home):
        plane.wipe()


def named(plane: ControlPlane, name: str) -> Process:
    return next(process for process in plane.processes() if process.name == name)


def namespaces(plane: ControlPlane) -> set[str]:
    return {item["metadata"]["name"] for item in json.loads(plane.get("/api/v1/namespaces"))["items"]}


def recorded(cluster: str) -> Recorded:
    """A cluster in the state of a stack."""
    return Recorded(urn=f"urn:pulumi:dev::p::{CLUSTER}::{cluster}", type=CLUSTER, id=cluster, guards=())


def asked(plane: ControlPlane, address: str, token: str, trusted: Path) -> str:
    """What the server says that it is, to a client that trusts these authorities."""
    request = urllib.request.Request(f"https://{address}/version", headers={"Authorization": f"Bearer {token}"})
    context = ssl.create_default_context(cafile=trusted)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)["gitVersion"]


def test_a_killed_control_plane_is_revived_with_all_that_it_held(home: Path):
    plane = planes.reserve(home, "one")
    records.write(plane, ClusterRecord(type=CLUSTER, id="projects/p/clusters/one", region="", maker=os.getpid()))
    plane.start()
    pid = named(plane, "kube-apiserver").pid
    assert pid
    before = namespaces(plane)

    os.kill(pid, signal.SIGKILL)
    resume(Places(home, CLONE, "real"), [recorded("projects/p/clusters/one")])

    assert "kube-system" in before
    assert namespaces(plane) == before
    assert named(plane, "kube-apiserver").pid not in (pid, None)


def test_a_cluster_of_another_stack_is_not_revived(home: Path):
    plane = planes.reserve(home, "one")
    records.write(plane, ClusterRecord(type=CLUSTER, id="projects/p/clusters/one", region="", maker=os.getpid()))
    plane.start()
    plane.stop()

    resume(Places(home, CLONE, "real"), [recorded("projects/p/clusters/other")])

    assert not plane.running


def test_what_runs_is_stopped_and_goes_on_later_at_the_same_address(home: Path, capsys: pytest.CaptureFixture[str]):
    plane = planes.reserve(home, "one")
    plane.start()
    pids = [process.pid for process in plane.processes()]
    assert None not in pids

    assert stop(Places(home, CLONE, "real")) == 0
    assert capsys.readouterr().out == "Stopped the Kubernetes of one.\n"
    assert not plane.running
    assert [process.pid for process in plane.processes()] == [None] * len(pids)
    assert stop(Places(home, CLONE, "real")) == 0
    assert capsys.readouterr().out == "No control plane runs.\n"

    plane.start()

    found = planes.find(home, "one")
    assert found is not None
    assert found.address == plane.address
    assert "default" in namespaces(found)


def test_two_run_at_once_and_only_one_is_wiped(home: Path):
    one, other = planes.reserve(home, "one"), planes.reserve(home, "other")
    one.start()
    other.start()

    one.wipe()

    assert not one.folder.exists()
    assert planes.control_planes(home) == [other]
    assert "default" in namespaces(other)


def test_each_address_has_the_certificate_that_its_clients_trust(plane: ControlPlane):
    home = plane.folder.parents[1]

    assert asked(plane, plane.address, plane.token, plane.folder / "authority.pem").startswith("v1.")
    assert asked(plane, plane.public_address, plane.token, planes.trusted(home)).startswith("v1.")
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        asked(plane, plane.address, plane.token, planes.trusted(home))


def test_the_token_of_an_account_opens_only_what_takes_it(home: Path):
    takes, refuses = planes.reserve(home, "takes", account_token=True), planes.reserve(home, "refuses")
    takes.start()
    refuses.start()
    token = credentials.account_token(takes.folder.parent)

    assert asked(takes, takes.address, token, takes.folder / "authority.pem").startswith("v1.")
    with pytest.raises(OSError, match="401"):
        asked(refuses, refuses.address, token, refuses.folder / "authority.pem")


def test_a_port_that_another_program_took_is_told(home: Path):
    plane = planes.reserve(home, "one")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", plane.port))
        taken.listen()

        with pytest.raises(ControlPlaneError, match=f"another program listens on port {plane.port}"):
            plane.start()

    assert not plane.running


def test_a_component_that_does_not_start_says_why_and_leaves_none_behind(home: Path):
    plane = planes.reserve(home, "one")
    (plane.folder / "server.pem").write_text("no certificate")

    with pytest.raises(ControlPlaneError, match=r"kube-apiserver ended\.\n(.*\n)*.*failed to find any PEM data"):
        plane.start()

    assert not plane.running


def test_a_port_that_somebody_takes_meanwhile_is_given_up_for_another(home: Path, monkeypatch: pytest.MonkeyPatch):
    plane = planes.reserve(home, "one")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = [taken.getsockname()[1]]

        def chosen(seed: str, without: Set[int] = frozenset()) -> int:
            return ports.pop() if ports else free_port(seed, without)

        monkeypatch.setattr(planes, "free_port", chosen)
        plane.start()

    assert ports == []
    assert "default" in namespaces(plane)


def test_a_damaged_record_keeps_nothing_from_being_stopped(home: Path, capsys: pytest.CaptureFixture[str]):
    plane = planes.reserve(home, "one")
    plane.start()
    (plane.folder / "control-plane.json").write_text("{")

    damaged = planes.find(home, "one")
    assert damaged is not None
    with pytest.raises(ControlPlaneError, match=r"control-plane\.json is damaged: `make clean`"):
        damaged.start()

    assert stop(Places(home, CLONE, "real")) == 0
    assert capsys.readouterr().out == "Stopped the Kubernetes of one.\n"
    assert not plane.running


def test_a_stopped_control_plane_keeps_its_port(home: Path):
    names = ["one", "two", "three"]

    ports = [planes.reserve(home, name).port for name in names]

    assert len(set(ports)) == len(names)
