"""One cluster's API: objects by kind, name and namespace. The kinds that it serves are looked up as they are needed."""

import json
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import urllib3
from kubernetes import client

from rehearsal.providers.kubernetes_api.connection import UNREACHABLE_BECAUSE, Connection
from rehearsal.providers.kubernetes_api.refusals import NoMatchError, UnreachableError, refusal
from rehearsal.providers.wire import Properties

APPLY: Final = "application/apply-patch+yaml"
JSON_PATCH: Final = "application/json-patch+json"
_REQUEST_SECONDS = 60
_NOT_LET_IN = 401


@dataclass(frozen=True)
class Endpoint:
    """Where objects of a kind are."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        scope = f"/namespaces/{quote(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class Api:
    """Asks an API server, and turns its answers into objects and errors."""

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self._server = connection.server
        self._kinds: dict[str, dict[str, Endpoint]] = {}
        self._lock = threading.Lock()
        self.namespace = connection.namespace

    def version(self) -> str:
        """The server's version; raises `UnreachableError` where nothing answers."""
        return self._ask("GET", "/version")["gitVersion"]

    def endpoint(self, api_version: str, kind: str) -> Endpoint:
        """Where a kind is served; asked anew when it is not known, as definitions come during a run.

        Raises `NoMatchError` where it is not served.
        """
        with self._lock:
            known = self._kinds.get(api_version, {}).get(kind)
        if known is not None:
            return known
        served = self._served(api_version)
        with self._lock:
            self._kinds[api_version] = served
        if kind not in served:
            raise NoMatchError(f'no matches for kind "{kind}" in version "{api_version}"')
        return served[kind]

    def forget(self) -> None:
        """Drops what is known of kinds: a definition came or went."""
        with self._lock:
            self._kinds.clear()

    def of(self, manifest: Properties) -> Endpoint:
        """Where an object belongs."""
        return self.endpoint(manifest["apiVersion"], manifest["kind"])

    def get(self, endpoint: Endpoint, namespace: str | None, name: str) -> Properties:
        return self._ask("GET", endpoint.path(namespace, name))

    def items(self, endpoint: Endpoint, namespace: str | None, labels: str = "") -> list[Properties]:
        query = {"labelSelector": labels} if labels else {}
        return self._ask("GET", endpoint.path(namespace), query).get("items") or []

    def create(self, endpoint: Endpoint, manifest: Properties, query: dict[str, str]) -> Properties:
        metadata = manifest["metadata"]
        return self._ask("POST", endpoint.path(metadata.get("namespace")), query, manifest)

    def apply(self, endpoint: Endpoint, manifest: Properties, query: dict[str, str]) -> Properties:
        metadata = manifest["metadata"]
        return self._ask("PATCH", endpoint.path(metadata.get("namespace"), metadata["name"]), query, manifest, APPLY)

    def patch_json(self, endpoint: Endpoint, namespace: str | None, name: str, operations: list[Any]) -> Properties:
        return self._ask("PATCH", endpoint.path(namespace, name), {}, operations, JSON_PATCH)

    def replace(self, endpoint: Endpoint, manifest: Properties, query: dict[str, str]) -> Properties:
        metadata = manifest["metadata"]
        return self._ask("PUT", endpoint.path(metadata.get("namespace"), metadata["name"]), query, manifest)

    def delete(self, endpoint: Endpoint, namespace: str | None, name: str, propagation: str) -> None:
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        self._ask("DELETE", endpoint.path(namespace, name), {}, options)

    def _served(self, api_version: str) -> dict[str, Endpoint]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        status, body = self._send("GET", root, {}, None, None)
        if status == 404:
            return {}
        if status >= 400:
            raise refusal(status, body)
        return {
            item["kind"]: Endpoint(api_version, item["kind"], item["name"], item["namespaced"])
            for item in json.loads(body)["resources"]
            if "/" not in item["name"]
        }

    def _ask(
        self, method: str, path: str, query: dict[str, str] | None = None, body: Any = None, type: str | None = None
    ) -> Any:
        status, answer = self._send(method, path, query or {}, body, type)
        if status >= 400:
            raise refusal(status, answer)
        return json.loads(answer)

    def _send(self, method: str, path: str, query: dict[str, str], body: Any, type: str | None) -> tuple[int, str]:
        headers = {"Accept": "application/json", "Content-Type": type or "application/json"}
        full = f"{path}?{urlencode(query)}" if query else path
        try:
            request = self._client.param_serialize(
                method, full, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            method, url, sent, _, _ = request
            response = self._client.rest_client.request(
                method, url, headers=sent, body=body, _request_timeout=_REQUEST_SECONDS
            )
            answer = response.read() or b""
        except (client.ApiException, urllib3.exceptions.HTTPError) as error:
            raise UnreachableError(self._because(method, path, error)) from error
        if response.status == _NOT_LET_IN:
            raise UnreachableError(
                UNREACHABLE_BECAUSE.format(
                    server=self._server, why="the server has asked for the client to provide credentials"
                )
            )
        return response.status, answer.decode("utf-8", "replace")

    def _because(self, method: str, path: str, error: Exception) -> str:
        """The reason in few words: urllib3 names its own pools and objects before it."""
        reason = getattr(error, "reason", None) or error
        text = str(reason).rpartition(": Failed to establish a new connection: ")[2]
        if isinstance(reason, urllib3.exceptions.SSLError):
            text = f"tls: failed to verify certificate: {text}"
        return f'unable to load schema information from the API server: {method.title()} "{self._server}{path}": {text}'
