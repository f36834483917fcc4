"""Processes that a test or a measurement watches, as `ps` shows them."""

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One running process."""

    pid: int
    parent: int
    resident_mb: float
    zombie: bool


def tree(root: int) -> list[Process]:
    """A process and all its descendants, those that ended left out."""
    shown = subprocess.run(["ps", "-axo", "pid=,ppid=,rss=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in shown.stdout.splitlines()]
    running = [
        Process(int(pid), int(parent), int(size) / 1024, state.startswith("Z")) for pid, parent, size, state in rows
    ]
    found = [process for process in running if process.pid == root]
    for process in found:
        found.extend(child for child in running if child.parent == process.pid)
    return found


def still_running(processes: list[Process]) -> list[int]:
    """Those of these processes that have not ended."""
    shown = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=True)
    return sorted({int(pid) for pid in shown.stdout.split()} & {process.pid for process in processes})
