"""`python -m rehearsal.setup.actionlint [FILE...]`: lints the workflows in .github/workflows with actionlint."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rehearsal.setup import stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.go_tool import GoTool, build_missing

WORKFLOWS = stamp.CLONE / ".github" / "workflows"
TOOL = GoTool(
    name="actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    modules=stamp.CLONE / "rehearsal" / "actionlint",
    version="1.7.12",
)


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
    if TOOL.cached() is None:
        build_missing([TOOL], GoTool.cached, "seconds")
    return TOOL.folder / TOOL.name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
