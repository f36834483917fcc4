"""What a client makes of an API server's answers."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rehearsal.control_plane.api_client import ApiClient, ApiError, Server, read_kubeconfig

ANSWERS = {
    "/fine": (200, b'{"kind": "List"}'),
    "/nothing": (200, b""),
    "/refused": (409, b'{"kind": "Status", "message": "nodes \\"a\\" already exists"}'),
    "/busy": (429, b"Too many requests, please try again later.\n"),
    "/silent": (503, b""),
}


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Plain(Server):
    """Without a certificate."""

    def connect(self, timeout: float | None) -> http.client.HTTPConnection:  # pyright: ignore[reportIncompatibleMethodOverride]
        return http.client.HTTPConnection(self.address, timeout=timeout)


@pytest.fixture(scope="module")
def client() -> Iterator[ApiClient]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        client = ApiClient(Plain(f"127.0.0.1:{server.server_port}", "token", ""))
        yield client
        client.close()
        server.shutdown()
        serving.join()


def test_an_answer_is_an_object(client: ApiClient):
    assert client.get("/fine") == {"kind": "List"}
    assert client.get("/nothing") == {}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/refused", 409, 'nodes "a" already exists'),
        ("/busy", 429, "Too many requests, please try again later."),
        ("/silent", 503, "Service Unavailable"),
    ],
)
def test_a_refusal_says_why_whether_it_is_an_object_or_plain_text(
    client: ApiClient, path: str, status: int, message: str
):
    with pytest.raises(ApiError) as refused:
        client.get(path)

    assert (refused.value.status, str(refused.value)) == (status, message)


@pytest.mark.parametrize("content", ["", "clusters: []", '{"clusters": [], "users": []}', "[]"])
def test_a_damaged_kubeconfig_is_told(tmp_path: Path, content: str):
    (tmp_path / "kubeconfig").write_text(content)

    with pytest.raises(OSError, match="kubeconfig is damaged: `make clean` forgets everything rehearsed"):
        read_kubeconfig(tmp_path / "kubeconfig")
