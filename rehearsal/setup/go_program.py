"""A program built from pinned Go modules, into a cache that all clones on the machine share."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rehearsal.setup import progress
from rehearsal.setup.errors import SetupError

_GO_WITHOUT_PATH = "/usr/local/go/bin/go"
"""Where Go's own instructions put it, in case they were not followed to the end."""


def go() -> str | None:
    """The Go command, None where there is none."""
    return shutil.which("go") or shutil.which(_GO_WITHOUT_PATH)


def caches() -> Path:
    """Where the machine keeps what all clones share."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "groundwork"


def cache_folder(name: str, version: str, modules: Path) -> Path:
    """Where a version of a program, built from these modules and from sources of our own beside them, is kept."""
    digest = hashlib.sha256((modules / "go.sum").read_bytes())
    for source in sorted(modules.glob("*.go")):
        digest.update(source.read_bytes())
    return caches() / name / f"{version}-{digest.hexdigest()[:12]}"


def build(step: str, package: str, modules: Path, built: Path, link: str = "-s -w") -> None:
    """Builds a package of the modules in a folder. Raises `SetupError` with the last words of Go."""
    command = go()
    if command is None:
        raise SetupError("Go is not installed (https://go.dev/dl).")
    # CGO_ENABLED=0: no C compiler is needed.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    steps: list[tuple[str, Sequence[str]]] = [
        # Not `mod download`: it fetches what the package does not need, too.
        ("fetching modules", [command, "list", "-deps", package]),
        ("compiling", [command, "build", "-ldflags", link, "-o", str(built), package]),
    ]
    for part, arguments in steps:
        status, said = progress.run(f"{step}: {part}", arguments, folder=modules, environment=environment)
        if status:
            raise SetupError("\n".join(f"  {line}" for line in said.strip().splitlines()[-8:]))


def keep(program: Path, target: Path) -> None:
    """Puts a program into the cache at once: no other set-up ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        shutil.copy2(program, arriving)
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)
