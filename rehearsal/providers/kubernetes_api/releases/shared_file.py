"""A small JSON file that several providers of one run read and change."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def held(file: Path) -> Iterator[dict[str, Any]]:
    """The map that the file holds, by one holder at a time; what the holder makes of it is written back."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read(file)
        content = json.loads(json.dumps(before))
        yield content
        if content != before:
            arriving = file.with_suffix(".new")
            arriving.write_text(json.dumps(content, indent=1))
            arriving.replace(file)


def read(file: Path) -> dict[str, Any]:
    """The map that the file holds, empty where there is none."""
    with suppress(OSError, ValueError):
        content = json.loads(file.read_text())
        return content if isinstance(content, dict) else {}
    return {}
