"""Each test of an alert, again: its series in a real Prometheus, the expression as it is deployed, and `for`.

Tests share a server and lie so far apart in time that none sees the series of another. Where an expression looks at the
clock it gets a server of its own, in which time begins at zero as promtool's does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import promql_parser

from rehearsal.live.evaluation import Alert, Course, alert_of, courses, evaluations, lookback
from rehearsal.live.prometheus_client import PrometheusClient, QueryError, Result
from rehearsal.live.report import Row
from rehearsal.live.rule_tests import Expectation, RuleTest
from signals.expressions import name_of, selectors

APART = 45 * 86_400.0
"""Seconds between the begins of two tests: more than the longest test and the longest range together."""

_POINTS = 10_000
"""Most that Prometheus gives for a series at once is 11,000."""

_STALE_AFTER = 300.0
"""Seconds for which a sample counts: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness"""

Server = Callable[[], AbstractContextManager[PrometheusClient]]
"""Starts an empty Prometheus."""


@dataclass
class Seen:
    """What the tests showed of one alert."""

    problems: list[str] = field(default_factory=list[str])
    fired: int = 0
    quiet: int = 0
    resolved: bool = False
    without_data: bool = False
    """Whether it fires where there is no series at all: then the end of all series does not end it."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of one topic as they are deployed."""

    alerts: Sequence[Alert]
    records: Sequence[Mapping[str, Any]]

    def named(self, name: str) -> list[Alert]:
        return [alert for alert in self.alerts if alert.name == name]


def rules_of(topic: str, groups: Iterable[Mapping[str, Any]]) -> Rules:
    """The rules of a topic's groups."""
    every = [rule for group in groups for rule in group["rules"]]
    return Rules(
        alerts=[alert_of(topic, rule) for rule in every if "alert" in rule],
        records=[rule for rule in every if "record" in rule],
    )


def check(tests: Sequence[RuleTest], topics: Mapping[str, Rules], server: Server) -> list[Row]:
    """Runs every test. One row for each alert that is deployed, tested or not."""
    seen = {(topic, alert.name): Seen() for topic, rules in topics.items() for alert in rules.alerts}
    ours = [test for test in tests if test.topic in topics]
    alone = [test for test in ours if _depends_on_time(test, topics[test.topic])]
    with server() as client:
        for number, test in enumerate((test for test in ours if test not in alone), start=1):
            _Run(client, number * APART, test, topics[test.topic], seen).all()
    for test in alone:
        with server() as client:
            _Run(client, 0.0, test, topics[test.topic], seen).all()
    return [_row(topic, name, one) for (topic, name), one in seen.items()]


def _depends_on_time(test: RuleTest, rules: Rules) -> bool:
    named = [alert for one in test.expectations for alert in rules.named(one.alert)]
    return any(alert.depends_on_time for alert in named) or any(
        "time()" in str(record["expr"]) for record in _needed(rules, named)
    )


def _names(expression: str) -> set[str]:
    found = (name_of(selector) for selector in selectors(promql_parser.parse(expression)))
    return {name for name in found if name is not None}


def _needed(rules: Rules, alerts: Iterable[Alert]) -> list[Mapping[str, Any]]:
    """The recording rules that alerts look at, and those that these look at, in their order."""
    wanted = {name for alert in alerts for name in _names(alert.expression)}
    while True:
        found = [record for record in rules.records if record["record"] in wanted]
        more = wanted | {name for record in found for name in _names(str(record["expr"]))}
        if more == wanted:
            return found
        wanted = more


@dataclass(frozen=True)
class _Run:
    """One test on one server."""

    client: PrometheusClient
    begin: float
    test: RuleTest
    rules: Rules
    seen: dict[tuple[str, str], Seen]

    def all(self) -> None:
        """Feeds the series in, evaluates, and compares."""
        shifted = [
            (labels, [(self.begin + time, value) for time, value in samples]) for labels, samples in self.test.series
        ]
        self.client.write([one for one in shifted if one[1]])
        alerts = {one.alert: self.rules.named(one.alert) for one in self.test.expectations}
        for name in alerts:
            if (self.test.topic, name) not in self.seen:
                self.seen[self.test.topic, name] = Seen(problems=["is tested, and not deployed"])
        end = self._end([alert for named in alerts.values() for alert in named])
        for record in _needed(self.rules, [alert for named in alerts.values() for alert in named]):
            self._record(record, end)
        for name, named in alerts.items():
            self._compare(name, named, end)

    def _end(self, alerts: Iterable[Alert]) -> float:
        """When nothing of the series is left in any range, so that what is about them is over."""
        step = self.test.step
        look = max((alert.looks_back + alert.keeps for alert in alerts), default=0.0)
        records = [lookback(str(record["expr"])) for record in _needed(self.rules, alerts)]
        last = max(self.test.last_sample, self.test.end) + look + sum(sorted(records)[-2:]) + _STALE_AFTER + 2 * step
        return min(last, APART - 2 * max([look, *records], default=0.0)) if self.begin else last

    def _record(self, record: Mapping[str, Any], end: float) -> None:
        written: list[tuple[dict[str, str], Sequence[tuple[float, float]]]] = []
        for result in self._over(str(record["expr"]), end):
            own = {key: value for key, value in result.labels.items() if key != "__name__"}
            written.append(({**own, **record.get("labels", {}), "__name__": record["record"]}, result.samples))
        if written:
            self.client.write(written)

    def _over(self, expression: str, end: float) -> Iterator[Result]:
        step, start = self.test.step, self.begin
        while start <= self.begin + end:
            stop = min(start + step * _POINTS, self.begin + end)
            yield from self.client.over(expression, start, stop, step)
            start = stop + step

    def _compare(self, name: str, alerts: Sequence[Alert], end: float) -> None:
        seen = self.seen[self.test.topic, name]
        moments = evaluations(self.test.step, end)
        try:
            found = [
                course
                for alert in alerts
                for course in courses(alert, self._over(alert.expression, end), self.begin, moments)
            ]
        except QueryError as error:
            seen.problems.append(f"{self.test.name}: {error}")
            return
        for one in (one for one in self.test.expectations if one.alert == name):
            self._judge(one, alerts, found, seen)
        fired = [course for course in found if course.firing]
        if any(course.firing[-1] < moments[-1] for course in fired):
            seen.resolved = True
        # Nothing is left there of what was written, and nothing is written yet.
        nothing = self.begin + end + 0.8 * APART
        seen.without_data |= any(self.client.instant(alert.expression, nothing) for alert in alerts)

    def _judge(self, one: Expectation, alerts: Sequence[Alert], found: Sequence[Course], seen: Seen) -> None:
        moment = int(one.at / self.test.step) * self.test.step
        firing = sorted(sorted(course.labels.items()) for course in found if moment in course.firing)
        chosen = {key for alert in alerts for key, value in alert.labels.items() if "{{" in value}
        told = {key for course in found for key in course.labels}
        expected = sorted(
            sorted((key, value) for key, value in labels.items() if value and not (key in chosen and key not in told))
            for labels in one.firing
        )
        if firing != expected:
            seen.problems.append(f"{self.test.name}, at {one.at:g} s: fires {_short(firing)}, not {_short(expected)}")
        seen.fired += bool(expected)
        seen.quiet += not expected


def _short(alerts: Sequence[Sequence[tuple[str, str]]]) -> str:
    return "; ".join(",".join(f"{key}={value}" for key, value in labels) for labels in alerts)[:300] or "nothing"


def _row(topic: str, name: str, seen: Seen) -> Row:
    problems = list(seen.problems)
    if not seen.fired:
        problems.append("no test shows that it fires")
    if not seen.quiet and not (seen.without_data and not seen.resolved):
        problems.append("no test shows that it does not fire")
    if seen.fired and not seen.resolved and not seen.without_data:
        problems.append("does not resolve when its series end")
    told = f"fires in {seen.fired}, quiet in {seen.quiet}{', resolves' if seen.resolved else ''}"
    return Row(subject=topic, name=name, outcome="FAIL" if problems else "ok", told=" | ".join(problems) or told)
