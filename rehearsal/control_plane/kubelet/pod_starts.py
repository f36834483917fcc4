"""Lets pods start once what they refer to is there, and says like a kubelet what they wait for."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from rehearsal.control_plane.api_client import STRATEGIC_MERGE_PATCH, ApiClient, ApiError
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet import pod_references as references
from rehearsal.control_plane.kubelet.certificate_makers import made_secrets
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects, Object
from rehearsal.control_plane.kubelet.pod_events import PodEvents
from rehearsal.control_plane.kubelet.pod_status import Obstacle, ready_to_start, waiting_status
from rehearsal.control_plane.kubelet.work_queue import WorkQueue

TASK = "pod starts"

_PATIENCE_SECONDS = 1.0
"""What is created together comes within a moment: only then does a pod tell what it waits for."""
_PULL_AGAIN_SECONDS = 5.0
"""A kubelet begins with ten."""
_CONFLICT = 409
_WATCHED = {
    references.SECRET: objects.SECRET,
    references.CONFIG_MAP: objects.CONFIG_MAP,
    references.SERVICE_ACCOUNT: objects.SERVICE_ACCOUNT,
}
_ERRORS = ("CreateContainerConfigError", "ErrImagePull", "ImagePullBackOff")


class ImagePulls(Protocol):
    """Who may pull which image."""

    def refusal(self, image: str, registries: frozenset[str]) -> str | None:
        """Why nodes do not get an image; `registries` are hosts for which the pod brings credentials."""
        ...


@dataclass
class _Wait:
    """What has been told of a pod that does not start."""

    since: float
    shown: list[Obstacle] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    refused: dict[str, float] = field(default_factory=dict)
    """Since when an image has been refused."""


class PodStarts:
    """The part of all kubelets that decides whether the containers of a pod may start."""

    def __init__(
        self,
        client: ApiClient,
        known: ClusterObjects,
        queue: WorkQueue,
        events: PodEvents,
        pulls: ImagePulls | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._objects, self._queue, self._events = client, known, queue, events
        self._pulls, self._clock = pulls, clock
        self._waits: dict[str, _Wait] = {}

    def changed(self, kind: str, key: str) -> None:
        """A pod is looked at when it changes, and when something that it may wait for does."""
        if kind == objects.POD:
            self._queue.add((TASK, key))
            return
        namespace = key.rpartition("/")[0]
        for pod in self._waits:
            if not namespace or pod.startswith(f"{namespace}/"):
                self._queue.add((TASK, pod))

    def reconcile(self, key: str) -> None:
        """Lets the pod start, or tells what is in the way."""
        pod = self._objects.get(objects.POD, key)
        if pod is None or not waits(pod):
            self._waits.pop(key, None)
            return
        wait = self._waits.setdefault(key, _Wait(self._clock()))
        obstacles = list(self._obstacles(pod, wait))
        left = wait.since + _PATIENCE_SECONDS - self._clock()
        if obstacles and left > 0:
            self._queue.add((TASK, key), left)
            return
        self._warn_of_pull_secrets(pod, wait)
        if obstacles:
            self._show(key, pod, obstacles, wait)
        else:
            self._release(key, pod)

    def _release(self, key: str, pod: Object) -> None:
        for secret in made_secrets(pod):
            self._make(secret)
        status: dict[str, Any] = {"conditions": [ready_to_start()]}
        if pod["status"].get("containerStatuses"):
            status = waiting_status(pod["spec"], [])
        self._client.patch(objects.path(objects.POD, key, "status"), {"status": status}, STRATEGIC_MERGE_PATCH)
        self._waits.pop(key, None)

    def _make(self, secret: Object) -> None:
        """One that is there already stays as it is."""
        try:
            self._client.create(f"/api/v1/namespaces/{secret['metadata']['namespace']}/secrets", secret)
        except ApiError as error:
            if error.status != _CONFLICT:
                raise

    def _show(self, key: str, pod: Object, obstacles: list[Obstacle], wait: _Wait) -> None:
        if any(obstacle.reason in _ERRORS[1:] for obstacle in obstacles):
            self._queue.add((TASK, key), _PULL_AGAIN_SECONDS)
        if wait.shown != obstacles:
            body = {"status": waiting_status(pod["spec"], obstacles)}
            self._client.patch(objects.path(objects.POD, key, "status"), body, STRATEGIC_MERGE_PATCH)
            wait.shown = obstacles
        for obstacle in obstacles:
            for reason, message in obstacle.events:
                self._warn(pod, reason, message, wait)

    def _warn_of_pull_secrets(self, pod: Object, wait: _Wait) -> None:
        """One that is missing keeps no pod from starting: the registry may not ask for it."""
        namespace = pod["metadata"]["namespace"]
        names = references.pull_secrets(pod["spec"])
        missing = [name for name in names if self._objects.get(objects.SECRET, f"{namespace}/{name}") is None]
        if missing:
            what = f"Unable to retrieve some image pull secrets ({', '.join(missing)})"
            message = f"{what}; attempting to pull the image may not succeed."
            self._warn(pod, "FailedToRetrieveImagePullSecret", message, wait)

    def _warn(self, pod: Object, reason: str, message: str, wait: _Wait) -> None:
        if message not in wait.told:
            wait.told.add(message)
            self._events.warn(pod, reason, message)

    def _obstacles(self, pod: Object, wait: _Wait) -> Iterator[Obstacle]:
        """As a kubelet meets them: volumes first, then each init container by itself, then the others."""
        spec, namespace = pod["spec"], pod["metadata"]["namespace"]
        unmounted = list(self._unmounted(pod))
        if unmounted:
            yield Obstacle(None, "", "", tuple(("FailedMount", message) for message in unmounted if message))
            return
        for container in spec.get("initContainers") or []:
            if found := self._of_container(container, spec, namespace, wait):
                yield found
                return
        for container in spec["containers"]:
            if found := self._of_container(container, spec, namespace, wait):
                yield found

    def _of_container(self, container: Object, spec: Object, namespace: str, wait: _Wait) -> Obstacle | None:
        """The image is pulled before the container is configured."""
        image = container.get("image", "")
        refusal = self._pulls.refusal(image, self._registries(spec, namespace)) if self._pulls else None
        if refusal:
            since = wait.refused.setdefault(image, self._clock())
            again = self._clock() - since >= _PULL_AGAIN_SECONDS
            return _pull_obstacle(container["name"], image, refusal, again)
        failure = references.setting_failure(container, self._keys(namespace), namespace)
        if failure is None:
            return None
        events = (("Failed", f"Error: {failure}"),)
        return Obstacle(container["name"], "CreateContainerConfigError", failure, events)

    def _unmounted(self, pod: Object) -> Iterator[str]:
        """Why volumes cannot be mounted; nothing is said of volumes that are being attached, others do so."""
        spec, namespace = pod["spec"], pod["metadata"]["namespace"]
        for mount in references.mounts(spec):
            if failure := references.mount_failure(mount, self._keys(namespace)):
                yield failure
        for name in references.claims(spec, pod["metadata"]["name"]):
            claim = self._objects.get(objects.CLAIM, f"{namespace}/{name}")
            if claim is None:
                yield f'persistentvolumeclaim "{name}" not found'
            elif not self._attached(claim, spec["nodeName"]):
                yield ""

    def _attached(self, claim: Object, node: str) -> bool:
        """A disk is attached to the node by the controller manager, which waits while another node has it."""
        name = claim["spec"].get("volumeName", "")
        volume = self._objects.get(objects.VOLUME, name)
        if volume is None or claim.get("status", {}).get("phase") != "Bound":
            return False
        if "csi" not in volume["spec"]:
            return True
        return any(
            attachment["spec"]["nodeName"] == node
            and attachment["spec"]["source"].get("persistentVolumeName") == name
            and attachment.get("status", {}).get("attached") is True
            for _, attachment in self._objects.items(objects.ATTACHMENT)
        )

    def _keys(self, namespace: str) -> references.Keys:
        def keys(kind: str, name: str) -> frozenset[str] | None:
            found = self._objects.get(_WATCHED[kind], f"{namespace}/{name}")
            return None if found is None else found["keys"]

        return keys

    def _registries(self, spec: Object, namespace: str) -> frozenset[str]:
        """Hosts for which the pod's pull Secrets have credentials; one that is missing is passed over."""
        found = (self._objects.get(objects.SECRET, f"{namespace}/{name}") for name in references.pull_secrets(spec))
        return frozenset(host for secret in found if secret for host in secret["registries"])


def waits(pod: Object) -> bool:
    """Whether it has a node and has neither started nor been let to."""
    status = pod.get("status", {})
    if "deletionTimestamp" in pod["metadata"] or not pod["spec"].get("nodeName") or status.get("phase") != "Pending":
        return False
    conditions = {condition["type"]: condition["status"] for condition in status.get("conditions") or []}
    if conditions.get("PodReadyToStartContainers") != "True":
        return True
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    return any(((item.get("state") or {}).get("waiting") or {}).get("reason") in _ERRORS for item in containers)


def _pull_obstacle(container: str, image: str, refusal: str, again: bool) -> Obstacle:
    """A kubelet tries, then waits longer and longer before it tries again."""
    failed = (("Failed", f'Failed to pull image "{image}": {refusal}'), ("Failed", "Error: ErrImagePull"))
    if not again:
        return Obstacle(container, "ErrImagePull", refusal, failed)
    message = f'Back-off pulling image "{image}": ErrImagePull: {refusal}'
    return Obstacle(container, "ImagePullBackOff", message, (("BackOff", f'Back-off pulling image "{image}"'),))
