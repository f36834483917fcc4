"""Autoscaling: KEDA, which scales services by what Prometheus, brokers and the clock say, and down to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import KEDA as NAMESPACE
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import KEDA

RELEASE = "keda"


@dataclass(frozen=True, kw_only=True)
class KedaArgs:
    high_availability: bool
    """Whether two replicas of each part run: one operator works while the other waits."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `keda`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Keda(pulumi.ComponentResource):
    """Brings the definition of ScaledObjects, and makes a HorizontalPodAutoscaler of each."""

    def __init__(self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Keda", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(KEDA),
                name=RELEASE,
                namespace=NAMESPACE,
                values=keda_values(args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def keda_values(high_availability: bool) -> dict[str, Any]:
    """Values of KEDA's chart. Its certificates are its own: the operator makes them and replaces them in time."""
    replicas = 2 if high_availability else 1
    scraped = {"enabled": True, "serviceMonitor": {"enabled": True}}
    budget = {"maxUnavailable": 1} if replicas > 1 else {}
    return {
        "image": {"pullPolicy": "IfNotPresent"},
        "priorityClassName": CRITICAL,
        "operator": {"replicaCount": replicas},
        "metricsServer": {"replicaCount": replicas},
        "webhooks": {"replicaCount": replicas},
        "podDisruptionBudget": {"operator": budget, "metricServer": budget, "webhooks": budget},
        "topologySpreadConstraints": {
            "operator": [spread("keda-operator")],
            "metricsServer": [spread("keda-operator-metrics-apiserver")],
            "webhooks": [spread("keda-admission-webhooks")],
        },
        "logging": {
            "operator": {"format": "json"},
            "metricServer": {"zapEncoder": "json"},
            "webhooks": {"format": "json"},
        },
        "prometheus": {"operator": scraped, "metricServer": scraped, "webhooks": scraped},
        "resources": {
            "operator": requests("20m", "128Mi"),
            "metricServer": requests("20m", "96Mi"),
            "webhooks": requests("10m", "48Mi"),
        },
    }


def spread(app: str) -> dict[str, Any]:
    """One pod of a part on each node, while there are enough."""
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": app}},
    }
