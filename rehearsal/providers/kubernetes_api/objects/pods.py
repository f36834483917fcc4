"""Why pods are not ready. Source of the wording: pulumi-kubernetes provider/pkg/await/checker/pod/check.go."""

from collections.abc import Iterator

from rehearsal.providers.wire import Properties


def obstacles(pod: Properties) -> list[str]:
    """What keeps a pod from running: where it cannot be placed, what its containers wait for or died of."""
    conditions = {item["type"]: item for item in pod.get("status", {}).get("conditions") or []}
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return [f"[Pod {name_of(pod)}]: {scheduled.get('message') or scheduled.get('reason', 'not scheduled')}"]
    why = [text for status in _statuses(pod) for text in _waiting(status)]
    ready = conditions.get("Ready", {})
    if is_ready(pod):
        return []
    if ready.get("reason") and ready.get("message"):
        why.insert(0, ready["message"])
    return [f"[Pod {name_of(pod)}]: {' '.join(why)}"] if why else []


def is_ready(pod: Properties) -> bool:
    status = pod.get("status", {})
    conditions = {item["type"]: item["status"] for item in status.get("conditions") or []}
    return conditions.get("Ready") == "True" or status.get("phase") == "Succeeded"


def name_of(pod: Properties) -> str:
    metadata = pod["metadata"]
    namespace = metadata.get("namespace", "default")
    return metadata["name"] if namespace == "default" else f"{namespace}/{metadata['name']}"


def _statuses(pod: Properties) -> Iterator[Properties]:
    status = pod.get("status", {})
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _waiting(status: Properties) -> Iterator[str]:
    state = status.get("state", {})
    waiting, terminated = state.get("waiting") or {}, state.get("terminated") or {}
    if waiting and waiting.get("reason") != "ContainerCreating":
        yield f"[{waiting.get('reason')}] {waiting.get('message', '')}".rstrip()
    if terminated.get("reason") and not status.get("ready") and terminated.get("exitCode") != 0:
        text = terminated.get("message")
        yield (
            f"[{terminated['reason']}] {text}"
            if text
            else f'container "{status["name"]}" completed with exit code {terminated.get("exitCode")}'
        )
