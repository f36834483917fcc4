"""Processes that outlive whoever starts them, found again by their pid files and command lines, never by name alone."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rehearsal.running import runs

_TICK_SECONDS = 0.05
_STOPS_SECONDS = 15.0


@dataclass(frozen=True)
class Process:
    """One component of one control plane."""

    name: str
    pids: Path
    """The folder of pid files."""
    logs: Path
    mark: str
    """A text that is in this process's command line and in no other's: the folder of its control plane."""

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    def spawn(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts it in a session of its own: neither a terminal's interrupt nor the end of its parent ends it."""
        if self.mark not in " ".join(command):
            raise ValueError(f"the command of {self.name} does not say which control plane it belongs to")
        self.pids.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(command[0], list(command), environment, file_actions=actions, setsid=True)
        self._file.write_text(str(pid))
        # The system shows a new program's command line a moment after it has begun.
        while self.pid is None and runs(pid):
            time.sleep(_TICK_SECONDS / 10)

    @property
    def pid(self) -> int | None:
        """Its number, None where it does not run: another process may have got the number since."""
        try:
            pid = int(self._file.read_text())
        except (OSError, ValueError):
            return None
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # what this very process started stays a zombie until somebody asks
        return pid if self.mark in _command_line(pid) else None

    def stop(self) -> None:
        """Asks it to end and waits; what does not listen is killed."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not self._gone_within(_STOPS_SECONDS):
                self.kill()
        self._file.unlink(missing_ok=True)

    def kill(self) -> None:
        """Ends it at once, with whatever it was about to write."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._gone_within(_STOPS_SECONDS)
        self._file.unlink(missing_ok=True)

    def last_words(self) -> str:
        """The end of its log."""
        with suppress(OSError):
            return "\n".join(f"  {line}" for line in self.log.read_text(errors="replace").splitlines()[-6:])
        return ""

    @property
    def resident_bytes(self) -> int:
        """The memory that it holds, 0 where it does not run."""
        pid = self.pid
        return _resident_bytes(pid) if pid is not None else 0

    @property
    def _file(self) -> Path:
        return self.pids / f"{self.name}.pid"

    def _gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.pid is not None:
            if time.monotonic() > end:
                return False
            time.sleep(_TICK_SECONDS)
        return True


def _command_line(pid: int) -> str:
    """Empty where there is no such process, or it has ended and nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else _ps(pid, "command=")
    except OSError:
        return ""


def _resident_bytes(pid: int) -> int:
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with suppress(ValueError):
        return int(_ps(pid, "rss=")) * 1024
    return 0


def _ps(pid: int, column: str) -> str:
    """For systems without /proc, such as macOS."""
    with suppress(OSError):
        said = subprocess.run(["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False)
        return said.stdout.strip()
    return ""
