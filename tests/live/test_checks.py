"""The checks find what is wrong: a rule that is not as its test says, a query that finds too much or too little."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rehearsal.live import alert_check, dashboard_check, log_check
from rehearsal.live.alert_check import rules_of
from rehearsal.live.dashboard_check import Sources
from rehearsal.live.log_lines import entries
from rehearsal.live.loki_server import LogLine
from rehearsal.live.programs import Ports
from rehearsal.live.prometheus_client import QueryError, Result
from rehearsal.live.report import Row
from rehearsal.live.rule_tests import of_file
from rehearsal.live.servers import Servers
from rehearsal.live.variables import Times
from tests.programs import program

TESTS = """
evaluation_interval: 1m
tests:
  - name: down for ten minutes
    input_series: [{series: 'up{job="a"}', values: 1x5 0x10 1x5}]
    alert_rule_test:
      - {eval_time: 7m, alertname: Down}
      - {eval_time: 12m, alertname: Down, exp_alerts: [{exp_labels: {job: a, severity: critical}}]}
"""
NOW = 1_790_000_000.0


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., list[Row]]:
    program("prometheus")
    servers = Servers(folder=tmp_path, ports=Ports(str(tmp_path)))

    def run(*rules: dict[str, Any]) -> list[Row]:
        topics = {"topic": rules_of("topic", [{"name": "group", "rules": list(rules)}])}
        return alert_check.check(of_file("topic", TESTS), topics, servers.archive)

    return run


def rule(expression: str, **changes: Any) -> dict[str, Any]:
    return {"alert": "Down", "expr": expression, "for": "5m", "labels": {"severity": "critical"}, **changes}


def test_an_alert_that_does_as_its_test_says_holds(checked: Callable[..., list[Row]]):
    (row,) = checked(rule("up == 0"))

    assert (row.outcome, row.told) == ("ok", "fires in 1, quiet in 1, resolves")


def test_an_alert_on_the_clock_holds_on_a_server_of_its_own(checked: Callable[..., list[Row]]):
    (row,) = checked(rule("up == 0 and on () vector(time()) > 300"))

    assert row.outcome == "ok"


def test_an_alert_may_look_at_what_a_rule_records(checked: Callable[..., list[Row]]):
    rows = checked({"record": "job:up:sum", "expr": "sum by (job) (up)"}, rule("job:up:sum == 0"))

    assert [row.outcome for row in rows] == ["ok"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (rule("up == 1"), "at 720 s: fires nothing"),
        (rule("up == 0", **{"for": "0m"}), "at 420 s: fires"),
        (rule("up == 0", **{"for": "1h"}), "at 720 s: fires nothing, not job=a,severity=critical"),
        (rule("up == 0", labels={"severity": "info"}), "fires job=a,severity=info, not job=a,severity=critical"),
        (rule("sum(up) == 0"), "fires severity=critical, not job=a,severity=critical"),
    ],
)
def test_an_alert_that_does_not_is_told(wrong: dict[str, Any], told: str, checked: Callable[..., list[Row]]):
    (row,) = checked(wrong)

    assert row.outcome == "FAIL"
    assert told in row.told


def test_an_alert_without_a_test_and_a_test_without_an_alert_are_told(checked: Callable[..., list[Row]]):
    rows = checked(rule("up == 0", alert="Other"))

    assert {row.name: row.told for row in rows} == {
        "Other": "no test shows that it fires | no test shows that it does not fire",
        "Down": "is tested, and not deployed | down for ten minutes, at 720 s: fires nothing, "
        "not job=a,severity=critical | does not resolve when its series end",
    }


@dataclass
class Answers:
    """Answers in place of a Prometheus, by query."""

    known: dict[str, list[Result]] = field(default_factory=dict[str, list[Result]])

    def over(self, query: str, start: float, end: float, step: float) -> list[Result]:
        if query not in self.known:
            raise QueryError("unknown function")
        return self.known[query]

    def instant(self, query: str, time: float) -> list[Result]:
        return self.over(query, time, time, 1)


def panel(expression: str) -> list[Row]:
    target = {"refId": "A", "expr": expression, "datasource": {"uid": "prometheus"}}
    found = [Result(labels={}, samples=[(NOW, 1.0)])]
    nothing = [Result(labels={}, samples=[(NOW, float("nan"))])]
    client = Answers({"sum(up)": found, "sum(gone)": [], "0 / 0": nothing})
    sources = Sources(
        prometheus=client,  # pyright: ignore[reportArgumentType]
        logs=None,
        times=Times(start=NOW - 60, end=NOW, scrape_interval=30),
    )
    return dashboard_check.check({"gw-x": {"panels": [{"id": 1, "title": "Up", "targets": [target]}]}}, sources)


@pytest.mark.parametrize(
    ("expression", "outcome", "told"),
    [
        ("sum(up)", "ok", "1 series, 1 points"),
        ("sum(gone)", "FAIL", "A: no data | sum(gone)"),
        ("0 / 0", "FAIL", "A: no data | 0 / 0"),
        ("wrong(up)", "FAIL", "A: unknown function | wrong(up)"),
        ("sum($x)", "FAIL", "A: $x is no variable of the dashboard | sum($x)"),
    ],
)
def test_a_panel_holds_if_its_query_finds_a_number(expression: str, outcome: str, told: str):
    (row,) = panel(expression)

    assert (row.outcome, row.told) == (outcome, told)


def test_the_options_of_a_variable_of_logs_are_those_that_logs_have():
    found = {
        'sum by (app) (count_over_time({namespace=~".+"}[60s]))': [Result(labels={"app": "a"}, samples=[(NOW, 1)])]
    }
    variable = {
        "name": "app",
        "type": "query",
        "datasource": {"uid": "loki"},
        "query": 'label_values({namespace=~".+"}, app)',
    }
    sources = Sources(
        prometheus=Answers({}),  # pyright: ignore[reportArgumentType]
        logs=lambda query, times, instant: found[query] if instant else [],
        times=Times(start=NOW - 60, end=NOW, scrape_interval=30),
    )

    (row,) = dashboard_check.check({"gw-x": {"templating": {"list": [variable]}}}, sources)

    assert (row.name, row.outcome, row.told) == ("$app", "ok", "1 options: a")


@dataclass
class Lines:
    """A Loki that finds these records."""

    found: Sequence[LogLine]

    def lines(self, query: str, start: float, end: float) -> Sequence[LogLine]:
        return self.found


@contextmanager
def ready_query(name: str) -> Iterator[Any]:
    """A plan with one ready query."""

    @dataclass
    class Planned:
        config_maps: dict[str, dict[str, str]]

    yield Planned({log_check.QUERIES: {f"{name}.logql": '{namespace="todo"}'}})


def asked(name: str, kept: Callable[[int], bool], surplus: int = 0) -> Row:
    written = entries(NOW)
    wanted = [one for one in written if one.metadata.get("log_type") == "audit" and one.labels["app"] == "backend"]
    others = [one for one in written if one not in wanted][:surplus]
    found = [one for number, one in enumerate(wanted) if kept(number)] + others
    client = Lines([LogLine(labels=one.labels, nanoseconds=one.nanoseconds, line=one.line) for one in found])
    with ready_query(name) as planned:
        (row,) = log_check.check(client, planned, written, NOW)  # pyright: ignore[reportArgumentType]
    return row


def test_a_ready_query_finds_each_of_its_lines_and_no_other():
    assert asked("audit-events", lambda number: True).told == "24 lines, no other"
    assert asked("audit-events", lambda number: number > 0).told == "1 of 24 are missing, 0 do not belong there"
    assert asked("audit-events", lambda number: True, 2).told == "0 of 24 are missing, 2 do not belong there"


def test_a_ready_query_that_nobody_has_an_expectation_of_does_not_hold():
    assert asked("new", lambda number: True).told == "nothing says what it has to find"
