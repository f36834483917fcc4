"""Samples reach every replica, and k6 is told of the one that does not take them."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.load.replicas import one_address

URL = "http://localhost:9090/prometheus/api/v1/write"
Taken = list[tuple[str, str, bytes]]
"""Path, encoding and body of what a replica was sent."""


@contextmanager
def replica(status: int, taken: Taken) -> Iterator[str]:
    """The address of something that answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, self.headers["Content-Encoding"], body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/prometheus/api/v1/write"
        finally:
            server.shutdown()
            thread.join()


def sent(address: str) -> int:
    """The status of a write."""
    request = urllib.request.Request(address, data=b"samples", headers={"Content-Encoding": "snappy"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize(("statuses", "told"), [([204, 204], 204), ([204, 404], 404), ([503, 204], 503)])
def test_each_replica_gets_what_is_written_and_the_worst_answer_is_told(statuses: list[int], told: int):
    taken: list[Taken] = [[] for _ in statuses]

    with ExitStack() as stack:
        urls = [stack.enter_context(replica(*one)) for one in zip(statuses, taken, strict=True)]
        assert sent(stack.enter_context(one_address(urls))) == told

    assert taken == [[("/prometheus/api/v1/write", "snappy", b"samples")]] * len(statuses)


def test_a_replica_that_is_away_is_told_of_as_a_bad_gateway():
    taken: Taken = []
    with replica(204, []) as gone:
        pass

    with replica(204, taken) as there, one_address([gone, there]) as address:
        assert sent(address) == 502

    assert len(taken) == 1


def test_one_prometheus_is_written_to_as_it_is():
    with one_address([URL]) as address:
        assert address == URL
