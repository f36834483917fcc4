"""Programs and policy packs as child processes that never outlive the language host."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_GRACE_SECONDS = 5


class Processes:
    """The children that run now. Each has a process group of its own, so that what it started goes with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def start(
        self, command: Sequence[str], *, folder: Path | None, environment: Mapping[str, str], piped: bool = False
    ) -> subprocess.Popen[bytes]:
        """Starts a child; `piped` gives the caller its output, which otherwise goes straight to the engine."""
        output = subprocess.PIPE if piped else None
        with self._lock:
            if self._closed:
                raise OSError("the engine has left")
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            self._running.add(child)
        return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """The exit status, negative for a signal."""
        try:
            return child.wait()
        finally:
            with self._lock:
                self._running.discard(child)

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        """Terminates a child. SIGTERM, because Python answers SIGINT with a traceback in the user's output."""
        _signal_group(child, signal.SIGTERM)
        try:
            child.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)

    def interrupt_all(self) -> None:
        """Stops what runs now; the host goes on serving."""
        with self._lock:
            running = list(self._running)
        for child in running:
            self.stop(child)

    def stop_all(self) -> None:
        """Stops what runs now and lets nothing new start."""
        with self._lock:
            self._closed = True
        self.interrupt_all()


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
