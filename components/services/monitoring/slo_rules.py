"""Objectives as Prometheus rules: what is recorded, and alerts by how fast the error budget is used up.

Windows, burn rates and what follows of them: https://sre.google/workbook/alerting-on-slos/, approach 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from components.services.model import WorkloadSpec
from components.services.monitoring.slo_indicators import Floor, Indicator, floors, indicators

STEP_SECONDS = 30
"""Seconds between two samples of what is recorded over five minutes. A sum of such samples, times this, is a count."""

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
"""Windows that the share of bad events is recorded over."""

SLOW_WINDOWS = ("1d", "3d", "30d")
"""Those that move so slowly that they are recorded more rarely."""

FEWEST_BAD_EVENTS = 10
"""Bad events within the longer window that an alert needs: one failed request at night is no outage."""

RUNBOOK = "docs/runbooks/slo.md"

Rule = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BurnRate:
    """How many times faster than allowed the budget is used up, and over which windows that is seen."""

    alert: str
    severity: Literal["critical", "warning"]
    rate: float
    long: str
    short: str
    """Ends the alert soon after the cause has ended."""

    wait: str
    gone: str
    """When the budget of 30 days is gone, at this rate."""


BURN_RATES = (
    BurnRate(
        alert="SloErrorBudgetBurnsFast",
        severity="critical",
        rate=14.4,
        long="1h",
        short="5m",
        wait="2m",
        gone="two days",
    ),
    BurnRate(
        alert="SloErrorBudgetBurnsFast",
        severity="critical",
        rate=6,
        long="6h",
        short="30m",
        wait="15m",
        gone="five days",
    ),
    BurnRate(
        alert="SloErrorBudgetBurnsSlowly",
        severity="warning",
        rate=3,
        long="1d",
        short="2h",
        wait="1h",
        gone="ten days",
    ),
    BurnRate(
        alert="SloErrorBudgetBurnsSlowly",
        severity="warning",
        rate=1,
        long="3d",
        short="6h",
        wait="3h",
        gone="30 days",
    ),
)


def slo_groups(workload: str, spec: WorkloadSpec, runbooks: str) -> list[dict[str, Any]]:
    """The rule groups of a workload. None where no service has an objective.

    `runbooks` is the address of the repository's files, which the links to the runbook begin with.
    """
    shares = [one for name, service in spec.services.items() for one in indicators(workload, name, service)]
    lowest = [one for name, service in spec.services.items() for one in floors(workload, name, service)]
    labels = {"component": "slo", "team": spec.team_label(workload), "namespace": workload}
    link = f"{runbooks.rstrip('/')}/{RUNBOOK}"
    groups: list[dict[str, Any]] = []
    if shares:
        groups += [
            _group("slo-indicators", STEP_SECONDS, [rule for one in shares for rule in indicator_rules(workload, one)]),
            _group("slo-burn-rates", STEP_SECONDS, _fast_rules(workload, labels, link)),
            _group("slo-budgets", 4 * STEP_SECONDS, _slow_rules(workload, labels, link)),
        ]
    if lowest:
        rules = [rule for one in lowest for rule in floor_rules(workload, one, labels, link)]
        groups.append(_group("slo-throughput", 2 * STEP_SECONDS, rules))
    return groups


def indicator_rules(workload: str, indicator: Indicator) -> list[Rule]:
    """What is recorded of one objective: bad events and all events per second, and what is promised."""
    labels = {"workload": workload, "service": indicator.service, "slo": indicator.slo}
    return [
        {"record": "slo:errors:rate5m", "expr": indicator.bad, "labels": labels},
        {"record": "slo:requests:rate5m", "expr": indicator.every, "labels": labels},
        {"record": "slo:objective:ratio", "expr": f"vector({indicator.objective})", "labels": labels},
    ]


def ratio_rule(workload: str, window: str) -> Rule:
    """The share of bad events of every objective: sums over the window on both sides, so that a busy hour weighs more.

    Nothing is recorded where nothing happened. Audit events that are stored a little later than they are received are
    less than none for a while.
    """
    sides = [f"slo:{side}:rate5m" for side in ("errors", "requests")]
    bad, every = (_of(side, workload) if window == "5m" else _over(side, workload, window) for side in sides)
    return {"record": f"slo:sli_error:ratio_rate{window}", "expr": f"clamp_min({bad} / ({every} > 0), 0)"}


def burn_rule(workload: str, burn: BurnRate, labels: Mapping[str, str], link: str) -> Rule:
    """The alert on one burn rate: over both windows, and not for a handful of bad events."""
    allowed = f"{burn.rate:g} * (1 - {_of('slo:objective:ratio', workload)})"
    long, short = (_of(f"slo:sli_error:ratio_rate{window}", workload) for window in (burn.long, burn.short))
    enough = f"{_over('slo:errors:rate5m', workload, burn.long)} * {STEP_SECONDS} >= {FEWEST_BAD_EVENTS}"
    return {
        "alert": burn.alert,
        "expr": f"{long} > {allowed}\nand {short} > {allowed}\nand {enough}",
        "for": burn.wait,
        "labels": {"severity": burn.severity, **labels, "window": burn.long},
        "annotations": {
            "summary": f"{workload}/{{{{ $labels.service }}}} uses up the error budget of its {{{{ $labels.slo }}}}",
            "description": f"{{{{ $value | humanizePercentage }}}} of what counts for the {{{{ $labels.slo }}}} of "
            f"{workload}/{{{{ $labels.service }}}} went wrong within {burn.long}, and no less within {burn.short}: at "
            f"least {burn.rate:g} times what is allowed. The error budget of 30 days lasts no more than {burn.gone}.",
            "runbook_url": f"{link}#{burn.alert.lower()}",
        },
    }


def floor_rules(workload: str, floor: Floor, labels: Mapping[str, str], link: str) -> list[Rule]:
    """What is recorded of one floor of throughput, and its alert."""
    own = {"workload": workload, "service": floor.service, "slo": floor.slo}
    matchers = f'{{workload="{workload}",service="{floor.service}",slo="{floor.slo}"}}'
    hours = f"\nand on () ({floor.hours})" if floor.hours else ""
    return [
        {"record": "slo:throughput:rate30m", "expr": floor.rate, "labels": own},
        {"record": "slo:throughput_floor:rate", "expr": f"vector({floor.lowest:g})", "labels": own},
        {
            "alert": "SloThroughputBelowFloor",
            "expr": f"slo:throughput:rate30m{matchers} < slo:throughput_floor:rate{matchers}{hours}",
            "for": "30m",
            "labels": {"severity": "warning", **labels, "service": floor.service, "slo": floor.slo},
            "annotations": {
                "summary": f"{workload}/{floor.service} gets less done than it promises",
                "description": f"{workload}/{floor.service} has come to {{{{ $value | humanize }}}} per second in the "
                f"last half hour; its {floor.slo} is {floor.lowest:g}.",
                "runbook_url": f"{link}#slothroughputbelowfloor",
            },
        },
    ]


def _fast_rules(workload: str, labels: Mapping[str, str], link: str) -> list[Rule]:
    """Windows of hours, and the alerts that page."""
    return [
        *(ratio_rule(workload, window) for window in WINDOWS if window not in SLOW_WINDOWS),
        *(burn_rule(workload, burn, labels, link) for burn in BURN_RATES if burn.severity == "critical"),
    ]


def _slow_rules(workload: str, labels: Mapping[str, str], link: str) -> list[Rule]:
    """Windows of days, what is left of the budget, and the alerts that can wait for the morning."""
    bad, allowed = _of("slo:sli_error:ratio_rate30d", workload), f"(1 - {_of('slo:objective:ratio', workload)})"
    return [
        *(ratio_rule(workload, window) for window in SLOW_WINDOWS),
        {"record": "slo:error_budget_remaining:ratio", "expr": f"1 - {bad} / {allowed}"},
        *(burn_rule(workload, burn, labels, link) for burn in BURN_RATES if burn.severity == "warning"),
        _spent_rule(workload, labels, link),
        _unmeasured_rule(workload, labels, link),
    ]


def _spent_rule(workload: str, labels: Mapping[str, str], link: str) -> Rule:
    enough = f"{_over('slo:errors:rate5m', workload, '30d')} * {STEP_SECONDS} >= {FEWEST_BAD_EVENTS}"
    return {
        "alert": "SloErrorBudgetSpent",
        "expr": f"{_of('slo:error_budget_remaining:ratio', workload)} < 0\nand {enough}",
        "for": "1h",
        "labels": {"severity": "warning", **labels},
        "annotations": {
            "summary": f"{workload}/{{{{ $labels.service }}}} has broken its {{{{ $labels.slo }}}}",
            "description": f"Of the error budget of 30 days of the {{{{ $labels.slo }}}} of "
            f"{workload}/{{{{ $labels.service }}}}, {{{{ $value | humanizePercentage }}}} is left.",
            "runbook_url": f"{link}#sloerrorbudgetspent",
        },
    }


def _unmeasured_rule(workload: str, labels: Mapping[str, str], link: str) -> Rule:
    measured = f"count_over_time({_of('slo:requests:rate5m', workload)}[1d])"
    return {
        "alert": "SloNotMeasured",
        "expr": f"{_of('slo:objective:ratio', workload)}\nunless {measured}",
        "for": "1h",
        "labels": {"severity": "info", **labels},
        "annotations": {
            "summary": f"Nothing measures the {{{{ $labels.slo }}}} of {workload}/{{{{ $labels.service }}}}",
            "description": f"{workload}/{{{{ $labels.service }}}} promises {{{{ $value | humanizePercentage }}}}, and "
            "for a day there has been no metric that tells whether it is kept.",
            "runbook_url": f"{link}#slonotmeasured",
        },
    }


def _of(metric: str, workload: str) -> str:
    return f'{metric}{{workload="{workload}"}}'


def _over(metric: str, workload: str, window: str) -> str:
    return f"sum_over_time({_of(metric, workload)}[{window}])"


def _group(name: str, interval_seconds: int, rules: Sequence[Rule]) -> dict[str, Any]:
    return {"name": name, "interval": f"{interval_seconds}s", "rules": [*rules]}
