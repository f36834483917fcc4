"""Passes what k6 pushes on to several Prometheus servers: replicas share nothing, and k6 pushes to one address."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_TIMEOUT_SECONDS = 5
_PASSED_ON = ("Content-Type", "Content-Encoding", "X-Prometheus-Remote-Write-Version", "Authorization")


@contextmanager
def one_address(urls: Sequence[str]) -> Iterator[str]:
    """One address that takes remote writes for all of these until the end of the block: of one, its own."""
    if len(urls) == 1:
        yield urls[0]
        return

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server names it so
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: value for name in _PASSED_ON if (value := self.headers[name])}
            # The worst answer is k6's: it warns, and goes on.
            self.send_response(max(_passed_on(url, body, headers) for url in urls))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: the terminal is k6's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _passed_on(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; 502 without one."""
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 502
