"""A drill: series of some tests, now, in a Prometheus whose own rule manager evaluates the deployed rules.

It tells a stand-in for Alertmanager what fires, and what is over again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.live import prometheus_config
from rehearsal.live.alert_check import Rules
from rehearsal.live.deployed import Deployed
from rehearsal.live.evaluation import Alert
from rehearsal.live.prometheus_client import PrometheusClient
from rehearsal.live.remote_write import STALE_MARK, Sample
from rehearsal.live.report import Row
from rehearsal.live.rule_tests import Labels, RuleTest
from rehearsal.live.servers import Servers
from rehearsal.live.stand_ins import StandIns, serving

WATCHDOG = "Watchdog"
"""Fires always: whoever gets it knows that alerts arrive."""

LONGEST_PENDING = 60.0
LONGEST_HISTORY = 1800.0
MOST = 8
_EVERY = 15.0
_FIRES_SECONDS, _RESOLVES_SECONDS = 200.0, 75.0
_TICK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Case:
    """One alert, and the series that make it fire at a time of their test."""

    alert: Alert
    test: RuleTest
    at: float

    @property
    def ends_with_its_series(self) -> bool:
        """Whether it is over as soon as its series are: no range remembers them."""
        return not self.alert.looks_back and not self.alert.keeps


@dataclass
class Drill:
    """The cases on their server, step by step."""

    client: PrometheusClient
    stand_ins: StandIns
    cases: Sequence[Case]
    _last: dict[tuple[tuple[str, str], ...], Sample] = field(default_factory=dict[tuple[tuple[str, str], ...], Sample])
    _began: float = 0.0

    def begin(self) -> None:
        """Writes what each test holds until its alert fires; that moment is now."""
        self._began = time.time()
        every = [
            (self._began - case.at + moment, labels, value)
            for case in self.cases
            for labels, samples in case.test.series
            for moment, value in samples
            if moment <= case.at
        ]
        by_time: dict[float, list[tuple[Labels, Sequence[Sample]]]] = {}
        for moment, labels, value in sorted(every, key=lambda one: one[0]):
            by_time.setdefault(moment, []).append((labels, [(moment, value)]))
            self._last[tuple(sorted(labels.items()))] = (moment, value)
        for series in by_time.values():
            self.client.write(series)

    def keep_on(self) -> None:
        """Writes everything as it was at last, so that it stays."""
        now = time.time()
        still = [(key, value) for key, (_, value) in self._last.items() if value == value]
        self.client.write([(dict(key), [(now, value)]) for key, value in still])

    def end(self) -> None:
        """Ends every series."""
        now = time.time()
        self.client.write([(dict(key), [(now, STALE_MARK)]) for key in self._last])

    def firing(self) -> set[str]:
        """The alerts that Alertmanager was told of."""
        return {alert["labels"]["alertname"] for alert in self.stand_ins.alerts}

    def resolved(self, since: float) -> set[str]:
        """Those that it was told are over."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time()))
        recent = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since))
        return {
            alert["labels"]["alertname"] for alert in self.stand_ins.alerts if recent <= alert["endsAt"][:19] <= stamp
        }


def cases(tests: Sequence[RuleTest], topics: Mapping[str, Rules]) -> list[Case]:
    """Alerts that fire soon, each with a test; no two of the tests have a series in common."""
    found: list[Case] = []
    taken: set[tuple[tuple[str, str], ...]] = set()
    for test in tests:
        for one in test.expectations:
            named = topics[test.topic].named(one.alert) if test.topic in topics else []
            soon = [alert for alert in named if alert.pending <= LONGEST_PENDING and not alert.depends_on_time]
            keys = {tuple(sorted(labels.items())) for labels, _ in test.series}
            known = one.alert == WATCHDOG or any(case.alert.name == one.alert for case in found)
            if one.firing and soon and not known and not keys & taken and one.at <= LONGEST_HISTORY:
                found.append(Case(alert=soon[0], test=test, at=one.at))
                taken |= keys
    found.sort(key=lambda case: not case.ends_with_its_series)
    return found[:MOST]


@contextmanager
def drill(deployed: Deployed, chosen: Sequence[Case], servers: Servers) -> Iterator[Drill]:
    """Starts the server of the drill, until the end of the block."""
    stand_ins = StandIns(targets=[])
    with serving(stand_ins) as port:
        rules = prometheus_config.write_rules(deployed.rules, servers.folder / "drill-rules")
        configuration = prometheus_config.configuration(deployed, [], port, rules)
        flags = prometheus_config.flags(deployed.prometheus)
        prefix = deployed.prometheus.get("routePrefix", "")
        with servers.prometheus("drill", configuration, flags, prefix) as client:
            yield Drill(client=client, stand_ins=stand_ins, cases=chosen)


def run(drill: Drill) -> list[Row]:
    """Fires, waits, ends, waits. One row for each alert."""
    drill.begin()
    wanted = {case.alert.name for case in drill.cases} | {WATCHDOG}
    _until(lambda: wanted <= drill.firing(), _FIRES_SECONDS, drill.keep_on)
    fired = drill.firing()
    ended = time.time()
    drill.end()
    over = {case.alert.name for case in drill.cases if case.ends_with_its_series}
    _until(lambda: over <= drill.resolved(ended), _RESOLVES_SECONDS, lambda: None)
    resolved = drill.resolved(ended)
    return [_row(name, name in fired, name in over, name in resolved) for name in sorted(wanted)]


def _row(name: str, fired: bool, ends: bool, resolved: bool) -> Row:
    if not fired:
        return Row(subject="drill", name=name, outcome="FAIL", told="Alertmanager never heard of it")
    if ends and not resolved:
        return Row(subject="drill", name=name, outcome="FAIL", told="Alertmanager never heard that it is over")
    told = "arrived at Alertmanager" + (", and that it is over" if ends else "")
    return Row(subject="drill", name=name, outcome="ok", told=told)


def _until(done: Callable[[], bool], seconds: float, meanwhile: Callable[[], None]) -> None:
    end, due = time.monotonic() + seconds, time.monotonic() + _EVERY
    while not done() and time.monotonic() < end:
        time.sleep(_TICK_SECONDS)
        if time.monotonic() >= due:
            meanwhile()
            due += _EVERY
