"""Runs the engine on a generated project: its environment, its arguments, its signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rehearsal import project as generated
from rehearsal import state
from rehearsal.places import Places
from rehearsal.project import Project

_UNWANTED = (
    # What points the engine elsewhere, or at another way to decrypt, would take a rehearsal out of its own folder.
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_DIY_BACKEND_GZIP",
    "PULUMI_DIY_BACKEND_ZSTD",
    "PULUMI_IGNORE_AMBIENT_PLUGINS",
    "PULUMI_STACK",
    "PYTHONHOME",
    "PYTHONPATH",
    "REHEARSAL_API",
    "VIRTUAL_ENV",
)
_ARGUMENTS = {
    "preview": ["preview"],
    # Not --skip-preview: the contract check has to see everything before the first resource is created.
    "up": ["up", "--yes"],
    "refresh": ["refresh", "--yes", "--skip-preview"],
    "destroy": ["destroy", "--yes", "--skip-preview"],
    "outputs": ["stack", "output"],
}
COMMANDS = tuple(_ARGUMENTS)


_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class EngineError(Exception):
    """The engine could not prepare a stack; what it said about it."""


def environment(places: Places, engine: Path, speed: float | None = None) -> dict[str, str]:
    """The caller's environment, turned to the rehearsal's own state, plugins and passphrase."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    path = [
        *([str(places.stand_ins)] if places.api == "real" else []),
        str(places.executables),
        str(places.virtualenv / "bin"),
        str(engine.parent),
        os.environ.get("PATH", os.defpath),
    ]
    return {
        **kept,
        **_without_proxy(),
        "PATH": os.pathsep.join(path),
        "PULUMI_BACKEND_URL": f"file://{places.state}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        "PULUMI_HOME": str(places.home / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "REHEARSAL_HOME": str(places.home),
        **({"REHEARSAL_SPEED": str(speed)} if speed is not None else {}),
    }


def _without_proxy() -> dict[str, str]:
    """The engine and its plugins talk on the loopback interface, and gRPC would ask the user's proxy for that."""
    names = ("NO_PROXY", "no_proxy")
    chosen = [host.strip() for name in names for host in os.environ.get(name, "").split(",")]
    hosts = ",".join(dict.fromkeys([*filter(None, chosen), *_LOOPBACK]))
    return dict.fromkeys(names, hosts)


def prepare(
    places: Places, stack: str, engine: Path, variables: Mapping[str, str], overrides: Mapping[str, Any]
) -> Project:
    """Generates the project and creates its stack, doing only what has not been done before."""
    places.state.mkdir(parents=True, exist_ok=True)
    project = generated.generate(places, stack, overrides)
    if not state.checkpoint(places.state, project.name, stack).exists():
        _create_stack(engine, project, variables)
    if project.secrets:
        secrets = [f"--secret={path}={value}" for path, value in project.secrets.items()]
        _quietly([str(engine), "config", "set-all", "--stack", stack, "--path", *secrets], project, variables)
    if project.digest:
        project.complete()
    state.release_dead_locks(places.state, project.name, stack)
    return project


def arguments(command: str, project: Project, places: Places, flags: Sequence[str]) -> list[str]:
    """The engine's command line for one of our commands."""
    pack = places.clone / "policies"
    checked = command in ("preview", "up") and (pack / "PulumiPolicy.yaml").is_file()
    return [
        *_ARGUMENTS[command],
        "--stack",
        project.stack,
        *(["--policy-pack", str(pack)] if checked else []),
        *([] if sys.stdin.isatty() and sys.stdout.isatty() else ["--non-interactive"]),
        *flags,
    ]


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> int:
    """Runs the engine to its end and returns its exit code. It decides by itself what an interrupt means."""
    with subprocess.Popen(command, cwd=folder, env=variables) as engine:

        def forward(number: int, _frame: object) -> None:
            # A terminal interrupts all processes in front of it; by a second interrupt the engine gives up at once.
            if number == signal.SIGINT and _in_front_of_terminal():
                return
            engine.send_signal(number)

        before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            status = engine.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _in_front_of_terminal() -> bool:
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False


def _create_stack(engine: Path, project: Project, variables: Mapping[str, str]) -> None:
    try:
        _quietly([str(engine), "stack", "init", project.stack], project, variables)
    except EngineError as error:
        # Another rehearsal of the same stack may have been faster.
        if "already exists" not in str(error):
            raise


def _quietly(command: Sequence[str], project: Project, variables: Mapping[str, str]) -> None:
    done = subprocess.run(
        [*command, "--non-interactive"], cwd=project.folder, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EngineError(f"{done.stdout}{done.stderr}".strip())
