"""Fixtures that rehearse on the real engine, each test in a home of its own."""

import shutil
from collections.abc import Callable, Iterator, Mapping
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


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Rehearsal]:
    """A copy of a stack that is up. Each stack is brought up once, and only where a test asks for it."""
    originals: dict[str, Rehearsal] = {}

    def copy_of(stack: str, home: Path) -> Rehearsal:
        if stack not in originals:
            original = Rehearsal(Places(tmp_path_factory.mktemp("up") / "rehearsal", CLONE), stack)
            up = original.up("--skip-preview")
            assert up.exit_code == 0, up.stdout
            originals[stack] = original
        shutil.copytree(originals[stack].places.home, home)
        return Rehearsal(Places(home, CLONE), stack)

    return copy_of


@pytest.fixture
def up_gke_dev(brought_up: Callable[[str, Path], Rehearsal], tmp_path: Path) -> Rehearsal:
    """The development stack on GKE, up, for one test to change."""
    return brought_up("gke-dev", tmp_path / "rehearsal")


@pytest.fixture
def up_gke_prod(brought_up: Callable[[str, Path], Rehearsal], tmp_path: Path) -> Rehearsal:
    """The production stack on GKE, up, for one test to change."""
    return brought_up("gke-prod", tmp_path / "rehearsal")


@pytest.fixture
def up_oke_dev(brought_up: Callable[[str, Path], Rehearsal], tmp_path: Path) -> Rehearsal:
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
