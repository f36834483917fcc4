"""Prometheus and Loki as processes of the proof: started on loopback, waited for, and ended with it."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rehearsal.control_plane.ports import free_port
from rehearsal.setup import live_programs

LOOPBACK = "127.0.0.1"
_STOPS_SECONDS = 5.0
_TICK_SECONDS = 0.1


class ProofError(Exception):
    """The proof cannot go on, with the reason for people."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """One started program."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def wait_until_ready(self, url: str, seconds: float) -> None:
        """Returns when the address answers. Raises `ProofError` with the program's last words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise ProofError(f"{self.name} ended with status {self.process.returncode}:\n{self.last_words()}")
            with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2):
                return
            time.sleep(_TICK_SECONDS)
        raise ProofError(f"{self.name} is not ready after {seconds:.0f} s:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line[:300]}" for line in lines[-8:])


class Ports:
    """Free ports of loopback, each given once."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._given: set[int] = set()

    def one(self) -> int:
        port = free_port(self._seed, self._given)
        self._given.add(port)
        return port


def program(name: str) -> Path:
    """A built program. Raises `ProofError` saying how to get it."""
    found = live_programs.installed(name)
    if found is None:
        raise ProofError(f"{name} is not there: make toolchain builds it, once per machine.")
    return found


@contextmanager
def started(
    name: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> Iterator[Running]:
    """Runs a program until the end of the block. In a session of its own: an interrupt reaches the proof alone, which
    then ends it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    try:
        yield Running(name=name, process=process, log=log)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOPS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
