"""What the stand-ins log: lines of services, of the gateway and of the cluster, as Alloy labels them.

Labels are namespace, pod, container, app and level; ids and the kind of a record are structured metadata.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.live.cluster import APPLICATION, SERVICES, Pod, digest, workload

STEP_SECONDS = 10.0
HISTORY_SECONDS = 1500.0
"""Logs go back as far as the ranges of the ready queries, and not to before Loki takes them for old."""

SLOW_MS = 2400
REQUEST_PATHS = ("/orders", "/orders/42")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record."""

    time: float
    labels: Mapping[str, str]
    line: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


def entries(now: float) -> list[Entry]:
    """Everything that was logged of late, by time."""
    found: list[Entry] = []
    for name in SERVICES:
        for pod in workload(name).pods():
            found += _service(pod, now)
    found += _gateway(workload("kong").pods()[0], now)
    found += _events(now)
    return sorted(found, key=lambda entry: entry.time)


def streams(found: Sequence[Entry]) -> list[dict[str, Any]]:
    """The body of a push: entries by their labels."""
    by_labels: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for entry in found:
        values = by_labels.setdefault(tuple(sorted(entry.labels.items())), [])
        values.append([str(int(entry.time * 1000) * 1_000_000), entry.line, dict(entry.metadata)])
    return [{"stream": dict(labels), "values": values} for labels, values in by_labels.items()]


def trace_id(service: str, number: int) -> str:
    """The trace of one request; the same in every service that it passes."""
    return digest("request", service, str(number))[:32]


def request_id(service: str, number: int) -> str:
    return f"req-{digest(service, str(number))[:12]}"


def _labels(pod: Pod, container: str, level: str) -> dict[str, str]:
    app = pod.workload.name
    return {
        "namespace": pod.workload.namespace, "pod": pod.name, "container": container, "app": app, "level": level,
    }  # fmt: skip


def _moments(now: float) -> Iterator[tuple[int, float]]:
    count = int(HISTORY_SECONDS / STEP_SECONDS)
    return ((number, now - STEP_SECONDS * (count - number)) for number in range(count))


def _service(pod: Pod, now: float) -> Iterator[Entry]:
    name = pod.workload.name
    for number, moment in _moments(now):
        failed, slow, denied = number % 7 == 3, number % 5 == 1, number % 11 == 6
        status = 500 if failed else 404 if denied else 200
        level = "error" if failed else "warn" if denied else "info"
        ids = {"trace_id": trace_id(name, number), "request_id": request_id(name, number)}
        record = {
            "level": level,
            "message": "request failed" if failed else "request completed",
            "method": "POST" if number % 2 else "GET",
            "path": REQUEST_PATHS[number % 2],
            "status": status,
            "duration_ms": SLOW_MS if slow else 20 + number % 30,
            **ids,
        }
        metadata = {**ids, "span_id": digest(name, pod.name, str(number))[:16]}
        yield Entry(time=moment, labels=_labels(pod, "app", level), line=json.dumps(record), metadata=metadata)
        if number % 13 == 4:
            yield _audit(pod, number, moment + 1, metadata)


def _audit(pod: Pod, number: int, moment: float, metadata: Mapping[str, str]) -> Entry:
    record = {
        "level": "info", "log_type": "audit", "message": "order changed", "actor": "user-17", "action": "update",
        "resource": f"orders/{number}", "outcome": "success" if number % 2 else "failure",
        "request_id": metadata["request_id"], "trace_id": metadata["trace_id"],
    }  # fmt: skip
    line = json.dumps(record)
    return Entry(time=moment, labels=_labels(pod, "app", "info"), line=line, metadata={**metadata, "log_type": "audit"})


def _gateway(pod: Pod, now: float) -> Iterator[Entry]:
    for number, moment in _moments(now):
        status = 502 if number % 9 == 2 else 200
        level = "error" if status == 502 else "unknown"
        ids = {"trace_id": trace_id(SERVICES[0], number), "request_id": request_id(SERVICES[0], number)}
        line = f'10.128.0.9 - - "GET /orders HTTP/1.1" {status} 512 "-" "client" request_id: {ids["request_id"]}'
        yield Entry(time=moment, labels=_labels(pod, "proxy", level), line=line, metadata=ids)


def _events(now: float) -> Iterator[Entry]:
    """Kubernetes' events, as the one Alloy that watches them writes them."""
    pod = workload(SERVICES[0]).pods()[0]
    for number, moment in _moments(now):
        if number % 6 == 0:
            record = {
                "kind": "Pod",
                "name": pod.name,
                "type": "Warning",
                "reason": "BackOff",
                "msg": "Back-off restarting",
            }
            labels = {"namespace": APPLICATION, "app": "kubernetes-events", "level": "warn"}
            yield Entry(time=moment, labels=labels, line=json.dumps(record))
