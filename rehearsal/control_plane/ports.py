"""Free ports on loopback, below those that the system hands out by itself."""

import hashlib
import socket
from collections.abc import Set
from contextlib import suppress

_FIRST, _COUNT = 20000, 12000


class NoPortError(Exception):
    """Every port of the range is taken."""


def free_port(seed: str, without: Set[int] = frozenset()) -> int:
    """A port that nobody listens on, and none of `without`. Different seeds start their search far apart."""
    start = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % _COUNT
    for step in range(_COUNT):
        port = _FIRST + (start + step) % _COUNT
        if port not in without and is_free(port):
            return port
    raise NoPortError(f"no port from {_FIRST} to {_FIRST + _COUNT - 1} is free on loopback")


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial, suppress(OSError):
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", port))
        return True
    return False
