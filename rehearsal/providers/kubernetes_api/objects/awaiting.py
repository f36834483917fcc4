"""Waits until objects are ready or gone."""

import time
from collections.abc import Iterator

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.wait_for import expressions, unmet
from rehearsal.providers.kubernetes_api.api import Api, Endpoint
from rehearsal.providers.kubernetes_api.objects.readiness import Progress, progress
from rehearsal.providers.kubernetes_api.refusals import NoMatchError, Refusal
from rehearsal.providers.wire import Properties

_SHORTEST, _LONGEST = 0.05, 1.0
"""Seconds between two looks."""


class NotReadyError(CloudError):
    """An object that did not become ready in time, or never will."""

    def __init__(self, message: str, live: Properties, reasons: list[str]) -> None:
        super().__init__(message)
        self.live = live
        self.reasons = reasons


def until_ready(
    api: Api, endpoint: Endpoint, live: Properties, seconds: float, wait_for: str | None = None
) -> Properties:
    """The object once it is ready, or what it is waited for holds; raises `NotReadyError` after so many seconds."""
    metadata = live["metadata"]
    expressions(wait_for)
    for _ in _looks(seconds):
        found = _progress(api, live, wait_for)
        if found.ready:
            return live
        if found.failed:
            break
        live = api.get(endpoint, metadata.get("namespace"), metadata["name"])
    found = _progress(api, live, wait_for)
    if found.ready:
        return live
    what = "failed" if found.failed else "timed out waiting to be Ready"
    raise NotReadyError(f"'{metadata['name']}' {what}", live, list(found.reasons))


def until_gone(api: Api, endpoint: Endpoint, namespace: str | None, name: str, uid: str | None, seconds: float) -> None:
    """Returns once the object is gone, or another one bears its name; raises where finalizers hold it for too long."""
    live: Properties = {}
    for _ in _looks(seconds):
        try:
            live = api.get(endpoint, namespace, name)
        except Refusal as error:
            if error.not_found:
                return
            raise
        except NoMatchError:
            return
        if uid is not None and live["metadata"]["uid"] != uid:
            return
    held = ", ".join(live.get("metadata", {}).get("finalizers") or []) or "none"
    conditions = [
        item["message"] for item in live.get("status", {}).get("conditions") or [] if item.get("status") == "True"
    ]
    raise CloudError(f"'{name}' timed out waiting to be deleted (finalizers: {held}) {' '.join(conditions)}".strip())


def _progress(api: Api, live: Properties, wait_for: str | None) -> Progress:
    if not wait_for:
        return progress(api, live)
    reasons = unmet(wait_for, live)
    return Progress(not reasons, tuple(reasons))


def _looks(seconds: float) -> Iterator[None]:
    """Each look, the first at once, the pauses between them growing."""
    end, pause = time.monotonic() + seconds, _SHORTEST
    yield
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST)
        yield
