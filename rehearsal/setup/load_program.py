"""k6, which runs the load tests: built from pinned Go modules once per machine, or the user's own where it fits."""

import re
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

from rehearsal.setup import go_program, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.go_tool import GoTool, build_missing

TOOL = GoTool(
    name="k6",
    package="go.k6.io/k6",
    modules=stamp.CLONE / "rehearsal" / "k6",
    version="1.8.1",
)


def installed() -> Path | None:
    """The program that is there already: the one that was built, else one on PATH that reads the same scripts."""
    found = shutil.which(TOOL.name)
    return TOOL.cached() or (Path(found).absolute() if found and _fits(found) else None)


def find() -> Path:
    """The program, built where it is missing. Raises `SetupError`."""
    if installed() is None:
        build_missing([TOOL], lambda _: installed(), "2 minutes")
    present = installed()
    if present is None:
        raise SetupError(f"k6 was built into {go_program.caches()} and is gone again: run this once more.")
    return present


@cache
def _fits(program: str) -> bool:
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run([program, "version"], capture_output=True, text=True, timeout=30, check=False)
        found = re.search(r"v(\d+)\.(\d+)\.", said.stdout)
        major, minor = (int(number) for number in TOOL.version.split(".")[:2])
        return found is not None and int(found[1]) == major and int(found[2]) >= minor
    return False
