"""Runs rehearsals the way a user does, each test in folders of its own, and keeps what the engine said."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal import runner, state
from rehearsal.places import CLONE, Places
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.setup.stamp import recorded_engine

_COMMAND_LINE = """
import sys
from pathlib import Path
from rehearsal.__main__ import main
from rehearsal.places import Places
sys.exit(main(sys.argv[4:], Places(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
"""


GENERATED = {
    "oci:Identity/customerSecretKey:CustomerSecretKey": "key",
    "oci:Identity/authToken:AuthToken": "token",
    "random:index/randomPassword:RandomPassword": "result",
}
"""Where generated credentials are among a resource's outputs, by type."""


_ENGINE = {
    "PULUMI_DEBUG_COMMANDS": "true",
    # The state is written once, at the end of a run, instead of after each step: 3 MB six hundred times would be two
    # thirds of the time. Runs that are killed on the way have no use for these, and are started without.
    "PULUMI_EXPERIMENTAL": "true",
    "PULUMI_SKIP_CHECKPOINTS": "true",
}
"""What the engine of a test is told besides."""


@dataclass(frozen=True)
class Step:
    """What the engine did, or in a preview would do, to one resource."""

    operation: str
    """create, update, replace, delete, same, refresh ..."""
    type: str
    name: str
    urn: str
    changed: tuple[str, ...] = ()
    """Paths of the properties that differ."""


@dataclass(frozen=True)
class Result:
    """One run of the engine."""

    exit_code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list)
    """The engine's event log; secrets are masked in it."""

    def steps(self, *, unchanged: bool = False) -> list[Step]:
        """What is done to each resource, in order; what stays as it is only on request."""
        found = [_step(event["resourcePreEvent"]["metadata"]) for event in self.events if "resourcePreEvent" in event]
        return [step for step in found if unchanged or step.operation != "same"]

    def changes(self) -> dict[str, int]:
        """How many resources each operation counts, as in the engine's own summary."""
        summaries = [event["summaryEvent"]["resourceChanges"] for event in self.events if "summaryEvent" in event]
        return dict(summaries[-1]) if summaries else {}

    def touched(self) -> set[tuple[str, str]]:
        """What a run that went well did to which resource, as operation and name; components and the stack left out."""
        assert self.exit_code == 0, self.stdout
        ours = ("groundwork:", "pulumi:pulumi:")
        return {(step.operation, step.name) for step in self.steps() if not step.type.startswith(ours)}

    def diagnostics(self, severity: str) -> list[str]:
        """The messages of one severity: error, warning, info."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return [one["message"] for one in found if one["severity"] == severity]

    def violations(self) -> list[str]:
        """What policies found wrong."""
        return [event["policyEvent"]["message"] for event in self.events if "policyEvent" in event]


@dataclass(frozen=True)
class Rehearsal:
    """One stack of a clone, rehearsed in a home of its own."""

    places: Places
    stack: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings that replace those of the stack file, by path: `{"cluster.zones": ["europe-west1-b"]}`."""

    def preview(self, *flags: str) -> Result:
        return self._run("preview", *flags)

    def up(self, *flags: str) -> Result:
        return self._run("up", *flags)

    def refresh(self, *flags: str) -> Result:
        return self._run("refresh", *flags)

    def destroy(self, *flags: str) -> Result:
        return self._run("destroy", *flags)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets masked."""
        shown = self._finished(self.command("outputs", "--json"))
        assert shown.returncode == 0, shown.stderr
        return json.loads(shown.stdout)

    def generated(self) -> list[str]:
        """The generated credentials, decrypted by the engine: what must not be found anywhere."""
        resources = [one for one in self.export("--show-secrets")["resources"] if one["type"] in GENERATED]
        return [json.loads(one["outputs"][GENERATED[one["type"]]]["plaintext"]) for one in resources]

    def export(self, *flags: str) -> dict[str, Any]:
        """The stack's deployment as `pulumi stack export` gives it, secrets encrypted unless a flag shows them."""
        engine = recorded_engine(self.places.virtualenv)
        assert engine
        variables = runner.environment(self.places, engine)
        command = [str(engine), "stack", "export", *flags, "--stack", self.stack]
        folder = self.places.project(self.stack)
        exported = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=True)
        return json.loads(exported.stdout)["deployment"]

    def recorded(self) -> list[state.Recorded]:
        """What the stack's state knows of, without starting an engine."""
        found = next((self.places.state / ".pulumi" / "stacks").glob(f"*/{self.stack}.json"), None)
        return state.resources(found) if found else []

    def inventory(self) -> list[Resource]:
        """What exists in the rehearsed accounts."""
        return self.world().list() if self.places.inventory.is_file() else []

    def listing(self) -> str:
        """What `inventory` prints."""
        return self._finished(self._command_line("inventory")).stdout

    def world(self) -> Inventory:
        """The rehearsed accounts themselves, to change behind Pulumi's back."""
        return Inventory(self.places.inventory)

    def with_settings(self, settings: Mapping[str, Any]) -> "Rehearsal":
        """The same stack in the same home, with other settings."""
        return Rehearsal(self.places, self.stack, {**self.settings, **settings})

    def command(self, command: str, *flags: str) -> list[str]:
        """The command line of a rehearsal, for tests that watch the process itself."""
        settings = [f"--set={path}={json.dumps(value)}" for path, value in self.settings.items()]
        return self._command_line(command, self.stack, *settings, *flags)

    def _command_line(self, *arguments: str) -> list[str]:
        return [
            sys.executable,
            "-c",
            _COMMAND_LINE,
            str(self.places.home),
            str(self.places.clone),
            self.places.api,
            *arguments,
        ]

    def _run(self, command: str, *flags: str) -> Result:
        self.places.home.mkdir(parents=True, exist_ok=True)
        log = self.places.home / "events.jsonl"
        log.unlink(missing_ok=True)
        done = self._finished(self.command(command, "--event-log", str(log), *flags))
        return Result(done.returncode, done.stdout, done.stderr, list(_events(log)))

    def _finished(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.places.executables.parents[1],
            env=os.environ | _ENGINE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def clone_with(folder: Path, workload: str, text: str) -> Path:
    """A clone of the project, made in `folder`, whose only workload file is the one given."""
    return clone_with_files(folder, {workload: text})


def clone_with_files(folder: Path, texts: Mapping[str, str]) -> Path:
    """A clone of the project, made in `folder`, whose workload files are those given, by workload."""
    clone = folder / "clone"
    (clone / "workloads").mkdir(parents=True)
    for entry in CLONE.iterdir():
        if entry.name not in {".git", "workloads"}:
            (clone / entry.name).symlink_to(entry)
    for workload, text in texts.items():
        (clone / "workloads" / f"{workload}.yaml").write_text(text)
    return clone


def _events(log: Path) -> Iterator[dict[str, Any]]:
    if log.is_file():
        for line in log.read_text().splitlines():
            yield json.loads(line)


def _step(metadata: dict[str, Any]) -> Step:
    urn = metadata["urn"]
    changed = tuple(sorted(metadata.get("detailedDiff") or metadata.get("diffs") or ()))
    return Step(metadata["op"], metadata["type"], urn.rsplit("::", 1)[-1], urn, changed)
