"""Which registries and repositories answer: asked once for all releases, and with little patience."""

import socket
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from rehearsal.providers.kubernetes_api.releases.shared_file import held

_ANSWERS_SECONDS = 3.0
_REMEMBERED_SECONDS = 900.0
_DEFAULT_PORT = 443


def reachable(home: Path, host: str) -> bool:
    """Whether something answers there. That nothing does is remembered for a quarter of an hour."""
    with held(_file(home)) as silent:
        # Whoever asks for the same host meanwhile waits for this answer.
        if time.time() - float(silent.get(host, 0)) < _REMEMBERED_SECONDS:
            return False
        answers = _answers(host)
        silent.pop(host, None)
        if not answers:
            silent[host] = time.time()
    return answers


def remember(home: Path, host: str) -> None:
    """Notes a host that answered, but from which nothing arrived."""
    with held(_file(home)) as silent:
        silent[host] = time.time()


def _file(home: Path) -> Path:
    return home / "helm" / "silent-hosts.json"


def _answers(host: str) -> bool:
    """Whether something listens there, or at the proxy that leads there."""
    reached = threading.Event()

    def connect() -> None:
        with suppress(OSError), socket.create_connection(_address(host), timeout=_ANSWERS_SECONDS):
            reached.set()

    # A name server that keeps silent has a patience of its own.
    asking = threading.Thread(target=connect, daemon=True)
    asking.start()
    asking.join(_ANSWERS_SECONDS)
    return reached.is_set()


def _address(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    proxy = urllib.request.getproxies().get("https")
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        through = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        return through.hostname or "", through.port or _DEFAULT_PORT
    return parts.hostname or "", parts.port or _DEFAULT_PORT
