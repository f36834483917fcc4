"""Each test of an alert, again: its series in a real Prometheus, the expression as it is deployed, and `for`.

Tests share a server and lie so far apart in time that none sees the series of another. Where an expression looks at the
clock it gets a server of its own, in which time begins where promtool's does: at zero, or where the test says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import promql_parser

from rehearsal.live.evaluation import Alert, Course, alert_of, courses, evaluations, lookback
from rehearsal.live.prometheus_client import PrometheusClient, QueryError, Result
from rehearsal.live.remote_write import STALE_MARK, Sample
from rehearsal.live.report import Row
from rehearsal.live.rule_tests import Expectation, RuleTest
from signals.expressions import name_of, selectors

APART = 3_600.0
"""Seconds between two tests, besides the longest range that the later one looks back over."""

LONGEST_AFTER = 6 * 3_600.0
"""Seconds after a test for which each evaluation is looked at; beyond, one at the end of all ranges says whether an
alert is over."""

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
        free = 0.0
        for test in ours:
            if test not in alone:
                run = _Run(client, free, test, topics[test.topic], seen)
                free = replace(run, begin=free + run.looks_back + APART).all()
    for test in alone:
        with server() as client:
            _Run(client, test.begin, test, topics[test.topic], seen).all()
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

    @property
    def alerts(self) -> Mapping[str, list[Alert]]:
        """The rules that the test is about."""
        return {one.alert: self.rules.named(one.alert) for one in self.test.expectations}

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """What these look at."""
        return _needed(self.rules, [alert for named in self.alerts.values() for alert in named])

    @property
    def looks_back(self) -> float:
        """Seconds after which nothing is seen any more of a series that has ended."""
        alerts = [alert.looks_back + alert.keeps for named in self.alerts.values() for alert in named]
        records = sorted(lookback(str(record["expr"])) for record in self.records)
        return max(alerts, default=0.0) + sum(records[-2:]) + _STALE_AFTER

    def all(self) -> float:
        """Feeds the series in, evaluates, and compares. Returns a time at which nothing of it is left."""
        shifted = [
            (labels, [(self.begin + time, value) for time, value in samples]) for labels, samples in self.test.series
        ]
        self.client.write([one for one in shifted if one[1]])
        for name in self.alerts:
            if (self.test.topic, name) not in self.seen:
                self.seen[self.test.topic, name] = Seen(problems=["is tested, and not deployed"])
        end = max(self.test.last_sample, self.test.end) + min(self.looks_back, LONGEST_AFTER) + 2 * self.test.step
        for record in self.records:
            self._record(record, end)
        for name, named in self.alerts.items():
            self._compare(name, named, end)
        return self.begin + end + self.looks_back

    def _record(self, record: Mapping[str, Any], end: float) -> None:
        written = [
            (_recorded(record, result), _with_ends(result.samples, self.test.step, self.begin + end))
            for result in self._over(str(record["expr"]), end)
        ]
        if written:
            self.client.write(written)

    def _holds_without_data(self, alerts: Sequence[Alert], nothing: float) -> bool:
        """Whether an expression holds at a time at which nothing is left, and nothing is written yet."""
        for record in self.records:
            found = self.client.instant(str(record["expr"]), nothing)
            if found:
                self.client.write([(_recorded(record, result), result.samples) for result in found])
        return any(self.client.instant(alert.expression, nothing) for alert in alerts)

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
        nothing = self.begin + end + self.looks_back
        seen.without_data |= self._holds_without_data(alerts, nothing)
        fired = [course for course in found if course.firing]
        over = any(course.firing[-1] < moments[-1] for course in fired) or not seen.without_data
        seen.resolved |= bool(fired) and over

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


def _recorded(record: Mapping[str, Any], result: Result) -> dict[str, str]:
    own = {key: value for key, value in result.labels.items() if key != "__name__"}
    return {**own, **record.get("labels", {}), "__name__": record["record"]}


def _with_ends(samples: Sequence[Sample], step: float, end: float) -> list[Sample]:
    """Samples of a rule, and the mark that Prometheus writes where it gives none any more."""
    found: list[Sample] = []
    for number, (time, value) in enumerate(samples):
        found.append((time, value))
        following = samples[number + 1][0] if number + 1 < len(samples) else end + step
        if following > time + 1.5 * step:
            found.append((time + step, STALE_MARK))
    return found


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
