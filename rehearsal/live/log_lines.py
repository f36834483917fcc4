"""What the stand-ins log: lines of services, sidecars, the gateway and the cluster, as Alloy labels them.

Labels are namespace, pod, container, app and level; ids and the kind of a record are structured metadata: docs/logs.md.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.live.cluster import APPLICATION, SERVICES, Pod, digest, workload

STEP_SECONDS = 10.0
HISTORY_SECONDS = 1500.0
"""How far logs go back."""

SLOW_MS = 2400
REQUEST_PATHS = ("/orders", "/orders/42")
EVENTS = "kubernetes-events"
GATEWAY = "gateway"
"""Namespace of the gateway."""

STACK_TRACE = """Traceback (most recent call last):
  File "/app/orders.py", line 42, in create
    raise TimeoutError("database")
TimeoutError: database"""

_REASONS = (("BackOff", "Back-off restarting failed container"), ("Unhealthy", "Readiness probe failed"))
"""Of Kubernetes' events: kubernetes/kubernetes pkg/kubelet/events/event.go."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record."""

    time: float
    labels: Mapping[str, str]
    line: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Those of a line of JSON."""

    @property
    def nanoseconds(self) -> str:
        """The time as Loki keeps it."""
        return str(int(self.time * 1000) * 1_000_000)


def entries(now: float) -> list[Entry]:
    """Everything that was logged of late, by time."""
    found = [entry for name in SERVICES for pod in workload(name).pods() for entry in _of_pod(pod, now)]
    found += _gateway(workload("kong").pods()[0], now)
    found += _events(now)
    return sorted(found, key=lambda entry: entry.time)


def streams(found: Sequence[Entry]) -> list[dict[str, Any]]:
    """The body of a push: entries by their labels."""
    by_labels: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for entry in found:
        values = by_labels.setdefault(tuple(sorted(entry.labels.items())), [])
        values.append([entry.nanoseconds, entry.line, dict(entry.metadata)])
    return [{"stream": dict(labels), "values": values} for labels, values in by_labels.items()]


def last_number() -> int:
    """Number of the last request that was logged."""
    return int(HISTORY_SECONDS / STEP_SECONDS) - 1


def trace_id(service: str, number: int) -> str:
    """The trace of one request; the same in every service that it passes."""
    return digest("request", service, str(number))[:32]


def request_id(service: str, number: int) -> str:
    return f"req-{digest(service, str(number))[:12]}"


def _moments(now: float) -> Iterator[tuple[int, float]]:
    count = last_number() + 1
    return ((number, now - STEP_SECONDS * (count - number)) for number in range(count))


def _labels(pod: Pod, container: str, level: str) -> dict[str, str]:
    app = pod.workload.name
    namespace = pod.workload.namespace
    return {"namespace": namespace, "pod": pod.name, "container": container, "app": app, "level": level}


def _of_pod(pod: Pod, now: float) -> Iterator[Entry]:
    for number, moment in _moments(now):
        yield _request(pod, number, moment)
        if number % 13 == 4:
            yield _audit(pod, number, moment + 1)
        if number % 17 == 5:
            labels = _labels(pod, "app", "error")
            yield Entry(time=moment + 2, labels=labels, line=f"ERROR order not stored\n{STACK_TRACE}")
        if number % 19 == 6:
            yield _json(pod, "app", moment + 3, {"level": "warn", "message": "Unauthorized: the token has expired"})
        if number % 8 == 2:
            yield _sidecar(pod, number, moment + 4)
        if number % 6 == 1:
            yield _json(pod, "app", moment + 5, {"level": "info", "message": "WebSocket closed", "code": 1001})
        if number % 10 == 7:
            failed = {"level": "error", "message": "rpc error: code = Unavailable desc = connection refused"}
            yield _json(pod, "app", moment + 6, failed)


def _json(pod: Pod, container: str, moment: float, fields: Mapping[str, Any], **metadata: str) -> Entry:
    return Entry(
        time=moment,
        labels=_labels(pod, container, fields["level"]),
        line=json.dumps(fields),
        metadata=metadata,
        fields=fields,
    )


def _ids(pod: Pod, number: int) -> dict[str, str]:
    name = pod.workload.name
    return {"trace_id": trace_id(name, number), "request_id": request_id(name, number)}


def _request(pod: Pod, number: int, moment: float) -> Entry:
    failed, slow, denied = number % 7 == 3, number % 5 == 1, number % 11 == 6
    ids = _ids(pod, number)
    fields = {
        "level": "error" if failed else "warn" if denied else "info",
        "message": "request failed" if failed else "request completed",
        "method": "POST" if number % 2 else "GET",
        "path": REQUEST_PATHS[number % 2],
        "status": 500 if failed else 404 if denied else 200,
        "duration_ms": SLOW_MS if slow else 20 + number % 30,
        **ids,
    }
    return _json(pod, "app", moment, fields, **ids, span_id=digest(pod.name, str(number))[:16])


def _audit(pod: Pod, number: int, moment: float) -> Entry:
    ids = _ids(pod, number)
    outcome = "success" if number % 2 else "failure"
    fields = {"level": "info", "log_type": "audit", "action": "update", "outcome": outcome, "actor": "user-17", **ids}
    return _json(pod, "app", moment, fields, **ids, log_type="audit")


def _sidecar(pod: Pod, number: int, moment: float) -> Entry:
    """A line of daprd, with the fields of its logger: dapr/kit logger/dapr_logger.go."""
    failed = number % 3 == 0
    fields = {
        "app_id": pod.workload.name,
        "instance": pod.name,
        "level": "error" if failed else "warn",
        "msg": "error processing pub/sub event, topic: orders" if failed else "circuit breaker changed state: open",
        "scope": "dapr.runtime",
        "type": "log",
        "ver": "1.18.3",
    }
    return _json(pod, "daprd", moment, fields)


def _gateway(pod: Pod, now: float) -> Iterator[Entry]:
    """Lines of Kong's nginx: its access log, and its log of errors."""
    for number, moment in _moments(now):
        failed = number % 9 == 2
        ids = {"trace_id": trace_id(SERVICES[0], number), "request_id": request_id(SERVICES[0], number)}
        line = f'10.128.0.9 - - "GET /orders HTTP/1.1" {502 if failed else 200} 512 request_id: {ids["request_id"]}'
        yield Entry(
            time=moment + 7, labels=_labels(pod, "proxy", "error" if failed else "unknown"), line=line, metadata=ids
        )
        if failed:
            line = "[error] 1#1: *7 connect() failed (111: Connection refused) while connecting to upstream"
            yield Entry(time=moment + 8, labels=_labels(pod, "proxy", "error"), line=line)


def _events(now: float) -> Iterator[Entry]:
    """Kubernetes' events, as the one Alloy that watches them writes them."""
    about = workload(SERVICES[0]).pods()[0]
    for number, moment in _moments(now):
        reason, message = _REASONS[number % 2]
        normal = number % 5 == 0
        fields = {
            "kind": "Pod",
            "name": about.name,
            "type": "Normal" if normal else "Warning",
            "reason": "Pulled" if normal else reason,
            "msg": "Container image already present" if normal else message,
        }
        labels = {
            "namespace": APPLICATION, "pod": "alloy-events", "container": "events", "app": EVENTS,
            "level": "info" if normal else "warn",
        }  # fmt: skip
        metadata = {key: str(fields[key]) for key in ("kind", "name", "reason")}
        yield Entry(time=moment + 9, labels=labels, line=json.dumps(fields), metadata=metadata, fields=fields)
