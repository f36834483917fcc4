"""The stand-ins at work: an HTTP server that Prometheus scrapes and sends alerts to, as if it were the cluster."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rehearsal.live import exposition
from rehearsal.live.exporters import Target
from rehearsal.live.exposition import Clock
from rehearsal.live.generator import Line, lines
from rehearsal.live.programs import LOOPBACK
from rehearsal.live.samples import BEGAN_SECONDS

HISTORY_SECONDS, HISTORY_STEP = 660.0, 30.0
"""What a target tells of its past at its first scrape: panels show a course, and rates need one."""

ALERTS_PREFIX = "/alertmanager"


@dataclass
class StandIns:
    """Targets by number, and the alerts that came in."""

    targets: Sequence[Target]
    down: frozenset[int] = frozenset()
    """Targets that do not answer."""
    began: float = field(default_factory=lambda: time.time() - BEGAN_SECONDS)
    alerts: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    _lines: dict[int, list[Line]] = field(default_factory=dict[int, list[Line]])
    _told: set[int] = field(default_factory=set[int])
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def scrape(self, number: int) -> str:
        """What a target tells now; at first its history too."""
        with self._one_at_a_time:
            if number not in self._lines:
                self._lines[number] = list(lines(self.targets[number]))
            now = time.time()
            if number in self._told:
                return exposition.text(self._lines[number], [Clock(began=self.began, now=now)], stamped=False)
            steps = int(HISTORY_SECONDS / HISTORY_STEP)
            moments = [now - HISTORY_STEP * (steps - step) for step in range(steps)]
            clocks = [Clock(began=self.began, now=moment) for moment in moments]
            return exposition.text(self._lines[number], clocks, stamped=True)

    def arrived(self, number: int) -> None:
        """Notes that a target's history need not be told again."""
        self._told.add(number)


@contextmanager
def serving(stand_ins: StandIns) -> Iterator[int]:
    """Serves `/targets/<number>` and Alertmanager's receiver at a free port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = self.path.removeprefix("/targets/").partition("?")[0]
            if not number.isdigit() or int(number) >= len(stand_ins.targets):
                self._answer(404, "text/plain", "no such target")
                return
            if int(number) in stand_ins.down:
                self._answer(503, "text/plain", "down")
                return
            # Whoever asked may have lost patience: it then asks again.
            with suppress(ConnectionError):
                self._answer(200, exposition.CONTENT_TYPE, stand_ins.scrape(int(number)))
                stand_ins.arrived(int(number))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path != f"{ALERTS_PREFIX}/api/v2/alerts":
                self._answer(404, "text/plain", "no such address")
                return
            stand_ins.alerts.extend(json.loads(body))
            self._answer(200, "application/json", "{}")

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: every scrape would be a line."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
