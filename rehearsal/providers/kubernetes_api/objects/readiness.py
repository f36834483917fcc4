"""When objects of a kind are ready, and what is said of those that are not.

Source: pulumi-kubernetes provider/pkg/await. A custom resource definition is awaited besides, so that objects of its
kind need not ask twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.providers import paths
from rehearsal.providers.kubernetes_api.api import Api
from rehearsal.providers.kubernetes_api.objects.pods import is_ready, obstacles
from rehearsal.providers.kubernetes_api.refusals import Refusal
from rehearsal.providers.wire import Properties


@dataclass(frozen=True)
class Progress:
    """How far an object is."""

    ready: bool
    reasons: tuple[str, ...] = ()
    failed: bool = False
    """It will not become ready any more."""


_READY: Final = Progress(True)


def progress(api: Api, live: Properties) -> Progress:
    """How far a live object is; one of a kind that needs no time is ready."""
    look = _KINDS.get((live["apiVersion"], live["kind"]))
    return look(api, live) if look else _READY


def _deployment(api: Api, live: Properties) -> Progress:
    status, wanted = live.get("status", {}), _wanted(live)
    conditions = _conditions(live)
    if (
        _observed(live)
        and conditions.get("Available", {}).get("status") == "True"
        and status.get("updatedReplicas", 0) >= wanted
        and status.get("availableReplicas", 0) >= wanted
        and status.get("replicas", 0) <= max(wanted, status.get("updatedReplicas", 0))
    ):
        return _READY
    said = [
        f"[{item['reason']}] {item['message']}"
        for name in ("Progressing", "Available", "ReplicaFailure")
        if (item := conditions.get(name)) and (item["status"] == "False") != (name == "ReplicaFailure")
    ]
    return Progress(False, (*said, "Minimum number of live Pods was not attained", *_pods(api, live)))


def _stateful_set(api: Api, live: Properties) -> Progress:
    status, wanted = live.get("status", {}), _wanted(live)
    rolled = paths.first(live, "spec.updateStrategy.type") == "OnDelete" or (
        status.get("updatedReplicas", 0) >= wanted and status.get("currentRevision") == status.get("updateRevision")
    )
    if _observed(live) and status.get("readyReplicas", 0) >= wanted and rolled:
        return _READY
    ready = f"{status.get('readyReplicas', 0)} out of {wanted} replicas succeeded readiness checks"
    return Progress(False, (ready, *_pods(api, live)))


def _daemon_set(api: Api, live: Properties) -> Progress:
    status = live.get("status", {})
    wanted = status.get("desiredNumberScheduled", 0)
    if (
        _observed(live)
        and status.get("numberReady", 0) >= wanted
        and (status.get("updatedNumberScheduled", 0) >= wanted or _on_delete(live))
    ):
        return _READY
    return Progress(False, (f"{status.get('numberReady', 0)} out of {wanted} pods are ready", *_pods(api, live)))


def _job(api: Api, live: Properties) -> Progress:
    conditions = _conditions(live)
    if conditions.get("Complete", {}).get("status") == "True" or paths.first(live, "spec.suspend") is True:
        return _READY
    failed = conditions.get("Failed", {})
    if failed.get("status") == "True":
        return Progress(False, (f"[{failed.get('reason')}] {failed.get('message')}", *_pods(api, live)), failed=True)
    return Progress(False, ("Job has not completed", *_pods(api, live)))


def _pod(api: Api, live: Properties) -> Progress:
    return _READY if is_ready(live) else Progress(False, tuple(obstacles(live)))


def _service(api: Api, live: Properties) -> Progress:
    spec = live["spec"]
    if spec.get("type") == "LoadBalancer" and not paths.first(live, "status.loadBalancer.ingress"):
        why = "Service was not allocated an IP address; does your cloud provider support this?"
        return Progress(False, (why,))
    if not spec.get("selector") or spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
        return _READY
    slices = _related(api, "discovery.k8s.io/v1", "EndpointSlice", live, f"kubernetes.io/service-name={_name(live)}")
    pending = [item for one in slices for item in one.get("endpoints") or [] if not _serves(item)]
    if not pending:
        return _READY
    why = (
        "Service does not target any Pods. Selected Pods may not be ready, or "
        "field '.spec.selector' may not match labels on any Pods"
    )
    return Progress(False, (why,))


def _ingress(api: Api, live: Properties) -> Progress:
    if paths.first(live, "status.loadBalancer.ingress"):
        return _READY
    return Progress(False, ("Ingress .status.loadBalancer field was not updated with a hostname/IP address.",))


def _claim(api: Api, live: Properties) -> Progress:
    phase = paths.first(live, "status.phase")
    if phase == "Bound":
        return _READY
    name = paths.first(live, "spec.storageClassName")
    if not name:
        return Progress(False, (f'no storage class found for "{_name(live)}"',))
    try:
        storage = api.get(api.endpoint("storage.k8s.io/v1", "StorageClass"), None, name)
    except Refusal as error:
        return Progress(False, (f'getting storageclass "{name}": {error}',))
    waits = storage.get("volumeBindingMode") == "WaitForFirstConsumer"
    return _READY if waits and phase == "Pending" else Progress(False, (f"status.phase currently at: {phase}",))


def _volume(api: Api, live: Properties) -> Progress:
    phase = paths.first(live, "status.phase")
    return _READY if phase in ("Available", "Bound") else Progress(False, (f"status.phase currently at: {phase}",))


def _quota(api: Api, live: Properties) -> Progress:
    hard = live["spec"].get("hard")
    return _READY if paths.first(live, "status.hard") == hard or not hard else Progress(False, ("not counted yet",))


def _secret(api: Api, live: Properties) -> Progress:
    if live.get("type") != "kubernetes.io/service-account-token" or live.get("data"):
        return _READY
    return Progress(False, ("no token was put into it: is there a service account of that name?",))


def _definition(api: Api, live: Properties) -> Progress:
    conditions = _conditions(live)
    if conditions.get("Established", {}).get("status") == "True":
        return _READY
    refused = conditions.get("NamesAccepted", {})
    if refused.get("status") == "False":
        return Progress(False, (f"[{refused.get('reason')}] {refused.get('message')}",), failed=True)
    return Progress(False, ("the definition is not established",))


def _controller(api: Api, live: Properties) -> Progress:
    available = live.get("status", {}).get("availableReplicas", 0)
    return _READY if available == _wanted(live) else Progress(False, tuple(_pods(api, live)))


_KINDS: Final[dict[tuple[str, str], Callable[[Api, Properties], Progress]]] = {
    ("apps/v1", "Deployment"): _deployment,
    ("apps/v1", "StatefulSet"): _stateful_set,
    ("apps/v1", "DaemonSet"): _daemon_set,
    ("batch/v1", "Job"): _job,
    ("networking.k8s.io/v1", "Ingress"): _ingress,
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): _definition,
    ("v1", "Pod"): _pod,
    ("v1", "Service"): _service,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "PersistentVolume"): _volume,
    ("v1", "ReplicationController"): _controller,
    ("v1", "ResourceQuota"): _quota,
    ("v1", "Secret"): _secret,
}


def _wanted(live: Properties) -> int:
    replicas = paths.first(live, "spec.replicas")
    return 1 if replicas is None else replicas


def _observed(live: Properties) -> bool:
    return live.get("status", {}).get("observedGeneration", 0) >= live["metadata"].get("generation", 0)


def _on_delete(live: Properties) -> bool:
    return paths.first(live, "spec.updateStrategy.type") == "OnDelete"


def _serves(endpoint: Properties) -> bool:
    return endpoint.get("conditions", {}).get("ready") is not False


def _conditions(live: Properties) -> dict[str, Properties]:
    return {item["type"]: item for item in live.get("status", {}).get("conditions") or []}


def _name(live: Properties) -> str:
    return live["metadata"]["name"]


def _pods(api: Api, live: Properties) -> list[str]:
    """What keeps the pods of a workload from running."""
    labels: Any = paths.first(live, "spec.selector.matchLabels") or paths.first(live, "spec.selector") or {}
    selector = ",".join(f"{key}={value}" for key, value in labels.items() if isinstance(value, str))
    pods = _related(api, "v1", "Pod", live, selector) if selector else []
    return sorted({why for pod in pods for why in obstacles(pod)})


def _related(api: Api, api_version: str, kind: str, live: Properties, labels: str) -> list[Properties]:
    return api.items(api.endpoint(api_version, kind), live["metadata"].get("namespace"), labels)
