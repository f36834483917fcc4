"""Series that recording rules make: of which expression, with which labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from components.platform.alert_rules import every_topic, rule_groups
from components.platform.dapr_root import expiry_groups
from components.services.gateway.canary_rules import canary_groups
from components.services.model import WorkloadSpec, parse_workload
from components.services.monitoring.slo import Slos
from components.services.monitoring.slo_rules import slo_groups

STACK_INFO = "groundwork_stack_info"
"""1, with cloud, environment and stack: which stack a Prometheus belongs to."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recording rule writes."""

    name: str
    expressions: tuple[str, ...]
    """Of every rule that writes it."""

    labels: frozenset[str]
    """What the rule adds to the labels of its expression."""


def recorded_by(groups: list[dict[str, Any]]) -> Mapping[str, Recorded]:
    """What the rules of these groups record, by name."""
    found: dict[str, Recorded] = {}
    for rule in (rule for group in groups for rule in group["rules"] if "record" in rule):
        name = rule["record"]
        before = found.get(name, Recorded(name=name, expressions=(), labels=frozenset()))
        found[name] = Recorded(
            name=name,
            expressions=(*before.expressions, str(rule["expr"])),
            labels=before.labels | frozenset(rule.get("labels", {})),
        )
    return found


@cache
def recorded() -> Mapping[str, Recorded]:
    """Everything that the deployed rules record."""
    info = Recorded(name=STACK_INFO, expressions=("vector(1)",), labels=frozenset({"cloud", "environment", "stack"}))
    written = [group for topic in every_topic() for group in rule_groups(topic)]
    roots = expiry_groups({1: "2036-01-01T00:00:00Z"})
    return {STACK_INFO: info, **recorded_by([*written, *_objectives(), *_canaries(), *roots])}


def _objectives() -> list[dict[str, Any]]:
    """The rules of a workload with every objective that there is. What they record has the same names everywhere."""
    every = {key: {"requests_per_second": 1} if key == "throughput" else True for key in Slos.model_fields}
    service = {"image": {"tag": "1"}, "ports": {"http": 8080}, "metrics": {"port": "http"}, "slos": every}
    workload = WorkloadSpec.model_validate({"services": {"service": service}})
    return slo_groups("workload", workload, "")


def _canaries() -> list[dict[str, Any]]:
    """The rules of a canary, which are the same for each."""
    canary = {"image": {"tag": "2"}}
    service = {"image": {"tag": "1"}, "ports": {"http": 8080}, "routes": [{"paths": ["/"]}], "canary": canary}
    return canary_groups("workload", parse_workload("workload", {"services": {"service": service}}), "")
