"""The process that stands for the machines: what it survives, what it costs, and pools that grow."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rehearsal.control_plane.api_client import ApiClient, read_kubeconfig
from rehearsal.control_plane.control_plane import ControlPlane, reserve
from rehearsal.control_plane.pools.machines import Machine
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.control_plane.pools.pool_nodes import PoolNodes
from rehearsal.providers.inventory import Inventory, Resource
from tests.real.cluster import Namespace, is_ready, pod, started, template, waiting

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane of a rehearsed AKS cluster."""
    home = tmp_path_factory.mktemp("home")
    type_ = "azure-native:containerservice:ManagedCluster"
    Inventory(home / "inventory.sqlite").put(
        Resource(account="a", type=type_, id="/cluster", name="cluster", inputs={}, outputs={})
    )
    plane = reserve(home, "azure")
    (plane.folder / "cluster.json").write_text(json.dumps({"type": type_, "id": "/cluster"}))
    with started(plane):
        yield plane


@pytest.fixture(scope="module")
def space(azure: ControlPlane) -> Iterator[Namespace]:
    """Its default namespace, whose pods have a node."""
    with PoolNodes(azure.kubeconfig) as nodes:
        nodes.bring(growing())
    client = ApiClient(read_kubeconfig(azure.kubeconfig))
    yield Namespace(client, "default")
    client.close()


def growing() -> Pool:
    return Pool(
        name="apps",
        cloud="local",
        machine=Machine(name="m", cpus=2, memory_mib=8192),
        zones=("a", "b"),
        count=1,
        limits=(1, 3),
        labels={},
        node_name="apps-{number}",
        provider_id="{name}",
    )


def test_a_pool_grows_for_pods_that_find_no_room_up_to_its_most(space: Namespace):
    container = {"name": "main", "image": "registry.test/app", "resources": {"requests": {"cpu": "1500m"}}}
    workload = template()
    workload["template"]["spec"]["containers"] = [container]

    space.create("deployments", "web", {"spec": {"replicas": 4, **workload}})

    space.wait("deployments", "web", lambda item: item["status"].get("readyReplicas") == 3)
    nodes = Namespace(space.client).list("nodes")
    assert [item["metadata"]["name"] for item in nodes] == ["apps-0", "apps-1", "apps-2"]


def test_an_image_of_a_registry_that_is_not_there_is_not_pulled(space: Namespace):
    space.create("pods", "refused", pod({"name": "main", "image": "acme.azurecr.io/todo/backend:1"}))

    found = space.wait("pods", "refused", lambda item: waiting(item) == {"main": "ErrImagePull"})
    message = found["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert message == "lookup acme.azurecr.io: no such host"
    space.wait("pods", "refused", lambda item: waiting(item) == {"main": "ImagePullBackOff"})


def test_a_server_that_was_away_is_watched_again(azure: ControlPlane, space: Namespace):
    named = {process.name: process for process in azure.processes()}
    kubelet, server = named["kubelet"], named["kube-apiserver"]
    survivor, command = kubelet.pid, Path(f"/proc/{server.pid}/cmdline").read_text().split("\0")[:-1]
    server.kill()
    server.spawn(command, os.environ)
    _until_it_answers(azure)

    space.create("services", "web", {"spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}})

    space.wait("services", "web", lambda item: item["status"]["loadBalancer"].get("ingress"))
    assert kubelet.pid == survivor


def test_what_stands_for_the_machines_is_small_and_ends_when_told(azure: ControlPlane, space: Namespace):
    kubelet = next(process for process in azure.processes() if process.name == "kubelet")
    space.create("pods", "app", pod())
    space.wait("pods", "app", is_ready)
    pid = kubelet.pid
    assert pid
    assert kubelet.resident_bytes < 60 * MEBIBYTE

    os.kill(pid, signal.SIGTERM)

    assert _within(30, lambda: kubelet.pid is None)


def _until_it_answers(plane: ControlPlane) -> None:
    def answers() -> bool:
        with suppress(OSError):
            return bool(plane.get("/readyz"))
        return False

    assert _within(60, answers)


def _within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether it happens in time, asked again and again."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
