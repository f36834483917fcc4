"""Log collection: Grafana Alloy on every node, reading the files that the kubelet writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from components.pod_resources import requests
from components.releases import ChartSource, release_args
from stacks.versions import ALLOY

PIPELINE = Path(__file__).with_name("pipeline.alloy")
"""Alloy's configuration. The chart would fill in what stands in double braces, so it holds none."""

POSITIONS = "/var/lib/alloy"
"""Folder of the node that keeps how far each file was read: in the pod it would be lost at each restart."""


@dataclass(frozen=True, kw_only=True)
class AlloyArgs:
    push_url: pulumi.Input[str]
    """Where Loki takes logs in."""

    namespace: pulumi.Resource
    """The namespace that the agents run in: `monitoring`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Alloy(pulumi.ComponentResource):
    """Sends the logs of every pod to Loki, with namespace, pod, container and app as labels."""

    def __init__(self, name: str, args: AlloyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Alloy", name, {}, opts)
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(ALLOY),
                name="alloy",
                namespace=MONITORING,
                values=alloy_values(args.push_url),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def alloy_values(push_url: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the Alloy chart."""
    return {
        "fullnameOverride": "alloy",
        "crds": {"create": False},
        "alloy": {
            "configMap": {"content": PIPELINE.read_text()},
            "extraEnv": [{"name": "LOKI_PUSH_URL", "value": push_url}],
            "enableReporting": False,
            "storagePath": POSITIONS,
            "mounts": {"varlog": True, "extra": [{"name": "positions", "mountPath": POSITIONS}]},
            "resources": requests("50m", "256Mi"),
        },
        "controller": {
            "type": "daemonset",
            "tolerations": [{"operator": "Exists"}],
            "volumes": {"extra": [{"name": "positions", "hostPath": {"path": POSITIONS, "type": "DirectoryOrCreate"}}]},
        },
        "serviceMonitor": {"enabled": True},
    }
