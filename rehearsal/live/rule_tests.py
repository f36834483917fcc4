"""The tests of the alerts, in promtool's format, as the proof runs them again on a real server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.live.remote_write import Sample
from rehearsal.live.series_notation import labels, seconds, values

FOLDER = Path(__file__).parents[2] / "alerts" / "tests"
"""One file a topic of alerts."""

OBJECTIVES = Path(__file__).with_name("slos.yaml")
"""Of the alerts that a workload's objectives are compiled to."""

OF_OBJECTIVES = "todo/slos"

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Which alerts of a name fire at a time."""

    alert: str
    at: float
    """Seconds after the begin of the test."""
    firing: Sequence[Labels]


@dataclass(frozen=True, kw_only=True)
class RuleTest:
    topic: str
    name: str
    begin: float = 0.0
    """When it begins, as Unix time, for expressions that look at the clock."""
    series: Sequence[tuple[Labels, Sequence[Sample]]]
    """Samples by seconds after the begin of the test."""
    step: float
    """Seconds between two evaluations of the rules."""
    expectations: Sequence[Expectation]

    @property
    def end(self) -> float:
        """When the last expectation is looked at."""
        return max(one.at for one in self.expectations)

    @property
    def last_sample(self) -> float:
        """When the last series ends."""
        return max((samples[-1][0] for _, samples in self.series if samples), default=0.0)


def rule_tests(folder: Path = FOLDER) -> list[RuleTest]:
    """Every test about an alert."""
    topics = [(path.stem, path) for path in sorted(folder.glob("*.yaml"))]
    files = [*topics, (OF_OBJECTIVES, OBJECTIVES)]
    return [test for topic, path in files for test in of_file(topic, path.read_text(encoding="utf-8"))]


def of_file(topic: str, text: str) -> list[RuleTest]:
    """The tests of a file that say something about an alert."""
    # All as text, as promtool reads it: to YAML `0x30` is the number 48, and here it is 0, 31 times.
    document = yaml.load(text, Loader=yaml.BaseLoader)
    step = seconds(document.get("evaluation_interval", "1m"))
    found = [_test(topic, number, step, one) for number, one in enumerate(document["tests"], start=1)]
    return [test for test in found if test.expectations]


def _test(topic: str, number: int, step: float, test: Mapping[str, Any]) -> RuleTest:
    interval = seconds(test["interval"]) if "interval" in test else step
    return RuleTest(
        topic=topic,
        name=str(test.get("name", f"test {number}")),
        begin=float(test.get("start_timestamp", 0)),
        series=[
            (labels(one["series"]), _samples(str(one["values"]), interval)) for one in test.get("input_series", ())
        ],
        step=step,
        expectations=[
            Expectation(
                alert=one["alertname"],
                at=seconds(one["eval_time"]),
                firing=[dict(alert.get("exp_labels") or {}) for alert in one.get("exp_alerts") or ()],
            )
            for one in test.get("alert_rule_test") or ()
        ],
    )


def _samples(text: str, interval: float) -> list[Sample]:
    return [(number * interval, value) for number, value in enumerate(values(text)) if value is not None]
