"""Installing what a program needs, and checking its types, with the tools that the runtime options name."""

import subprocess
import sys
from pathlib import Path

from rehearsal.language_host.runtime_options import OptionError, RuntimeOptions


def installation(options: RuntimeOptions, folder: Path) -> list[list[str]]:
    """The commands that install a program's dependencies, in order."""
    if options.toolchain == "uv":
        return [["uv", "sync"]]
    if options.toolchain == "poetry":
        return [["poetry", "install", "--no-ansi"]]
    commands: list[list[str]] = []
    python = str(options.virtualenv / "bin" / "python") if options.virtualenv else options.interpreter()
    if options.virtualenv and not Path(python).exists():
        commands.append([sys.executable, "-m", "venv", str(options.virtualenv)])
    if (folder / "requirements.txt").is_file():
        commands.append([python, "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements.txt"])
    return commands


def type_errors(options: RuntimeOptions, folder: str) -> str:
    """What the configured type checker says against the program, empty when nothing."""
    checker = options.typechecker
    if checker is None:
        return ""
    python = options.interpreter()
    if subprocess.run([python, "-c", f"import {checker}"], capture_output=True, check=False).returncode:
        raise OptionError(f"The typechecker option is set to {checker}, but {checker} is not installed.")
    excluded = ["--exclude", str(options.virtualenv)] if checker == "mypy" and options.virtualenv else []
    command = [python, "-m", checker, *excluded, folder]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return f"{checker} failed:\n{checked.stdout}{checked.stderr}" if checked.returncode else ""
