"""When an alert fires, by what its expression gave at each evaluation; and the notation of promtool's tests."""

import math

import pytest

from rehearsal.live.evaluation import Alert, alert_of, courses, evaluations, labels_of, lookback
from rehearsal.live.prometheus_client import Result
from rehearsal.live.remote_write import STALE_MARK, compressed, request
from rehearsal.live.rule_tests import of_file
from rehearsal.live.series_notation import NotationError, labels, seconds, values

MINUTE = 60.0


def alert(**changes: str) -> Alert:
    return alert_of("topic", {"alert": "Down", "expr": "up == 0", "labels": {"severity": "critical"}, **changes})


def fired(rule: Alert, *minutes: int, until: int = 10) -> list[float]:
    result = Result(labels={"__name__": "up", "job": "a"}, samples=[(minute * MINUTE, 0.0) for minute in minutes])
    found = courses(rule, [result], 0.0, evaluations(MINUTE, until * MINUTE))
    return [moment / MINUTE for moment in found[0].firing]


def test_an_alert_without_a_wait_fires_at_once_and_ends_with_its_expression():
    assert fired(alert(), 2, 3) == [2, 3]


def test_an_alert_fires_once_its_expression_has_held_for_its_wait():
    assert fired(alert(**{"for": "2m"}), 1, 2, 3, 4) == [3, 4]


def test_a_gap_begins_the_wait_anew():
    assert fired(alert(**{"for": "2m"}), 1, 2, 4, 5, 6) == [6]


def test_an_alert_keeps_firing_for_as_long_as_it_is_told():
    assert fired(alert(keep_firing_for="2m"), 1) == [1, 2]


def test_an_alert_has_the_labels_of_its_series_and_of_its_rule():
    rule = alert_of(
        "topic",
        {
            "alert": "Down",
            "expr": "up == 0",
            "labels": {
                "severity": "critical",
                "team": "{{ $labels.namespace }}",
                "who": '{{ if eq "a" "b" }}c{{ end }}',
            },
        },
    )

    found = labels_of(rule, {"__name__": "up", "namespace": "todo", "who": "x"})

    assert found == {"namespace": "todo", "severity": "critical", "team": "todo"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up == 0", 0),
        ("rate(x[5m]) > rate(x[1h] offset 1d)", 86_400),
        ("max_over_time(rate(x[5m])[6h:1m])", 21_600),
        ('x{code=~"[234].."}', 0),
    ],
)
def test_an_expression_looks_back_over_its_longest_range(expression: str, expected: float):
    assert lookback(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"), [("time() - x > 5", True), ("hour() > 5", True), ("up_time > 5", False)]
)
def test_an_expression_that_looks_at_the_clock_is_known(expression: str, expected: bool):
    assert alert(expr=expression).depends_on_time is expected


def test_values_expand_as_promtool_expands_them():
    assert values("1+2x3 _ _x2 -5-1x1 0x2 1e3") == [1, 3, 5, 7, None, None, None, -5, -6, 0, 0, 0, 1000]
    assert values("stale") == [STALE_MARK]
    assert math.isnan(values("NaN")[0] or 0)
    with pytest.raises(NotationError, match="no value: many"):
        values("many")


def test_a_series_has_a_name_and_labels():
    assert labels("up") == {"__name__": "up"}
    assert labels("up{a=\"1\", b='x,y', }") == {"__name__": "up", "a": "1", "b": "x,y"}
    with pytest.raises(NotationError, match="no series"):
        labels("up{a=1}")


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("90s", 90), ("1h30m", 5_400), ("2d", 172_800)])
def test_a_duration_is_read(text: str, expected: float):
    assert seconds(text) == expected


def test_zero_thirty_times_is_no_hexadecimal_number():
    (test,) = of_file(
        "topic",
        "tests: [{interval: 1m, input_series: [{series: up, values: 0x30}], "
        "alert_rule_test: [{eval_time: 5m, alertname: Down}]}]",
    )

    assert test.series[0][1] == [(number * MINUTE, 0.0) for number in range(31)]
    assert test.expectations[0].firing == []


def test_a_write_is_a_snappy_block_of_literals():
    body = request([({"__name__": "up", "job": "a"}, [(1.0, 0.0), (2.0, STALE_MARK)])])

    assert b"__name__" in body
    assert bytes.fromhex("020000000000f07f") in body
    assert compressed(b"abc") == b"\x03\xf4\x02\x00abc"
