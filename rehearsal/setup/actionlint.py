"""`python -m rehearsal.setup.actionlint [FILE...]`: lints the workflows in .github/workflows with actionlint."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rehearsal.setup import go_program, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.lock import exclusive

VERSION = "1.7.12"
MODULES = stamp.CLONE / "rehearsal" / "actionlint"
WORKFLOWS = stamp.CLONE / ".github" / "workflows"
_PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"


def main(files: Sequence[str]) -> int:
    """Lints the files, all workflows where none is named. Exit code 1 where there is something to say about them."""
    chosen = list(files) or [str(file) for file in sorted(WORKFLOWS.glob("*.y*ml"))]
    try:
        program = find()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    # Without the linters of scripts that may be on one machine and not on another.
    return subprocess.run([str(program), "-shellcheck=", "-pyflakes=", *chosen], check=False).returncode


def find() -> Path:
    """The program from the cache, built where it is not there yet. Raises `SetupError`."""
    folder = go_program.cache_folder("actionlint", VERSION, MODULES)
    cached = folder / "actionlint"
    if not _runs(cached):
        with exclusive(folder.parent / "lock"):
            if not _runs(cached):
                _build(cached)
    return cached


def _runs(program: Path) -> bool:
    return os.access(program, os.X_OK)


def _build(target: Path) -> None:
    if go_program.go() is None:
        raise SetupError(
            f"actionlint {VERSION}, which lints the workflows, is built with Go, and Go is not installed.\n"
            "Install Go (https://go.dev/dl) and run this again."
        )
    with tempfile.TemporaryDirectory(prefix="groundwork-actionlint-") as folder:
        built = Path(folder) / "actionlint"
        try:
            go_program.build("Building actionlint (once per machine)", _PACKAGE, MODULES, built)
        except SetupError as error:
            hint = "It needs a Go module proxy (GOPROXY)."
            raise SetupError(f"Go could not build actionlint:\n{error}\n{hint}") from error
        go_program.keep(built, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
