"""Both output streams of a child, merged in the order in which they are written."""

import os
import queue
import subprocess
import threading
from collections.abc import Iterator

_CHUNK_BYTES = 64 * 1024


def streamed(child: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Pairs of stream name and data until the child closes both."""
    chunks: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

    def read(name: str, descriptor: int) -> None:
        while data := os.read(descriptor, _CHUNK_BYTES):
            chunks.put((name, data))
        chunks.put((name, b""))

    assert child.stdout
    assert child.stderr
    for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
        threading.Thread(target=read, args=(name, stream.fileno()), daemon=True).start()
    still_open = 2
    while still_open:
        name, data = chunks.get()
        if data:
            yield name, data
        else:
            still_open -= 1
