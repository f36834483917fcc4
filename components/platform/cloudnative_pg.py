"""The operator of PostgreSQL: CloudNativePG, which makes clusters of objects in any namespace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CLOUDNATIVE_PG as NAMESPACE
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import CLOUDNATIVE_PG

RELEASE = "cnpg"

OPERATOR = {"app.kubernetes.io/name": "cloudnative-pg", "app.kubernetes.io/instance": RELEASE}
"""Labels of the operator's pods."""


@dataclass(frozen=True, kw_only=True)
class CloudNativePgArgs:
    high_availability: bool
    """Whether two pods answer the API server about clusters; one of them works."""

    namespace: pulumi.Resource
    """The namespace that the operator runs in: `cnpg-system`."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class CloudNativePg(pulumi.ComponentResource):
    """Brings the definitions of PostgreSQL clusters, answers for what they say, and looks after their instances."""

    def __init__(self, name: str, args: CloudNativePgArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:CloudNativePg", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(CLOUDNATIVE_PG),
                name=RELEASE,
                namespace=NAMESPACE,
                values=operator_values(args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def operator_values(high_availability: bool) -> dict[str, Any]:
    """Values of the chart. The definitions stay when the release goes: with them all databases would go."""
    return {
        "replicaCount": 2 if high_availability else 1,
        "crds": {"create": True},
        "config": {"clusterWide": True},
        "monitoring": {"podMonitorEnabled": True},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": OPERATOR},
            }
        ],
        "priorityClassName": CRITICAL,
        "resources": requests("50m", "192Mi"),
    }
