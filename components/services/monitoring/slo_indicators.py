"""What each objective of a service is measured by: PromQL for its bad events, and for all of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.services.model import ServiceSpec
from components.services.monitoring.slo import Day, Hours
from components.span_metrics import CALLS, DURATION, job

HEALTH_CHECKS = r".*\bgrpc[.]health[.]v1[.]Health/.*"
"""Names of the spans of gRPC health checks. What stands before the name of the method differs by the agent: nothing, a
slash (Python), `grpc.` (Node.js), or `POST /` (.NET), whose servers see HTTP.
https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/#span-name"""

DAYS: Mapping[Day, int] = {
    day: number
    for number, day in enumerate(("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"))
}
"""Days as `day_of_week()` counts them."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One objective that is a share of events, and how both sides of the share are measured."""

    service: str
    slo: str
    """Name of the objective, as in the `slo` label of everything that is recorded of it."""

    objective: str
    """Share of good events that is promised, as PromQL writes it."""

    bad: str
    """PromQL: bad events per second, over five minutes."""

    every: str
    """PromQL: all events per second, over five minutes."""


@dataclass(frozen=True, kw_only=True)
class Floor:
    """A throughput that a service is not to fall below."""

    service: str
    slo: str
    lowest: float
    """Events per second."""

    rate: str
    """PromQL: events per second, over half an hour."""

    hours: str
    """PromQL that has a result while the floor holds, empty where it always does."""


def indicators(workload: str, service: str, spec: ServiceSpec) -> list[Indicator]:
    """The objectives of one service that are a share of events."""
    return [
        Indicator(service=service, slo=slo, objective=f"{percent / 100:.7g}", bad=bad, every=every)
        for slo, percent, bad, every in _shares(workload, service, spec)
    ]


def floors(workload: str, service: str, spec: ServiceSpec) -> list[Floor]:
    """The floors of throughput of one service."""
    throughput = spec.slos.throughput
    if throughput is None:
        return []
    requests = f"sum(rate({CALLS}{server_spans(workload, service, spec)}[30m]))"
    sidecar = _labels(namespace=workload, app_id=service, process_status="success")
    counts = [f"rate(dapr_component_pubsub_ingress_{name}{sidecar}[30m])" for name in ("count", "bulk_event_count")]
    measured = {
        "throughput-requests": (throughput.requests_per_second, requests),
        "throughput-events": (throughput.events_per_second, f"sum({' or '.join(counts)})"),
    }
    idle = " or vector(0)" if throughput.idle_counts else " > 0"
    hours = in_hours(throughput.hours)
    return [
        Floor(service=service, slo=slo, lowest=lowest, rate=f"{rate}{idle}", hours=hours)
        for slo, (lowest, rate) in measured.items()
        if lowest is not None
    ]


def in_hours(hours: Hours) -> str:
    """PromQL that has a result in these hours alone, empty where they are all hours."""
    if hours.since < hours.until:
        bounds = [f">= {hours.since}"] if hours.since > 0 else []
        bounds += [f"< {hours.until}"] if hours.until < 24 else []
        time = f"hour() {' '.join(bounds)}" if bounds else ""
    else:
        time = f"hour() >= {hours.since} or hour() < {hours.until}"
    numbers = sorted(DAYS[day] for day in hours.days)
    days = "" if len(numbers) == len(DAYS) else " or ".join(f"day_of_week() == {number}" for number in numbers)
    return " and ".join(f"({part})" for part in (time, days) if part)


def _shares(workload: str, service: str, spec: ServiceSpec) -> Iterator[tuple[str, float, str, str]]:
    """Name, objective in percent, bad events and all events of each objective that the service has."""
    slos = spec.slos
    if spec.ports:
        yield from _of_spans(workload, service, spec)
    own = {"namespace": workload, "service": service}
    if slos.websocket_availability is not None:
        opened, closed = "websocket_connections_opened_total", "websocket_connections_closed_total"
        failed, dropped = _labels(**own, outcome="failed"), _labels(**own, reason=("abnormal", "error"))
        bad = f"sum(rate({opened}{failed}[5m]) or rate({closed}{dropped}[5m])) or vector(0)"
        every = f"sum(rate({opened}{_labels(**own)}[5m]) or rate({closed}{_labels(**own)}[5m]))"
        yield "websocket-availability", slos.websocket_availability, bad, every
    if slos.audit_durability is not None:
        received = f"sum(rate(audit_events_received_total{_labels(**own)}[5m]))"
        stored = f"sum(rate(audit_events_stored_total{_labels(**own)}[5m]))"
        yield "audit-durability", slos.audit_durability, f"{received} - ({stored} or vector(0))", received
    if slos.event_durability is not None:
        bad, every = _of_events({"namespace": workload, "app_id": service})
        yield "event-durability", slos.event_durability, bad, every


def _of_spans(workload: str, service: str, spec: ServiceSpec) -> Iterator[tuple[str, float, str, str]]:
    """Availability, and both latencies as the share of requests that take no longer."""
    slos, failed = spec.slos, server_spans(workload, service, spec, status_code="STATUS_CODE_ERROR")
    spans = server_spans(workload, service, spec)
    if slos.availability is not None:
        bad = f"sum(rate({CALLS}{failed}[5m])) or vector(0)"
        yield "availability", slos.availability, bad, f"sum(rate({CALLS}{spans}[5m]))"
    for slo, percent, bound in (("latency-p95", 95, slos.latency_p95_ms), ("latency-p99", 99, slos.latency_p99_ms)):
        if bound is not None:
            every = f"sum(rate({DURATION}_count{spans}[5m]))"
            quick = server_spans(workload, service, spec, le=str(bound))
            yield slo, percent, f"{every} - sum(rate({DURATION}_bucket{quick}[5m]))", every


def _of_events(sidecar: Mapping[str, str]) -> tuple[str, str]:
    """Events lost, and all of those that were published or came to an end.

    Dapr counts an event again each time that it is retried: those are neither. One that the service itself tells it to
    drop has the status `success`. A bulk publish is counted by calls, so it is not counted here.
    https://github.com/dapr/dapr/blob/v1.18.3/pkg/runtime/subscription/postman/http/http.go
    """
    prefix = "dapr_component_pubsub"
    ended = _labels(**sidecar, process_status=("success", "drop"))
    lost = [
        f"rate({prefix}_egress_count{_labels(**sidecar, success='false')}[5m])",
        f"rate({prefix}_ingress_count{_labels(**sidecar, process_status='drop', status='drop')}[5m])",
        f"rate({prefix}_ingress_bulk_event_count{_labels(**sidecar, process_status='drop')}[5m])",
    ]
    every = [
        f"rate({prefix}_egress_count{_labels(**sidecar)}[5m])",
        f"rate({prefix}_ingress_count{ended}[5m])",
        f"rate({prefix}_ingress_bulk_event_count{ended}[5m])",
    ]
    return f"sum({' or '.join(lost)}) or vector(0)", f"sum({' or '.join(every)})"


def server_spans(workload: str, service: str, spec: ServiceSpec, **more: str) -> str:
    """Selects what the service answered, without what the kubelet and Prometheus ask of it."""
    asked = spec.probes.paths() | ({spec.metrics.path} if spec.metrics else set())
    routes = {path.partition("?")[0] for path in asked}
    matchers = _labels(job=job(workload, service), span_kind="SPAN_KIND_SERVER", **more)
    without = [f"http_route!~{_quoted('|'.join(_literal(route) for route in sorted(routes)))}"] if routes else []
    without += [f"span_name!~{_quoted(HEALTH_CHECKS)}"] if spec.probes.ask_by_grpc else []
    return ",".join([matchers[:-1], *without]) + "}"


def _labels(**values: str | tuple[str, ...]) -> str:
    """A selector's matchers: a label is equal to a text, or one of several."""
    matchers = (
        f"{label}={_quoted(value)}" if isinstance(value, str) else f"{label}=~{_quoted('|'.join(value))}"
        for label, value in values.items()
    )
    return f"{{{','.join(matchers)}}}"


def _literal(text: str) -> str:
    """A regular expression of RE2 that matches this text alone."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def _quoted(text: str) -> str:
    """A string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
