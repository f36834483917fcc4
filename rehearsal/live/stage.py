"""The Prometheus of the stack with its stand-ins: started, fed, and ready to be asked."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rehearsal.live import otlp, prometheus_config, written
from rehearsal.live.deployed import Deployed
from rehearsal.live.exporters import PUSHED, WRITTEN, Target, targets
from rehearsal.live.exposition import Clock
from rehearsal.live.generator import lines
from rehearsal.live.programs import ProofError
from rehearsal.live.prometheus_client import PrometheusClient
from rehearsal.live.servers import Servers
from rehearsal.live.stand_ins import HISTORY_SECONDS, StandIns, serving
from signals.exposed import FOLDER

Say = Callable[[str], None]

PUSHED_EVERY = 60.0
"""How often an SDK pushes, in seconds: OTEL_METRIC_EXPORT_INTERVAL.
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#periodic-exporting-metricreader"""

LOST = "reloader"
"""Of which exporter one target is down."""

_SCRAPED_SECONDS = 90.0
_EVALUATED_SECONDS = 150.0
"""More than the longest interval of a group of rules."""

_TICK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Stage:
    prometheus: PrometheusClient
    stand_ins: StandIns
    pushed: Sequence[Target]
    written: Sequence[Target]


@contextmanager
def stage(deployed: Deployed, servers: Servers, say: Say) -> Iterator[Stage]:
    """Runs everything until the end of the block."""
    every = [target for path in sorted(FOLDER.glob("*.json")) for target in targets(path.stem)]
    scraped = [target for target in every if target.exporter not in (*PUSHED, *WRITTEN)]
    # Something is always down: a second pod of what has but one.
    lost = next(target for target in scraped if target.exporter == LOST)
    scraped.append(replace(lost, labels={**lost.labels, "pod": "lost", "instance": "10.64.0.9:9090"}))
    stand_ins = StandIns(targets=scraped, down=frozenset({len(scraped) - 1}))
    with serving(stand_ins) as port:
        rules = prometheus_config.write_rules(deployed.rules, servers.folder / "rules")
        configuration = prometheus_config.configuration(deployed, scraped, port, rules)
        flags = prometheus_config.flags(deployed.prometheus)
        prefix = deployed.prometheus.get("routePrefix", "")
        with servers.prometheus("prometheus", configuration, flags, prefix) as client:
            say(f"Prometheus is up with {len(scraped)} targets and {len(deployed.rules)} rule files")
            found = Stage(
                prometheus=client,
                stand_ins=stand_ins,
                pushed=[target for target in every if target.exporter in PUSHED],
                written=[target for target in every if target.exporter in WRITTEN],
            )
            push(found, HISTORY_SECONDS)
            yield found


def push(stage: Stage, history: float) -> None:
    """Pushes what services and a load test tell over some seconds, and now."""
    now = time.time()
    steps = int(history / PUSHED_EVERY)
    clocks = [Clock(began=stage.stand_ins.began, now=now - PUSHED_EVERY * (steps - step)) for step in range(steps + 1)]
    for target in stage.pushed:
        otlp.push(stage.prometheus, target, lines(target), clocks)
    for target in stage.written:
        stage.prometheus.write(written.series(target, lines(target), clocks))


def wait_until_scraped(stage: Stage) -> None:
    """Returns when every target was scraped. Raises `ProofError` naming what is not."""
    end = time.monotonic() + _SCRAPED_SECONDS
    health: dict[int, Any] = {}
    while time.monotonic() < end:
        active = stage.prometheus.get("/api/v1/targets")["activeTargets"]
        health = {int(one["scrapePool"].rpartition("/")[2]): one for one in active}
        if all(one["health"] == ("down" if number in stage.stand_ins.down else "up") for number, one in health.items()):
            return
        time.sleep(_TICK_SECONDS)
    told = (f"{stage.stand_ins.targets[number].exporter}: {one['lastError']}" for number, one in health.items())
    raise ProofError(f"not every target was scraped within {_SCRAPED_SECONDS:.0f} s: {', '.join(told)[:500]}")


def wait_until_evaluated(stage: Stage, since: float) -> None:
    """Returns when every group of rules was evaluated after a time. Raises `ProofError`."""
    while time.time() < since + _EVALUATED_SECONDS:
        groups = stage.prometheus.get("/api/v1/rules")["groups"]
        if all(_moment(group["lastEvaluation"]) > since for group in groups):
            return
        time.sleep(_TICK_SECONDS)
    raise ProofError(f"not every group of rules was evaluated within {_EVALUATED_SECONDS:.0f} s")


def _moment(text: str) -> float:
    """Seconds of the epoch of RFC 3339, with more digits than Python reads."""
    head, _, rest = text.partition(".")
    zone = "+00:00" if rest.endswith("Z") or text.endswith("Z") else rest[-6:]
    return datetime.fromisoformat(f"{head.removesuffix('Z')[:19]}{zone}").timestamp()
