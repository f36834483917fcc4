"""A first `up` of a stack, in accounts where nothing is yet, beside what has been rehearsed already."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal import runner, state
from rehearsal.places import Places
from rehearsal.project import Project


@dataclass(frozen=True)
class FirstUp:
    """A stack that came up, in a home that goes when all has been read from it."""

    places: Places
    project: Project
    engine: Path
    variables: Mapping[str, str]

    @property
    def checkpoint(self) -> Path:
        """The file that holds the stack's state."""
        return state.checkpoint(self.places.state, self.project.name, self.project.stack)

    def deployment(self) -> dict[str, Any]:
        """The stack's deployment, secrets shown: not to be written anywhere."""
        shown = _quietly(
            [str(self.engine), "stack", "export", "--show-secrets", "--stack", self.project.stack],
            self.project,
            self.variables,
        )
        return json.loads(shown)["deployment"]


@contextmanager
def first_up(places: Places, engine: Path, stack: str, overrides: Mapping[str, Any]) -> Iterator[FirstUp]:
    """Rehearses it at no speed at all. Raises `EngineError` with what the engine says where it does not come up."""
    places.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="first-up-", dir=places.home) as home:
        ours = Places(Path(home), places.clone)
        variables = runner.environment(ours, engine, speed=0)
        project = runner.prepare(ours, stack, engine, variables, overrides)
        _quietly(
            [str(engine), *runner.arguments("up", project, ours, ["--skip-preview", "--non-interactive"])],
            project,
            variables,
        )
        yield FirstUp(ours, project, engine, variables)


def _quietly(command: Sequence[str], project: Project, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=project.folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise runner.EngineError(f"{done.stdout}{done.stderr}".strip())
    return done.stdout
