"""Fixtures that rehearse on the real engine, each test in a home of its own."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

from rehearsal.control_plane.control_plane import control_planes
from rehearsal.places import CLONE, Api, Places
from tests.engine.rehearsals import Rehearsal


class Rehearse(Protocol):
    """Names a stack of this project, to be rehearsed with some of its settings replaced, on one of the two APIs."""

    def __call__(self, stack: str, settings: Mapping[str, Any] | None = None, *, api: Api = "quick") -> Rehearsal: ...


class Throwaway(Protocol):
    """Writes a small project with one stack `dev`, to be rehearsed like this one."""

    def __call__(
        self, program: str, config: Mapping[str, Any] | None = None, files: Mapping[str, str] | None = None
    ) -> Rehearsal: ...


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where a test rehearses. What runs on a real API goes with the test."""
    yield tmp_path / "rehearsal"
    for plane in control_planes(Places(tmp_path / "rehearsal", CLONE).on("real").home):
        plane.wipe()


@pytest.fixture
def rehearse(home: Path) -> Rehearse:
    """Stacks of this project; all that a test rehearses on one API shares one inventory and one state backend."""

    def of(stack: str, settings: Mapping[str, Any] | None = None, *, api: Api = "quick") -> Rehearsal:
        return Rehearsal(Places(home, CLONE).on(api), stack, settings or {})

    return of


class BroughtUp(Protocol):
    """Copies a stack that is up into a new home, for one test to change."""

    def __call__(self, stack: str, home: Path, settings: Mapping[str, Any] | None = None) -> Rehearsal: ...


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session share."""
    ours = tmp_path_factory.getbasetemp()
    shared = (ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours) / "originals"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def brought_up(originals: Path) -> BroughtUp:
    """Stacks that are up. Each is brought up once, by the first worker where a test asks for it, and never changed."""

    def copy_of(stack: str, home: Path, settings: Mapping[str, Any] | None = None) -> Rehearsal:
        settings = settings or {}
        folder = originals / sha256(json.dumps([stack, settings]).encode()).hexdigest()[:8]
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not (folder / "up").exists():
                up = Rehearsal(Places(folder / "rehearsal", CLONE), stack, settings).up("--skip-preview")
                assert up.exit_code == 0, up.stdout
                (folder / "up").touch()
        shutil.copytree(folder / "rehearsal", home)
        return Rehearsal(Places(home, CLONE), stack, settings)

    return copy_of


@pytest.fixture
def up_gke_dev(brought_up: BroughtUp, tmp_path: Path) -> Rehearsal:
    """The development stack on GKE, up, for one test to change."""
    return brought_up("gke-dev", tmp_path / "rehearsal")


@pytest.fixture
def up_gke_prod(brought_up: BroughtUp, tmp_path: Path) -> Rehearsal:
    """The production stack on GKE, up, for one test to change."""
    return brought_up("gke-prod", tmp_path / "rehearsal")


@pytest.fixture
def up_oke_dev(brought_up: BroughtUp, tmp_path: Path) -> Rehearsal:
    """The development stack on OKE, up, for one test to change."""
    return brought_up("oke-dev", tmp_path / "rehearsal")


@pytest.fixture
def throwaway(tmp_path: Path) -> Throwaway:
    """Projects that exist for one test. Configuration keys are full: `project:key`."""

    def of(program: str, config: Mapping[str, Any] | None = None, files: Mapping[str, str] | None = None) -> Rehearsal:
        clone = tmp_path / "clone"
        written = {
            "Pulumi.yaml": yaml.safe_dump({"name": "throwaway", "runtime": "python"}),
            "stacks/Pulumi.dev.yaml": yaml.safe_dump({"config": dict(config or {})}),
            "__main__.py": program,
            **(files or {}),
        }
        for name, text in written.items():
            file = clone / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Rehearsal(Places(tmp_path / "rehearsal", clone), "dev")

    return of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is collected here."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.engine)
