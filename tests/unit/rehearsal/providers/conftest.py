"""An inventory of its own for each test, and the providers over it."""

from pathlib import Path

import pytest

from rehearsal.providers.gcp.provider import GcpProvider
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.fake_engine import Engine
from tests.unit.rehearsal.providers.google_project import GoogleProject
from tests.unit.rehearsal.providers.rehearsed_cluster import RehearsedCluster


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return Inventory(tmp_path / "inventory.sqlite")


@pytest.fixture
def gcp(inventory: Inventory) -> Engine:
    return Engine(GcpProvider(inventory), {"project": "acme-dev", "region": "europe-west4"})


@pytest.fixture
def project(gcp: Engine) -> GoogleProject:
    """A project in which the APIs are enabled."""
    return GoogleProject(gcp)


@pytest.fixture
def cluster(project: GoogleProject, inventory: Inventory) -> RehearsedCluster:
    """A cluster with nodes."""
    return RehearsedCluster(project, inventory)


@pytest.fixture
def bare_cluster(project: GoogleProject, inventory: Inventory) -> RehearsedCluster:
    """A cluster that has no node pool yet."""
    return RehearsedCluster(project, inventory, nodes=False)
