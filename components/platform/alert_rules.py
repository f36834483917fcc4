"""Alerts: the rule files of `alerts/rules`, as objects that the Prometheus operator reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components.contracts import Capabilities
from components.namespaces import MONITORING
from components.platform.own_namespaces import KUBERNETES, OWN

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's own, which is ten times as quick, wherever PyYAML was built with it: every preview reads all rules."""

RULES = Path(__file__).parents[2] / "alerts" / "rules"
"""One file a topic, in the format of Prometheus's own rule files."""

NAMESPACES_TEAM = "{{ $labels.namespace }}"
"""What the rule files give as `team` where an alert belongs to whoever owns the namespace that it is about."""

PLATFORM_TEAM = "platform"
"""The team that owns the platform's own namespaces, and whatever is in none."""


@dataclass(frozen=True, kw_only=True)
class AlertRulesArgs:
    capabilities: Capabilities
    """What the cluster offers and hides. There are no rules for what it hides."""

    stack: Mapping[str, str]
    """Labels of `groundwork_stack_info`, the series that tells dashboards where they are: `cloud`, `environment` and
    `stack`."""

    teams: Mapping[str, str]
    """Team by namespace, of workloads: who gets the alerts about it."""

    runbooks: str
    """Address of the repository's files, which the links to the runbooks begin with."""

    namespace: pulumi.Resource
    """The namespace that the rules are in: `monitoring`."""

    crds: pulumi.Resource
    """The operator's custom resource definitions."""


class AlertRules(pulumi.ComponentResource):
    """One PrometheusRule for each topic. Nothing runs, so nothing waits for nodes."""

    def __init__(self, name: str, args: AlertRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AlertRules", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.crds])
        for topic in topics(args.capabilities):
            groups = deployed(rule_groups(topic), args.runbooks, args.teams)
            prometheus_rule(f"{name}-{topic}", topic, groups, child)
        prometheus_rule(f"{name}-stack", "stack", stack_groups(args.stack), child)
        self.register_outputs({})


def prometheus_rule(
    name: str, topic: str, groups: pulumi.Input[Sequence[Mapping[str, Any]]], opts: pulumi.ResourceOptions
) -> kubernetes.apiextensions.CustomResource:
    """The object that the operator makes a rule file of. Prometheus takes those of every namespace, without a label."""
    return kubernetes.apiextensions.CustomResource(
        name,
        api_version="monitoring.coreos.com/v1",
        kind="PrometheusRule",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"groundwork-{topic}", namespace=MONITORING),
        spec={"groups": groups},
        opts=opts,
    )


def topics(capabilities: Capabilities) -> list[str]:
    """Every topic but those about what such a cluster hides or does not have."""
    offered = {
        "control-plane": capabilities.control_plane_metrics,
        "kube-proxy": capabilities.kube_proxy_metrics,
        "coredns": capabilities.cluster_dns == "coredns",
    }
    return [topic for topic in every_topic() if offered.get(topic, True)]


def every_topic() -> list[str]:
    """The topics that there are rules about, in alphabetical order."""
    return sorted(path.stem for path in RULES.glob("*.yaml"))


def rule_groups(topic: str) -> list[dict[str, Any]]:
    """The groups of a topic's file, as they are written."""
    return yaml.load((RULES / f"{topic}.yaml").read_text(encoding="utf-8"), Loader=LOADER)["groups"]


def deployed(groups: Sequence[Mapping[str, Any]], runbooks: str, teams: Mapping[str, str]) -> list[dict[str, Any]]:
    """Groups as a stack gets them: links to runbooks with an address, teams by the namespaces that the stack has."""
    return [{**group, "rules": [_deployed(rule, runbooks, teams) for rule in group["rules"]]} for group in groups]


def _deployed(rule: Mapping[str, Any], runbooks: str, teams: Mapping[str, str]) -> dict[str, Any]:
    if "alert" not in rule:
        return {**rule}
    labels, annotations = rule["labels"], rule["annotations"]
    team = team_template(teams) if labels["team"] == NAMESPACES_TEAM else labels["team"]
    link = f"{runbooks.rstrip('/')}/{annotations['runbook_url']}"
    return {**rule, "labels": {**labels, "team": team}, "annotations": {**annotations, "runbook_url": link}}


def team_template(teams: Mapping[str, str]) -> str:
    """What Prometheus makes the `team` label of: a choice by the namespace of the alert.

    A team that is called as its namespace is not named: a workload more or less changes no rule, then.
    https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
    """
    named = {namespace: team for namespace, team in sorted(teams.items()) if team != namespace}
    cases = [f'if eq $labels.namespace "{namespace}" }}}}{team}{{{{ else ' for namespace, team in named.items()]
    own = f'if match "^({"|".join(["", *sorted(OWN)])}|{KUBERNETES}.*)$" $labels.namespace }}}}{PLATFORM_TEAM}'
    return f"{{{{ {''.join(cases)}{own}{{{{ else }}}}{NAMESPACES_TEAM}{{{{ end }}}}"


def stack_groups(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The series that tells dashboards on which cloud, in which environment and in which stack they are."""
    return [
        {
            "name": "stack",
            "rules": [{"record": "groundwork_stack_info", "expr": "vector(1)", "labels": {**labels}}],
        }
    ]
