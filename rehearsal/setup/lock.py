"""Lets one set-up at a time do its work, in this clone or on this machine."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(file: Path, told: str = "Another set-up is at work; waiting for it.") -> Iterator[None]:
    """Waits for whoever holds the lock. It goes with its holder's process, so none is ever left behind.

    `told` is what the user hears where it has to wait; nothing if it is empty.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if told:
                print(told, file=sys.stderr, flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
