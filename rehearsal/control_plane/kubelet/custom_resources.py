"""Does what the controllers of custom resources would do: Secrets appear, and objects say that they are ready.

The controllers themselves only seem to run. An object whose controller is not installed is left alone.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rehearsal.control_plane.api_client import ApiClient, ApiError
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects, Object
from rehearsal.control_plane.kubelet.pod_status import now
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.providers.kubernetes import vault
from rehearsal.providers.kubernetes.controllers import (
    SECRET,
    MadeSecret,
    chart_of,
    finalizers_of,
    kinds,
    labels_of_pods,
    outcome,
    served,
)
from rehearsal.providers.wire import Properties

TASK = "custom resources"

_AGAIN_SECONDS = 1.0
_DEPLOYMENTS = "/apis/apps/v1/deployments"
_STAND_IN = "app.kubernetes.io/name"
_CONFLICT, _NOT_FOUND = 409, 404


class CustomResources:
    """The controllers of all kinds that the rehearsal knows some of."""

    def __init__(
        self,
        client: ApiClient,
        known: ClusterObjects,
        queue: WorkQueue,
        watch: Callable[[str, str], None],
        home: Path | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._objects, self._queue = client, known, queue
        self._watch, self._home, self._clock = watch, home, clock
        self._deployments: tuple[float, list[Object]] = (-_AGAIN_SECONDS, [])

    def changed(self, kind: str, key: str) -> None:
        """Looks at what changed; with its definition, the objects of a kind begin to be told."""
        if kind == objects.DEFINITION and key in served() and self._objects.get(kind, key) is not None:
            self._watch(*served()[key])
        elif kind in kinds():
            self._queue.add((TASK, f"{kind} {key}"))

    def reconcile(self, task: str) -> None:
        """Makes what is missing. What is not ready is looked at again: anything may be what it waits for."""
        kind, _, key = task.partition(" ")
        object_ = self._objects.get(kind, key)
        if object_ is None:
            return
        if "deletionTimestamp" in object_["metadata"]:
            self._let_go(kind, key, object_)
            return
        found = outcome(kind, object_, self)
        for secret in found.secrets:
            self._make(secret, object_)
        self._tell(kind, key, object_, found.status)
        if found.obstacles:
            self._queue.add((TASK, task), _AGAIN_SECONDS)

    def runs_in(self, chart: str) -> str | None:
        for deployment in self._running():
            labels = deployment["spec"]["template"]["metadata"].get("labels") or {}
            if labels_of_pods(chart).items() <= labels.items() or labels.get(_STAND_IN) == chart:
                return deployment["metadata"]["namespace"]
        return None

    def find(self, kind: str, name: str, namespace: str) -> Properties | None:
        if kind in kinds():
            return self._objects.get(kind, f"{namespace}/{name}") or self._objects.get(kind, name)
        if kind == SECRET:
            return self._objects.get(objects.SECRET, f"{namespace}/{name}")
        try:
            return self._client.get(f"/api/v1/namespaces/{name}")
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise
            return None

    def in_vault(self, name: str) -> bool:
        return self._home is None or name not in vault.absent(self._home)

    def _running(self) -> list[Object]:
        """The Deployments with a pod that is there, asked for at most once a second."""
        asked, found = self._deployments
        if self._clock() - asked >= _AGAIN_SECONDS:
            items = self._client.get(_DEPLOYMENTS)["items"]
            found = [item for item in items if (item.get("status") or {}).get("availableReplicas")]
            self._deployments = (self._clock(), found)
        return found

    def _make(self, secret: MadeSecret, maker: Object) -> None:
        key = f"{secret.namespace}/{secret.name}"
        there = self._objects.get(objects.SECRET, key)
        body = secret.manifest(maker)
        if there is None:
            self._create(secret.namespace, body)
        elif absent := {name: value for name, value in body["data"].items() if name not in there["keys"]}:
            self._client.patch(objects.path(objects.SECRET, key), {"data": absent})

    def _create(self, namespace: str, body: Object) -> None:
        """One that is there already, though nobody has told of it yet, stays as it is."""
        try:
            self._client.create(f"/api/v1/namespaces/{namespace}/secrets", body)
        except ApiError as error:
            if error.status != _CONFLICT:
                raise

    def _let_go(self, kind: str, key: str, object_: Object) -> None:
        """Takes away what the object's controller holds it by until it has cleared up."""
        ours = finalizers_of(kind) if self.runs_in(chart_of(kind)) is not None else frozenset[str]()
        held = object_["metadata"].get("finalizers") or []
        others = [one for one in held if one not in ours]
        if others != held:
            self._client.patch(_place(kind, key), {"metadata": {"finalizers": others}})

    def _tell(self, kind: str, key: str, object_: Object, status: Properties) -> None:
        """Conditions as they are, the time of a change with them."""
        if not status:
            return
        told = (object_.get("status") or {}).get("conditions") or []
        if [_without_time(condition) for condition in told] == status["conditions"]:
            return
        conditions = [{**condition, "lastTransitionTime": now()} for condition in status["conditions"]]
        self._client.patch(f"{_place(kind, key)}/status", {"status": {**status, "conditions": conditions}})


def _place(kind: str, key: str) -> str:
    """The path of an object."""
    namespace, _, name = key.rpartition("/")
    group, _, plural = dict(served().values())[kind].rpartition("/")
    return f"{group}/namespaces/{namespace}/{plural}/{name}" if namespace else f"{group}/{plural}/{name}"


def _without_time(condition: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in condition.items() if key != "lastTransitionTime"}
