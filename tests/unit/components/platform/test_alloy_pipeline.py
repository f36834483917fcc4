"""What Alloy itself makes of lines, by the pipelines that are deployed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from components.platform.alloy import EVENTS, PODS
from tests.programs import program
from tests.unit.components.platform.alloy_run import Entry, entries

Sent = Callable[..., list[Entry]]


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    def through(*lines: str, pipeline: Path = PODS) -> list[Entry]:
        return entries(program("alloy"), pipeline.read_text(), lines, tmp_path, cri=pipeline == PODS)

    return through


def test_labels_are_those_that_queries_may_select_by(sent: Sent):
    (entry,) = sent("hello")

    assert entry.labels == {
        "namespace": "shop", "pod": "cart-1", "container": "cart", "app": "cart", "level": "unknown",
    }  # fmt: skip
    assert entry.metadata == {}


def test_ids_are_found_under_their_common_names(sent: Sent):
    found = sent(
        '{"level":"info","request_id":"r1","trace_id":"t1","span_id":"s1"}',
        '{"level":"info","requestId":"r2","traceId":"t2","spanId":"s2"}',
        '{"@l":"Information","@tr":"t3","@sp":"s3","RequestId":"r3"}',
        '{"severity":"INFO","x-request-id":"r4","otelTraceID":"t4","otelSpanID":"s4"}',
        "level=info request_id=r5 traceID=t5 spanID=s5",
        "2026-11-21 10:00:00,123 INFO [cart] [cart.py:1] [trace_id=t6 span_id=s6] - sold, request-id: r6",
        '"GET / HTTP/1.1" 200 5 "-" "-" request_id: "r7" trace_id: "t7" span_id: "s7"',
    )

    by_request = {entry.metadata["request_id"]: entry for entry in found}
    assert {entry.labels["level"] for entry in found} == {"info"}
    assert {name: entry.metadata for name, entry in by_request.items()} == {
        f"r{number}": {"request_id": f"r{number}", "trace_id": f"t{number}", "span_id": f"s{number}"}
        for number in range(1, 8)
    }


def test_zeros_are_the_id_of_no_trace(sent: Sent):
    found = sent('{"level":"info","trace_id":"0","span_id":"0"}', "INFO [trace_id=0000 span_id=0000] - nothing")

    assert [entry.metadata for entry in found] == [{}, {}]


def test_levels_have_one_spelling(sent: Sent):
    lines = {
        '{"level":"ERROR","n":1}': "error",
        '{"lvl":"Warning","n":2}': "warn",
        '{"level":30,"n":3}': "info",
        '{"severity":"CRITICAL","n":4}': "fatal",
        '{"@l":"Verbose","n":5}': "debug",
        "ts=2026-11-21 lvl=dbug level=debug n=6": "debug",
        "E1121 10:00:00.000000       1 main.go:10] failed": "error",
        "W1121 10:00:00.000000       1 main.go:10] hm": "warn",
        "2026-11-21 10:00:00,123 WARNING [main] com.acme.Cart - slow": "warn",
        "INFO:     10.0.0.1:3000 - an ERROR was told of": "info",
        "panic: runtime error: index out of range": "error",
        '10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET /orders HTTP/1.1" 502 5 "-" "-"': "error",
        '10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET /orders HTTP/1.1" 404 5 "-" "-"': "info",
        '{"path":"/orders","status":503}': "error",
        "no level at all": "unknown",
    }

    assert {entry.line: entry.labels["level"] for entry in sent(*lines)} == lines


@pytest.mark.parametrize(
    "trace",
    [
        [
            "2026-11-21 10:00:00,123 ERROR [main] com.acme.Cart - failed",
            "java.lang.IllegalStateException: nope",
            "\tat com.acme.Cart.run(Cart.java:10)",
            "Caused by: java.io.IOException: disk",
            "\t... 10 more",
        ],
        [
            "ERROR:root:failed",
            "Traceback (most recent call last):",
            '  File "cart.py", line 1, in <module>',
            "    pay()",
            "ValueError: nope",
        ],
        ["panic: nope", "goroutine 1 [running]:", "main.main()", "\t/app/main.go:5 +0x1d", "exit status 2"],
        [
            "Unhandled exception. System.InvalidOperationException: nope",
            " ---> System.IO.IOException: disk",
            "   at Cart.Main() in /src/Program.cs:line 5",
        ],
        ["Uncaught TypeError: nope", "    at Object.<anonymous> (/app/cart.js:1:1)"],
    ],
    ids=["java", "python", "go", "dotnet", "nodejs"],
)
def test_a_stack_trace_is_one_record(sent: Sent, trace: list[str]):
    before, record, after = sent("INFO before", *trace, "INFO after")

    assert [line.strip() for line in record.line.splitlines()] == [line.strip() for line in trace]
    assert record.labels["level"] == "error"
    assert (before.line, after.line) == ("INFO before", "INFO after")


def test_what_the_runtime_cut_is_put_together(tmp_path: Path):
    pipeline = PODS.read_text()
    lines = [
        "2026-11-21T10:00:00.1Z stdout P INFO one ",
        "2026-11-21T10:00:00.2Z stdout F record",
        "2026-11-21T10:00:00.3Z stdout F the last of the lines",
    ]

    found = entries(program("alloy"), pipeline, lines, tmp_path, cri=False)

    assert found[0].line == "INFO one record"


def test_probes_that_went_well_are_dropped_and_those_that_failed_are_kept(sent: Sent):
    found = sent(
        'INFO:     10.0.0.1:3000 - "GET /health HTTP/1.1" 200 OK',
        '10.1.1.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 2 "-" "kube-probe/1.35"',
        '10.1.1.1 - - [21/Nov/2026:10:00:00 +0000] "GET /metrics HTTP/1.1" 200 2 "-" "Prometheus/3.14.0"',
        '{"level":"info","path":"/healthz/ready","status":200}',
        '{"level":"info","url":"/readyz?verbose","statusCode":204}',
        "",
        'INFO:     10.0.0.1:3000 - "GET /health HTTP/1.1" 503 Service Unavailable',
        '10.1.1.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 503 2 "-" "kube-probe/1.35"',
        '{"level":"error","path":"/healthz","status":500}',
        '{"level":"info","path":"/healthy-food","status":200}',
        'INFO:     10.0.0.1:3000 - "GET /metrics-of-mine HTTP/1.1" 200 OK',
    )

    assert sorted(entry.line[:60] for entry in found) == sorted(
        line[:60]
        for line in (
            'INFO:     10.0.0.1:3000 - "GET /health HTTP/1.1" 503 Service Unavailable',
            '10.1.1.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 503 2 "-" "kube-probe/1.35"',
            '{"level":"error","path":"/healthz","status":500}',
            '{"level":"info","path":"/healthy-food","status":200}',
            'INFO:     10.0.0.1:3000 - "GET /metrics-of-mine HTTP/1.1" 200 OK',
        )
    )


def test_secrets_are_masked_and_what_only_looks_like_them_is_not(sent: Sent):
    found = sent(
        '{"level":"info","password":"hunter22","n":1}',
        "connecting to postgres://cart:s3cr3t99@db:5432/cart",
        "Authorization: Bearer abcdefgh12345",
        "GET /orders?token=abcdef123&page=2",
        "key AKIAABCDEFGHIJKLMNOP in use",
        '{"level":"info","next_token":"zzzzzz","tokens":12345}',
        'using secret="logging/loki-tls"',
    )

    assert {entry.line for entry in found} == {
        '{"level":"info","password":"***","n":1}',
        "connecting to postgres://cart:***@db:5432/cart",
        "Authorization: Bearer ***",
        "GET /orders?token=***&page=2",
        "key *** in use",
        '{"level":"info","next_token":"zzzzzz","tokens":12345}',
        'using secret="logging/loki-tls"',
    }


def test_audit_events_are_marked_however_a_service_says_it(sent: Sent):
    found = sent(
        '{"level":"info","audit":true,"action":"user.deleted"}',
        '{"level":"info","log_type":"audit","action":"user.created"}',
        '{"level":"info","logger":"shop.audit","action":"user.locked"}',
        "level=info log_type=audit action=user.renamed",
        '{"level":"info","logger":"shop.cart","action":"added"}',
        '{"level":"info","log_type":"access","action":"got"}',
    )

    assert [entry.metadata.get("log_type") for entry in found if "user." in entry.line] == ["audit"] * 4
    assert [entry.metadata for entry in found if "user." not in entry.line] == [{}, {}]


def test_events_say_whose_they_are_and_why(sent: Sent):
    event = {"name": "cart-1", "kind": "Pod", "reason": "BackOff", "type": "Warning", "count": 3, "msg": "Back-off"}
    normal = {"name": "cart", "kind": "Deployment", "reason": "ScalingReplicaSet", "type": "Normal", "msg": "Scaled"}

    warning, scaled = sent(json.dumps(event), json.dumps(normal), pipeline=EVENTS)

    assert warning.labels == {
        "namespace": "shop", "pod": "alloy-events", "container": "events", "app": "kubernetes-events", "level": "warn",
    }  # fmt: skip
    assert warning.metadata == {"kind": "Pod", "name": "cart-1", "reason": "BackOff"}
    assert (scaled.labels["level"], scaled.metadata["reason"]) == ("info", "ScalingReplicaSet")
    assert json.loads(warning.line) == event
