"""What pods and nodes use at the moment, for `kubectl top` and for autoscalers, where the cloud does not bring it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.pod_resources import requests
from components.releases import ChartSource, release_args
from stacks.versions import METRICS_SERVER

NAMESPACE = "kube-system"
"""Its priority, `system-cluster-critical`, is bounded by quotas elsewhere on some clouds; the API server's own parts
look for it here."""

RELEASE = "metrics-server"


@dataclass(frozen=True, kw_only=True)
class MetricsServerArgs:
    high_availability: bool
    """Whether two replicas run."""

    kubelet_certificates: bool
    """Whether kubelets show certificates that the cluster's authority signed. Those of kind and minikube sign their
    own, and are not asked who they are."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class MetricsServer(pulumi.ComponentResource):
    """Answers for the API `metrics.k8s.io`."""

    def __init__(self, name: str, args: MetricsServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:MetricsServer", name, {}, opts)
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(METRICS_SERVER),
                name=RELEASE,
                namespace=NAMESPACE,
                values=metrics_server_values(args.high_availability, args.kubelet_certificates),
                timeout=300,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def metrics_server_values(high_availability: bool, kubelet_certificates: bool) -> dict[str, Any]:
    """Values of the metrics-server chart."""
    replicas = 2 if high_availability else 1
    return {
        "replicas": replicas,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1} if replicas > 1 else {"enabled": False},
        # Added to the chart's own arguments.
        "args": [] if kubelet_certificates else ["--kubelet-insecure-tls"],
        "metrics": {"enabled": True},
        "serviceMonitor": {"enabled": True},
        "resources": requests("50m", "128Mi"),
    }
