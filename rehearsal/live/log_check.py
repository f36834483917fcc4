"""Every ready query of logs: it finds what was written, and nothing else.

What each has to find is said here a second time, in Python, of the records that were written.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from rehearsal.live.cluster import APPLICATION, SERVICES
from rehearsal.live.dashboard_check import AskLogs
from rehearsal.live.deployed import Deployed
from rehearsal.live.log_lines import EVENTS, GATEWAY, HISTORY_SECONDS, Entry, entries, last_number, request_id, streams
from rehearsal.live.log_lines import trace_id as trace_of
from rehearsal.live.loki_server import LokiClient
from rehearsal.live.prometheus_client import QueryError, Result
from rehearsal.live.report import Row
from rehearsal.live.variables import Times

SUBJECT = "logs"
QUERIES = "monitoring/log-queries"
"""The ConfigMap with the ready queries, one a file."""

SERVICE = SERVICES[0]
"""What is asked about: the lines of the other services must not be found."""

_FAILED = ("error", "fatal")
_LONGEST_SECONDS = 30.0
_TICK_SECONDS = 0.5

Found = Callable[[Entry], bool]
Key = tuple[str, ...]


def _of_service(entry: Entry) -> bool:
    return entry.labels["namespace"] == APPLICATION and entry.labels["app"] == SERVICE


def _is_event(entry: Entry, *reasons: str) -> bool:
    return entry.labels["app"] == EVENTS and (not reasons or entry.metadata["reason"] in reasons)


_LINES: Mapping[str, Found] = {
    "error-lines": lambda one: _of_service(one) and one.labels["level"] in _FAILED,
    "stack-traces": lambda one: _of_service(one) and "Traceback (most recent" in one.line,
    "slow-requests": lambda one: _of_service(one) and one.fields.get("duration_ms", 0) > 1000,
    "one-request": lambda one: (
        one.labels["namespace"] == APPLICATION and one.metadata.get("request_id") == request_id(SERVICE, last_number())
    ),
    "one-trace": lambda one: (
        one.labels["namespace"] == APPLICATION and one.metadata.get("trace_id") == trace_of(SERVICE, last_number())
    ),
    "audit-events": lambda one: _of_service(one) and one.metadata.get("log_type") == "audit",
    "refused-logins": lambda one: _of_service(one) and "Unauthorized" in one.line,
    "gateway-errors": lambda one: one.labels["namespace"] == GATEWAY and one.labels["level"] in _FAILED,
    "sidecar-errors": lambda one: (
        one.labels["namespace"] == APPLICATION and one.labels["container"] == "daprd" and one.labels["level"] in _FAILED
    ),
    "kubernetes-warnings": lambda one: _is_event(one) and one.labels["level"] == "warn",
    "kubernetes-evictions": lambda one: _is_event(one, "BackOff"),
}
"""Of queries that give lines: whether a record is one of them."""


def _number(
    span: float, key: Callable[[Entry], Key], counts: Found
) -> Callable[[Sequence[Entry], float], Counter[Key]]:
    def counted(written: Sequence[Entry], now: float) -> Counter[Key]:
        return Counter(key(one) for one in written if now - span < one.time <= now and counts(one))

    return counted


def _app(entry: Entry) -> Key:
    return entry.labels["app"], entry.labels["namespace"]


def _bytes(written: Sequence[Entry], now: float) -> Counter[Key]:
    total: Counter[Key] = Counter()
    for one in written:
        if one.labels["namespace"] == APPLICATION and one.time <= now:
            total[_app(one)] += len(one.line.encode())
    return total


def _slowest(written: Sequence[Entry], now: float) -> Counter[Key]:
    """The 95th percentile by path: with a fifth of them slow it is what the slow ones take."""
    slow = [one for one in written if _of_service(one) and one.fields.get("duration_ms", 0) > 1000]
    recent = [one for one in slow if now - 300 < one.time <= now]
    return Counter({(*_app(one), str(one.fields["path"])): int(one.fields["duration_ms"]) for one in recent})


_NUMBERS: Mapping[str, tuple[Sequence[str], Callable[[Sequence[Entry], float], Counter[Key]]]] = {
    "errors-by-service": (("app", "namespace"), _number(300, _app, _LINES["error-lines"])),
    "slowest-paths": (("app", "namespace", "path"), _slowest),
    "audit-events-by-action": (
        ("app", "action", "outcome"),
        _number(3600, lambda one: (SERVICE, one.fields["action"], one.fields["outcome"]), _LINES["audit-events"]),
    ),
    "kubernetes-reasons": (
        ("namespace", "reason"),
        _number(3600, lambda one: (APPLICATION, one.metadata["reason"]), _LINES["kubernetes-warnings"]),
    ),
    "volume-by-service": (("app", "namespace"), _bytes),
}
"""Of queries that count: the labels of a result, and what each set of them comes to."""


def write(client: LokiClient, now: float) -> list[Entry]:
    """Writes what the stand-ins logged until now, and returns it once Loki finds it."""
    written = entries(now)
    client.push(streams(written))
    newest = written[-1]
    selector = "{" + ",".join(f'{key}="{value}"' for key, value in newest.labels.items()) + "}"
    end = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < end and not client.lines(selector, newest.time - 1, now + 60):
        time.sleep(_TICK_SECONDS)
    return written


def asking(client: LokiClient) -> AskLogs:
    """How panels ask Loki."""

    def asked(query: str, times: Times, instant: bool) -> list[Result]:
        if instant:
            return client.instant(query, times.end)
        return client.numbers(query, times.start, times.end, times.interval)

    return asked


def check(client: LokiClient, deployed: Deployed, written: Sequence[Entry], now: float) -> list[Row]:
    """One row for each ready query of the plan."""
    files = deployed.config_maps.get(QUERIES)
    if not files:
        return [Row(subject=SUBJECT, name=QUERIES, outcome="FAIL", told="the plan has no such ConfigMap")]
    return [_row(client, name.removesuffix(".logql"), text, written, now) for name, text in sorted(files.items())]


def filled_in(query: str, name: str) -> str:
    """A ready query about one service, or one request or trace."""
    id_ = trace_of(SERVICE, last_number()) if "trace" in name else request_id(SERVICE, last_number())
    values = {"namespace": APPLICATION, "service": SERVICE, "id": id_}
    return re.sub(r"\$(\w+)", lambda found: values.get(found[1], found[0]), query)


def _row(client: LokiClient, name: str, text: str, written: Sequence[Entry], now: float) -> Row:
    query = filled_in(text, name)
    try:
        if name in _LINES:
            problem, told = _lines(client, query, [one for one in written if _LINES[name](one)], now)
        elif name in _NUMBERS:
            labels, counted = _NUMBERS[name]
            problem, told = _numbers(client, query, labels, counted(written, now), now)
        else:
            problem, told = "nothing says what it has to find", ""
    except QueryError as error:
        problem, told = str(error), ""
    return Row(subject=SUBJECT, name=name, outcome="FAIL" if problem else "ok", told=problem or told)


def _lines(client: LokiClient, query: str, wanted: Sequence[Entry], now: float) -> tuple[str, str]:
    found = client.lines(query, now - HISTORY_SECONDS - 60, now + 1)
    there = Counter((one.nanoseconds, one.labels.get("pod", ""), one.labels.get("container", "")) for one in found)
    expected = Counter((one.nanoseconds, one.labels["pod"], one.labels["container"]) for one in wanted)
    if not expected:
        return "no record was written that it could find", ""
    missing, surplus = expected - there, there - expected
    if missing or surplus:
        return f"{missing.total()} of {expected.total()} are missing, {surplus.total()} do not belong there", ""
    return "", f"{expected.total()} lines, no other"


def _numbers(
    client: LokiClient, query: str, labels: Sequence[str], wanted: Counter[Key], now: float
) -> tuple[str, str]:
    found = client.instant(query, now)
    there = Counter({tuple(one.labels.get(label, "") for label in labels): int(one.samples[-1][1]) for one in found})
    if not wanted:
        return "no record was written that it could count", ""
    if there != wanted:
        return f"{dict(there)}, not {dict(wanted)}"[:300], ""
    return "", f"{len(wanted)} numbers, sum {wanted.total()}"
