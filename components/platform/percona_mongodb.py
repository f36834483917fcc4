"""The operator of MongoDB: Percona's, which makes replica sets of objects in any namespace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import PERCONA_MONGODB as NAMESPACE
from components.pod_resources import requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.releases import ChartSource, release_args
from stacks.versions import PERCONA_MONGODB

RELEASE = "psmdb-operator"

OPERATOR = {"app.kubernetes.io/name": "psmdb-operator", "app.kubernetes.io/instance": RELEASE}
"""Labels of the operator's pods."""


@dataclass(frozen=True, kw_only=True)
class PerconaMongodbArgs:
    high_availability: bool
    """Whether a second pod stands by."""

    namespace: pulumi.Resource
    """The namespace that the operator runs in: `percona-mongodb`."""

    cert_manager: pulumi.Resource
    """What issues certificates. An operator that finds none becomes an authority itself, and never renews what it has
    issued."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class PerconaMongodb(pulumi.ComponentResource):
    """Brings the definitions of MongoDB's objects, and looks after what is made of them."""

    def __init__(self, name: str, args: PerconaMongodbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:PerconaMongodb", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(PERCONA_MONGODB),
                name=RELEASE,
                namespace=NAMESPACE,
                values=operator_values(args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.cert_manager, *args.nodes]),
        )
        kubernetes.apiextensions.CustomResource(
            f"{name}-metrics",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=RELEASE, namespace=NAMESPACE),
            spec={
                "selector": {"matchLabels": OPERATOR},
                "podMetricsEndpoints": [{"port": "metrics", "path": "/metrics"}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )
        self.register_outputs({})


def operator_values(high_availability: bool) -> dict[str, Any]:
    """Values of the chart, which has no budget for disruptions and no priority: one pod of two works."""
    return {
        "fullnameOverride": RELEASE,
        "replicaCount": 2 if high_availability else 1,
        "watchAllNamespaces": True,
        "disableTelemetry": True,
        "logStructured": True,
        "podSecurityContext": dict(RESTRICTED_POD),
        "securityContext": dict(RESTRICTED_CONTAINER),
        "resources": requests("50m", "192Mi"),
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {
                            "topologyKey": "kubernetes.io/hostname",
                            "labelSelector": {"matchLabels": OPERATOR},
                        },
                    }
                ]
            }
        },
    }
