"""Fixtures on a real Kubernetes API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.control_plane.control_plane import ControlPlane, reserve


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that the tests of one process share; each makes namespaces of its own in it."""
    made = reserve(tmp_path_factory.mktemp("planes"), "shared")
    try:
        made.start()
        yield made
    finally:
        made.wipe()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is collected here."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.real)
