"""Fixtures on a real Kubernetes API."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.control_plane.api_client import ApiClient, read_kubeconfig
from rehearsal.control_plane.control_plane import ControlPlane, reserve
from tests.real.cluster import Namespace, started


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that the tests of one process share; each makes namespaces of its own in it."""
    with started(reserve(tmp_path_factory.mktemp("planes"), "shared")) as made:
        yield made


@pytest.fixture(scope="session")
def everywhere(plane: ControlPlane) -> Iterator[Namespace]:
    """What lies in no namespace."""
    client = ApiClient(read_kubeconfig(plane.kubeconfig))
    yield Namespace(client)
    client.close()


@pytest.fixture(scope="session")
def nodes(everywhere: Namespace) -> list[str]:
    """Two ready nodes, each in a zone of its own."""
    names = ["machine-a", "machine-b"]
    for name in names:
        labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{name}"}
        everywhere.create("nodes", name, {"metadata": {"labels": labels}})
    for name in names:
        everywhere.wait("nodes", name, lambda node: not node["spec"].get("taints"))
    return names


@pytest.fixture
def namespace(everywhere: Namespace, nodes: list[str]) -> Iterator[Namespace]:
    """A namespace of the test's own, whose pods have nodes."""
    made = Namespace(everywhere.client, f"test-{secrets.token_hex(4)}")
    everywhere.create("namespaces", made.name, {})
    made.wait("serviceaccounts", "default", lambda _: True)
    yield made
    everywhere.delete("namespaces", made.name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is collected here."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.real)
