"""Processes that a test or a measurement watches."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One running process."""

    pid: int
    parent: int
    resident_mb: float


def tree(root: int) -> list[Process]:
    """A process and all its descendants."""
    running = list(_running())
    found = [process for process in running if process.pid == root]
    for process in found:
        found.extend(child for child in running if child.parent == process.pid)
    return found


def still_running(processes: list[Process]) -> list[int]:
    """Those of these processes that have not ended."""
    return sorted({process.pid for process in _running()} & {process.pid for process in processes})


def _running() -> Iterator[Process]:
    # Slim Linux images have no ps, other systems no /proc.
    return _from_proc() if (_PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> Iterator[Process]:
    page = os.sysconf("SC_PAGE_SIZE")
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                yield Process(int(folder.name), int(fields[1]), int(fields[21]) * page / 2**20)


def _from_ps() -> Iterator[Process]:
    shown = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True)
    for pid, parent, size in (line.split() for line in shown.stdout.splitlines()):
        yield Process(int(pid), int(parent), int(size) / 1024)
