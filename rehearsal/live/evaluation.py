"""When an alert fires: its expression at each evaluation, and how long that has held.

https://github.com/prometheus/prometheus/blob/v3.5.0/rules/alerting.go
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.live.prometheus_client import Result
from rehearsal.live.series_notation import seconds

_LABEL_REFERENCE = re.compile(r"\{\{-?\s*\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)\s*-?\}\}")
_DURATION = r"((?:\d+(?:ms|[smhdwy]))+)"
_RANGES = re.compile(rf"\[\s*{_DURATION}\s*[:\]]|\boffset\s+{_DURATION}")
_OF_THE_TIME = re.compile(
    r"\b(time|timestamp|minute|hour|month|year|day_of_week|day_of_month|day_of_year|days_in_month)\s*\("
)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alerting rule as it is deployed."""

    name: str
    topic: str
    """The object that brings it."""
    expression: str
    pending: float
    """Seconds that its expression has to hold."""
    keeps: float
    """Seconds that it still fires when the expression does not hold any more."""
    labels: Mapping[str, str]

    @property
    def depends_on_time(self) -> bool:
        """Whether the expression looks at the clock: it then means something else on another day."""
        return _OF_THE_TIME.search(self.expression) is not None

    @property
    def looks_back(self) -> float:
        """Seconds of the longest range or offset in the expression."""
        return lookback(self.expression)


def alert_of(topic: str, rule: Mapping[str, Any]) -> Alert:
    """An alerting rule of a rule file."""
    return Alert(
        name=rule["alert"],
        topic=topic,
        expression=str(rule["expr"]),
        pending=seconds(rule.get("for", "0")),
        keeps=seconds(rule.get("keep_firing_for", "0")),
        labels=rule.get("labels", {}),
    )


def lookback(expression: str) -> float:
    """Seconds of the longest range or offset in an expression."""
    found = [seconds(one or other) for one, other in _RANGES.findall(expression)]
    return max(found, default=0.0)


def labels_of(alert: Alert, series: Mapping[str, str]) -> dict[str, str]:
    """The labels of one alert, without its name. What a template chooses by conditions is left out."""
    own = {key: value for key, value in series.items() if key != "__name__"}
    for key, template in alert.labels.items():
        value = _LABEL_REFERENCE.sub(lambda found: own.get(found[1], ""), template)
        if "{{" in value:
            own.pop(key, None)
        else:
            own[key] = value
    return {key: value for key, value in own.items() if value}


@dataclass(frozen=True, kw_only=True)
class Course:
    """How one alert went over the evaluations of a test."""

    labels: Mapping[str, str]
    firing: Sequence[float]
    """Evaluations at which it fired, in seconds after the begin."""


def courses(alert: Alert, results: Iterable[Result], begin: float, evaluations: Sequence[float]) -> list[Course]:
    """When each alert of the rule fires. `results` hold the expression at each evaluation."""
    held: dict[tuple[tuple[str, str], ...], set[float]] = {}
    for result in results:
        key = tuple(sorted(labels_of(alert, result.labels).items()))
        held.setdefault(key, set()).update(round(time - begin, 3) for time, _ in result.samples)
    return [Course(labels=dict(key), firing=_firing(alert, times, evaluations)) for key, times in held.items()]


def _firing(alert: Alert, held: set[float], evaluations: Sequence[float]) -> list[float]:
    active_at: float | None = None
    fires, last_held = False, 0.0
    found: list[float] = []
    for moment in evaluations:
        if moment in held:
            last_held = moment
            if active_at is None:
                active_at = moment
            fires = fires or moment - active_at >= alert.pending
        elif fires and moment - last_held < alert.keeps:
            pass
        else:
            active_at, fires = None, False
        if fires:
            found.append(moment)
    return found


def evaluations(step: float, end: float) -> list[float]:
    """The moments at which the rules are evaluated, from the begin on."""
    return [round(number * step, 3) for number in range(int(end / step) + 1)]
