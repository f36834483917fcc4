"""`runtime.options` of Pulumi.yaml and PulumiPolicy.yaml: which interpreter, and which type checker before a run."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOOLCHAINS = ("pip", "uv", "poetry")
_TYPECHECKERS = ("mypy", "pyright")


class OptionError(Exception):
    """A runtime option that cannot be honoured, in words for the user."""


@dataclass(frozen=True, kw_only=True)
class RuntimeOptions:
    """How a project wants its Python to run."""

    root: Path
    """Folder of the project file; relative paths start here."""

    toolchain: str = "pip"
    """What installs dependencies: pip, uv or poetry."""

    virtualenv: Path | None = None
    """Folder of the virtual environment, absolute. None leaves the choice to the toolchain."""

    typechecker: str | None = None
    """Module that checks the program's types before each run."""

    def interpreter(self) -> str:
        """The Python that runs the program."""
        folder = self.virtualenv or self._toolchain_environment()
        if folder is None:
            return _python_on_path()
        python = folder / "bin" / "python"
        if not python.exists():
            raise OptionError(f"The virtual environment {folder} does not exist; `pulumi install` creates it.")
        return str(python)

    def _toolchain_environment(self) -> Path | None:
        if self.toolchain == "uv":
            return self.root / ".venv"
        if self.toolchain == "poetry":
            command = ["poetry", "env", "info", "--path"]
            found = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
            return Path(found.stdout.strip()) if found.returncode == 0 else None
        return None


def parse(root: str, options: Mapping[str, Any]) -> RuntimeOptions:
    """Reads the options, refusing what the official host refuses."""
    for key in ("virtualenv", "toolchain", "typechecker"):
        if not isinstance(options.get(key, ""), str):
            raise OptionError(f"{key} option must be a string")
    toolchain, typechecker = options.get("toolchain") or "pip", options.get("typechecker") or None
    if toolchain not in TOOLCHAINS:
        raise OptionError(f"unsupported toolchain option: {toolchain}")
    if typechecker is not None and typechecker not in _TYPECHECKERS:
        raise OptionError(f"unsupported typechecker option: {typechecker}")
    virtualenv = options.get("virtualenv")
    return RuntimeOptions(
        root=Path(root),
        toolchain=toolchain,
        virtualenv=Path(os.path.normpath(Path(root) / virtualenv)) if virtualenv else None,
        typechecker=typechecker,
    )


def _python_on_path() -> str:
    chosen = os.environ.get("PULUMI_PYTHON_CMD")
    names = [chosen] if chosen else ["python3", "python"]
    for name in names:
        if found := shutil.which(name):
            return found
    raise OptionError(f"Python is not installed: looked for {' and '.join(names)} on PATH.")
