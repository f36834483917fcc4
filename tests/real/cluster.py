"""What tests do in a cluster: make objects in a namespace of their own, and wait for what becomes of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rehearsal.control_plane.api_client import MERGE_PATCH, ApiClient, ApiError
from rehearsal.control_plane.control_plane import ControlPlane

Object = dict[str, Any]
GROUPS = {
    "deployments": "apis/apps/v1",
    "statefulsets": "apis/apps/v1",
    "daemonsets": "apis/apps/v1",
    "jobs": "apis/batch/v1",
    "cronjobs": "apis/batch/v1",
    "ingresses": "apis/networking.k8s.io/v1",
    "ingressclasses": "apis/networking.k8s.io/v1",
    "storageclasses": "apis/storage.k8s.io/v1",
    "horizontalpodautoscalers": "apis/autoscaling/v2",
    "poddisruptionbudgets": "apis/policy/v1",
}
_SECONDS = 60.0
_TICK_SECONDS = 0.05


@contextmanager
def started(plane: ControlPlane) -> Iterator[ControlPlane]:
    """A control plane that runs, and is gone afterwards."""
    try:
        plane.start()
        yield plane
    finally:
        plane.wipe()


class Namespace:
    """One namespace, or what lies in none where it has no name."""

    def __init__(self, client: ApiClient, name: str = "") -> None:
        self.client, self.name = client, name

    def path(self, kind: str, name: str = "") -> str:
        parts = [GROUPS.get(kind, "api/v1"), *(["namespaces", self.name] if self.name else []), kind, name]
        return "/" + "/".join(part for part in parts if part)

    def create(self, kind: str, name: str, body: Object) -> Object:
        """Makes an object, as it is answered."""
        metadata = {"name": name, **body.get("metadata", {})}
        return self.client.create(self.path(kind), {**body, "metadata": metadata})

    def get(self, kind: str, name: str) -> Object | None:
        try:
            return self.client.get(self.path(kind, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, kind: str) -> list[Object]:
        return self.client.get(self.path(kind))["items"]

    def patch(self, kind: str, name: str, body: Object) -> Object:
        return self.client.patch(self.path(kind, name), body, MERGE_PATCH)

    def delete(self, kind: str, name: str) -> None:
        self.client.delete(self.path(kind, name))

    def wait(self, kind: str, name: str, done: Callable[[Object], Any]) -> Object:
        """The object once it is as wanted."""
        end = time.monotonic() + _SECONDS
        found = self.get(kind, name)
        while found is None or not done(found):
            assert time.monotonic() < end, f"{kind} {name}: {found}"
            time.sleep(_TICK_SECONDS)
            found = self.get(kind, name)
        return found

    def wait_until_gone(self, kind: str, name: str) -> None:
        end = time.monotonic() + _SECONDS
        while found := self.get(kind, name):
            assert time.monotonic() < end, f"{kind} {name}: {found}"
            time.sleep(_TICK_SECONDS)

    def warnings(self, name: str) -> set[tuple[str, str]]:
        """Reasons and messages of the warnings about an object."""
        return {
            (event["reason"], event["message"])
            for event in self.list("events")
            if event["involvedObject"]["name"] == name and event["type"] == "Warning"
        }


def is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions") or []
    return {"type": "Ready", "status": "True"}.items() <= next(
        (item for item in conditions if item["type"] == "Ready"), {}
    ).items()


def waiting(pod: Object) -> dict[str, str]:
    """What the containers of a pod wait for, by name."""
    statuses = pod["status"].get("containerStatuses") or []
    return {item["name"]: item["state"]["waiting"]["reason"] for item in statuses if "waiting" in item["state"]}


def pod(*containers: Object, **spec: Any) -> Object:
    """A pod that runs on, of one container where none is given."""
    return {"spec": {"containers": list(containers) or [{"name": "main", "image": "registry.test/app"}], **spec}}


def template(**spec: Any) -> Object:
    """The fields of a workload whose pods are labelled `app: test`."""
    labels = {"app": "test"}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, **pod(**spec)}}
