"""The whole proof, in the order that keeps both cores busy: what has to wait for time to pass begins first."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from components.namespaces import MONITORING
from rehearsal.live import alert_check, dashboard_check, drill, log_check, receivers_check, rule_tests, signals_check
from rehearsal.live.alert_check import Rules, rules_of
from rehearsal.live.cluster import SERVICES
from rehearsal.live.dashboard_check import Sources
from rehearsal.live.deployed import Deployed
from rehearsal.live.log_lines import last_number, request_id
from rehearsal.live.loki_server import LokiClient, loki, wait_until_ready
from rehearsal.live.programs import Ports, Running
from rehearsal.live.report import Report, Row
from rehearsal.live.servers import Servers
from rehearsal.live.stage import Stage, push, stage, wait_until_evaluated, wait_until_scraped
from rehearsal.live.variables import Times

Part = Literal["dashboards", "alerts", "logs"]
PARTS: tuple[Part, ...] = ("dashboards", "alerts", "logs")

SHOWN_SECONDS = 600.0
"""The stretch of time that dashboards show."""

SCRAPE_SECONDS = 30.0
SETTLED_SECONDS = 31.0
"""Rules that look at what others record have it after one interval of these."""

Say = Callable[[str], None]


@dataclass
class Proof:
    """One run for what one stack deploys."""

    deployed: Deployed
    folder: Path
    parts: frozenset[Part] = frozenset(PARTS)
    say: Say = print
    report: Report = field(default_factory=Report)

    def run(self) -> Report:
        """Runs the parts that are asked for. Raises `ProofError` where something does not even start."""
        servers = Servers(folder=self.folder, ports=Ports(str(self.folder)))
        # The servers end before the thread that asks them is waited for: it then ends too.
        with ThreadPoolExecutor(max_workers=1) as beside, ExitStack() as block:
            logs = block.enter_context(loki(self.deployed.loki, servers)) if self.parts != {"alerts"} else None
            drilling = self._drill(block, servers, beside) if "alerts" in self.parts else None
            scene = block.enter_context(stage(self.deployed, servers, self.say)) if "dashboards" in self.parts else None
            if logs is not None:
                logs[0].nudge()
            settled = self._settled(scene) if scene is not None else 0.0
            if "alerts" in self.parts:
                self._alerts(servers)
            client = self._logs(*logs) if logs is not None else None
            if scene is not None:
                self._dashboards(scene, client, settled)
            if drilling is not None:
                self.say("waiting for the drill to end")
                self.report.add("alerts that arrive", drilling.result())
        return self.report

    @property
    def topics(self) -> Mapping[str, Rules]:
        """The deployed rules by the name of their test file."""
        return {topic_of(name): rules_of(topic_of(name), groups) for name, groups in self.deployed.rules.items()}

    def _drill(self, block: ExitStack, servers: Servers, beside: ThreadPoolExecutor) -> "Future[list[Row]]":
        chosen = drill.cases(rule_tests.rule_tests(), self.topics)
        scene = block.enter_context(drill.drill(self.deployed, chosen, servers))
        self.say(f"a drill of {len(chosen)} alerts has begun")
        return beside.submit(drill.run, scene)

    def _alerts(self, servers: Servers) -> None:
        topics, tests = self.topics, rule_tests.rule_tests()
        self.say(f"testing {sum(len(one.alerts) for one in topics.values())} alerts with {len(tests)} tests")
        self.report.add("alerts", alert_check.check(tests, topics, servers.archive))
        alerts = [alert for one in topics.values() for alert in one.alerts]
        self.report.add("routing", receivers_check.check(self.deployed.alertmanager, alerts, self.folder / "routing"))

    def _logs(self, client: LokiClient, running: Running) -> LokiClient:
        self.say("waiting for Loki")
        wait_until_ready(client, running)
        now = time.time()
        written = log_check.write(client, now)
        if "logs" in self.parts:
            self.say("asking Loki")
            self.report.add("logs", log_check.check(client, self.deployed, written, now))
        return client

    def _settled(self, scene: Stage) -> float:
        """A time at which rules have all that they look at."""
        wait_until_scraped(scene)
        self.say("every stand-in is scraped")
        return time.time() + SETTLED_SECONDS

    def _dashboards(self, scene: Stage, logs: LokiClient | None, settled: float) -> None:
        self.say("waiting for the rules to be evaluated")
        wait_until_evaluated(scene, settled)
        push(scene, 0)
        self.report.add("rules", signals_check.rules(scene.prometheus, self.deployed.rules))
        self.report.add("exemplars and OTLP", [*signals_check.exemplars(scene.prometheus), *signals_check.otlp(scene)])
        self.say(f"asking the queries of {len(self.deployed.dashboards)} dashboards")
        rows = self._shown(self.deployed.dashboards, scene, logs)
        empty = {row.subject for row in rows if row.outcome == "FAIL"}
        if empty:
            # What begins with an event, as the series of an alert does, may come with the next evaluation.
            self.say(f"asking those of {', '.join(sorted(empty))} again")
            time.sleep(2 * SCRAPE_SECONDS)
            again = {uid: self.deployed.dashboards[uid] for uid in empty}
            rows = [*(row for row in rows if row.subject not in empty), *self._shown(again, scene, logs)]
        self.report.add("dashboards", rows)

    def _shown(self, dashboards: Mapping[str, Any], scene: Stage, logs: LokiClient | None) -> list[Row]:
        now = time.time()
        sources = Sources(
            prometheus=scene.prometheus,
            logs=log_check.asking(logs) if logs else None,
            times=Times(start=now - SHOWN_SECONDS, end=now, scrape_interval=SCRAPE_SECONDS),
            looked_up=request_id(SERVICES[0], last_number()),
        )
        return dashboard_check.check(dashboards, sources)


def topic_of(rule: str) -> str:
    """The test file of a PrometheusRule: its topic, or for those of workloads its whole name."""
    return rule.removeprefix(f"{MONITORING}/groundwork-")


def parts_of(only: Iterable[Part]) -> frozenset[Part]:
    """What to run: all of it if nothing is named."""
    return frozenset(only) or frozenset(PARTS)
