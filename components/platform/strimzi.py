"""The operator of Kafka: Strimzi, which makes clusters, topics and users of objects in any namespace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import STRIMZI as NAMESPACE
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import STRIMZI

RELEASE = "strimzi"

OPERATOR = {"name": "strimzi-cluster-operator", "strimzi.io/kind": "cluster-operator"}
"""Labels of the operator's pods."""


@dataclass(frozen=True, kw_only=True)
class StrimziArgs:
    high_availability: bool
    """Whether a second pod stands by."""

    namespace: pulumi.Resource
    """The namespace that the operator runs in: `strimzi`."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Strimzi(pulumi.ComponentResource):
    """Brings the definitions of Kafka objects, and looks after what is made of them."""

    def __init__(self, name: str, args: StrimziArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Strimzi", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(STRIMZI),
                name=RELEASE,
                namespace=NAMESPACE,
                values=strimzi_values(args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, *args.nodes]),
        )
        kubernetes.apiextensions.CustomResource(
            f"{name}-metrics",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=OPERATOR["name"], namespace=NAMESPACE),
            spec={
                "selector": {"matchLabels": OPERATOR},
                "podMetricsEndpoints": [{"port": "http", "path": "/metrics"}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )
        self.register_outputs({})


def strimzi_values(high_availability: bool) -> dict[str, Any]:
    """Values of the Strimzi chart."""
    replicas = 2 if high_availability else 1
    return {
        "watchAnyNamespace": True,
        # The operator's own let everybody at metrics, and the whole namespace at the listener; policies add up, so that
        # those of the workload would close nothing.
        "generateNetworkPolicy": False,
        "replicas": replicas,
        "leaderElection": {"enable": True},
        # A disruption budget for one pod would stop every drain of its node.
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1} if replicas > 1 else {"enabled": False},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": OPERATOR},
            }
        ],
        # Pods that the operator makes carry what a namespace of the level `restricted` asks for.
        "extraEnvs": [{"name": "STRIMZI_POD_SECURITY_PROVIDER_CLASS", "value": "restricted"}],
        "priorityClassName": CRITICAL,
        "resources": requests("100m", "384Mi"),
    }
