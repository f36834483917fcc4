"""A pinned program that the machine's cache holds, or that Go builds into it."""

import os
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from rehearsal.setup import go_program
from rehearsal.setup.errors import SetupError
from rehearsal.setup.lock import exclusive


@dataclass(frozen=True, kw_only=True)
class GoTool:
    """One program of a folder of pinned Go modules."""

    name: str
    package: str
    modules: Path
    """The folder with the go.mod that pins it."""

    version: str
    link: str = ""
    """What the linker sets, `{version}` being the version; a program that nobody tells takes itself for another."""

    @property
    def folder(self) -> Path:
        """Where the cache keeps it."""
        return go_program.cache_folder(self.modules.name, self.version, self.modules)

    def cached(self) -> Path | None:
        """The program, if it was built before."""
        program = self.folder / self.name
        return program if os.access(program, os.X_OK) else None

    def build(self, step: str) -> None:
        """Builds it into the cache. Raises `SetupError`; `step` says what is being done, and for how long."""
        if go_program.go() is None:
            raise SetupError(
                f"{self.name} {self.version} is built with Go, and Go is not installed.\n"
                "Install Go (https://go.dev/dl) and run this again."
            )
        with tempfile.TemporaryDirectory(prefix="groundwork-toolchain-") as folder:
            built = Path(folder) / self.name
            try:
                link = f"-s -w {self.link.format(version=self.version)}".rstrip()
                go_program.build(step, self.package, self.modules, built, link=link)
            except SetupError as error:
                hint = "It needs a Go module proxy (GOPROXY) and some 5 GB of disk while it builds."
                raise SetupError(f"Go could not build {self.name}:\n{error}\n{hint}") from error
            go_program.keep(built, self.folder / self.name)


def build_missing(tools: Collection[GoTool], present: Callable[[GoTool], Path | None], takes: str) -> None:
    """Builds what is not present, one program at a time on a machine. Raises `SetupError`.

    `takes` says how long all of them take, for the line that shows progress.
    """
    with exclusive(go_program.caches() / "toolchain.lock"):
        for number, tool in enumerate(tools, start=1):
            if present(tool) is None:
                shown = tool.name.replace("_", "-")
                tool.build(f"Building {shown} ({number} of {len(tools)}, once per machine, {takes})")
