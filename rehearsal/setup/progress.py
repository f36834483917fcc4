"""Shows that a long step is alive: one line that counts on a terminal, a line every half minute elsewhere."""

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_TERMINAL_SECONDS, _LOG_SECONDS = 1.0, 30.0


def run(
    step: str,
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limit_seconds: float = math.inf,
) -> tuple[int, str]:
    """Runs a command while its progress is shown, and stops it at the limit. Returns exit code and output."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _watch(step, child, limit_seconds)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        output.seek(0)
        return child.returncode, output.read()


def end() -> None:
    """Leaves the line that counts, so that the next message starts its own."""
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _watch(step: str, child: subprocess.Popen[bytes], limit_seconds: float) -> None:
    terminal, started = sys.stderr.isatty(), time.monotonic()
    if not terminal:
        print(f"{step} ...", file=sys.stderr, flush=True)
    while True:
        try:
            child.wait(_TERMINAL_SECONDS if terminal else _LOG_SECONDS)
        except subprocess.TimeoutExpired:
            _show(step, started, terminal)
            if time.monotonic() - started > limit_seconds:
                child.terminate()
        else:
            if terminal:
                _show(step, started, terminal)
                end()
            return


def _show(step: str, started: float, terminal: bool) -> None:
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    line = f"{step} ... {minutes}:{seconds:02}"
    print(f"\r{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
