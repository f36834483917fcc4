"""The little of the Kubernetes API that a small process of the control plane speaks: requests and watches."""

import base64
import http.client
import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

JSON = "application/json"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""What is asked for where names and labels are enough."""
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 3.0
_COMING = (404, 429)
"""What the server answers while a kind that was defined this moment is not served yet."""
_INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class ApiError(Exception):
    """A refusal of the API server."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Server:
    """Where the API server is and what it wants to see."""

    address: str
    """Host and port."""
    token: str
    authority: str
    """The certificate that it is recognised by, as PEM."""

    def connect(self, timeout: float | None) -> http.client.HTTPSConnection:
        """A connection of its own; `timeout` in seconds, None where silence is to be expected."""
        context = ssl.create_default_context(cadata=self.authority)
        return http.client.HTTPSConnection(self.address, timeout=timeout, context=context)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": JSON}


def read_kubeconfig(path: Path) -> Server:
    """The first cluster and user of a kubeconfig that is written as JSON, with a token in it. Raises `OSError`."""
    try:
        content = json.loads(path.read_text())
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        return Server(urlsplit(cluster["server"]).netloc, user["token"], authority)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise OSError(f"{path} is damaged: `make clean` forgets everything rehearsed") from error


class ApiClient:
    """Requests over one connection that is kept; for one thread alone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: http.client.HTTPSConnection | None = None

    def get(self, path: str) -> dict[str, Any]:
        """Raises `ApiError` and, where the server is away, `OSError`; so do the others."""
        return self._request("GET", path, None, JSON)

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._request("POST", path, body, JSON)

    def patch(self, path: str, body: dict[str, Any], type_: str = MERGE_PATCH) -> dict[str, Any]:
        return self._request("PATCH", path, body, type_)

    def delete(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._request("DELETE", path, body, JSON)

    def close(self) -> None:
        """Gives the connection up; the next request makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _request(self, method: str, path: str, body: dict[str, Any] | None, type_: str) -> dict[str, Any]:
        kept = self._connection is not None
        try:
            return self._send(method, path, body, type_)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not kept:
                raise OSError(str(error)) from error
        try:  # the server had closed a connection that was kept
            return self._send(method, path, body, type_)
        except http.client.HTTPException as error:
            self.close()
            raise OSError(str(error)) from error

    def _send(self, method: str, path: str, body: dict[str, Any] | None, type_: str) -> dict[str, Any]:
        if self._connection is None:
            self._connection = self._server.connect(_TIMEOUT_SECONDS)
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, {**self._server.headers, "Content-Type": type_})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 400:
            raise ApiError(response.status, _message(answer) or response.reason)
        return json.loads(answer or b"{}")


def _message(answer: bytes) -> str:
    """What a refusal says: an object of the API, or plain text where the server is too busy for one."""
    try:
        said = json.loads(answer)
    except ValueError:
        return answer.decode(errors="replace").strip()
    return str(said.get("message") or "") if isinstance(said, dict) else ""


@dataclass(frozen=True)
class Change:
    """What a watch tells."""

    kind: str
    type: str
    """ADDED, MODIFIED or DELETED; BEGIN before a list is told anew, COMPLETE once it has been."""
    object: dict[str, Any]


class Watch(threading.Thread):
    """Tells every object of a kind and each change after, for as long as the process lives; asks anew after a gap."""

    def __init__(
        self,
        server: Server,
        kind: str,
        path: str,
        tell: Callable[[Change], None],
        selector: str = "",
        type_: str = JSON,
    ) -> None:
        super().__init__(name=f"watch {kind}", daemon=True)
        self._server, self._kind, self._path, self._tell, self._selector = server, kind, path, tell, selector
        self._headers = {**server.headers, "Accept": type_}
        self._pause = threading.Event()

    def run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                for change in self._changes():
                    self._tell(change)
                    pause = _FIRST_PAUSE_SECONDS
            except (OSError, ValueError, http.client.HTTPException):
                pass  # the server is away or ended the answer in its middle; both mend by asking anew
            self._pause.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _changes(self) -> Iterator[Change]:
        """Until the server ends the watch, which it does every half an hour or so."""
        connection = self._server.connect(None)
        try:
            connection.request("GET", f"{self._path}?{urlencode(self._query())}", headers=self._headers)
            response = connection.getresponse()
            if response.status != 200:
                if response.status not in _COMING:
                    _log.warning("%s are not told: %s %s", self._kind, response.status, response.reason)
                return
            yield Change(self._kind, "BEGIN", {})
            for line in response:
                told = json.loads(line)
                if told["type"] == "ERROR":
                    return
                if told["type"] != "BOOKMARK":
                    yield Change(self._kind, told["type"], told["object"])
                elif _INITIAL_EVENTS_END in (told["object"]["metadata"].get("annotations") or {}):
                    yield Change(self._kind, "COMPLETE", {})
        finally:
            connection.close()

    def _query(self) -> dict[str, str]:
        """Streamed lists, one object at a time: kubernetes.io/docs/reference/using-api/api-concepts#streaming-lists."""
        query = {
            "watch": "true",
            "sendInitialEvents": "true",
            "resourceVersionMatch": "NotOlderThan",
            "allowWatchBookmarks": "true",
        }
        return {**query, "fieldSelector": self._selector} if self._selector else query
