"""An API server that remembers what it was asked to do."""

from typing import Any

from rehearsal.control_plane.api_client import ApiClient, Change, Server
from rehearsal.control_plane.kubelet.cluster_objects import KINDS, ClusterObjects

Request = tuple[str, str, dict[str, Any] | None]


class FakeApi(ApiClient):
    """Answers every request with an empty object, or what a test has put there."""

    def __init__(self, answers: dict[str, dict[str, Any]] | None = None) -> None:
        super().__init__(Server("", "", ""))
        self.requests: list[Request] = []
        self._answers = answers or {}

    def _request(self, method: str, path: str, body: dict[str, Any] | None, type_: str) -> dict[str, Any]:
        if method != "GET":
            self.requests.append((method, path, body))
        return self._answers.get(path, {})


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def known(**objects: list[dict[str, Any]]) -> ClusterObjects:
    """What watches have told, all of them."""
    made = ClusterObjects()
    for kind in KINDS:
        list(made.take(Change(kind, "BEGIN", {})))
        for item in objects.get(kind, []):
            put(made, kind, item)
        list(made.take(Change(kind, "COMPLETE", {})))
    return made


def put(cluster: ClusterObjects, kind: str, item: dict[str, Any], type_: str = "ADDED") -> str:
    [key] = cluster.take(Change(kind, type_, item))
    return key
