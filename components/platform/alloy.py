"""Log collection: Grafana Alloy on every node, and once more for the events of the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from components.pod_resources import requests
from components.priorities import PLATFORM
from components.releases import ChartSource, release_args
from stacks.versions import ALLOY

PODS = Path(__file__).with_name("pods.alloy")
"""What the agent of a node does with the logs of its pods."""

EVENTS = Path(__file__).with_name("events.alloy")
"""What the one agent does with the events of the cluster."""

POSITIONS = "/var/lib/alloy"
"""Folder of the node that keeps how far each file was read: in the pod it would be lost at each restart."""

EVENTS_RELEASE = "alloy-events"


@dataclass(frozen=True, kw_only=True)
class AlloyArgs:
    push_url: pulumi.Input[str]
    """Where Loki takes logs in."""

    namespace: pulumi.Resource
    """The namespace that the agents run in: `monitoring`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the releases make use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Alloy(pulumi.ComponentResource):
    """Sends the logs of every pod and every event to Loki. Labels: `namespace`, `pod`, `container`, `app`, `level`."""

    def __init__(self, name: str, args: AlloyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Alloy", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes])
        for resource, release, values in (
            (f"{name}-release", "alloy", node_values(args.push_url)),
            (f"{name}-events", EVENTS_RELEASE, events_values(args.push_url)),
        ):
            kubernetes.helm.v3.Release(
                resource,
                release_args(args.charts.locate(ALLOY), name=release, namespace=MONITORING, values=values, timeout=600),
                opts=child,
            )
        self.register_outputs({})


def node_values(push_url: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the Alloy chart for the agent on every node."""
    return {
        **alloy_values("alloy", reads=["pods"]),
        "alloy": {
            **pipeline(PODS, push_url),
            "storagePath": POSITIONS,
            "mounts": {"varlog": True, "extra": [{"name": "positions", "mountPath": POSITIONS}]},
            "resources": requests("50m", "256Mi"),
            # Only root reads what the kubelet writes, and root needs no capability for it: the files are its own.
            "securityContext": {**CONFINED, "runAsUser": 0, "runAsGroup": 0},
        },
        "controller": {
            "type": "daemonset",
            "priorityClassName": PLATFORM,
            "tolerations": [{"operator": "Exists"}],
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}},
            "volumes": {"extra": [{"name": "positions", "hostPath": {"path": POSITIONS, "type": "DirectoryOrCreate"}}]},
        },
    }


def events_values(push_url: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the Alloy chart for the one agent that reads events.

    What it has read is told by the last one's time, in the pod: another pod reads those of the last hour again, and
    Loki keeps a line of the same time and text once.
    """
    return {
        **alloy_values(EVENTS_RELEASE, reads=["events"]),
        "alloy": {
            **pipeline(EVENTS, push_url),
            "storagePath": POSITIONS,
            "mounts": {"extra": [{"name": "positions", "mountPath": POSITIONS}]},
            "resources": requests("10m", "128Mi"),
            "securityContext": {**CONFINED, "runAsNonRoot": True, "runAsUser": 473, "runAsGroup": 473},
        },
        "controller": {
            "type": "deployment",
            "priorityClassName": PLATFORM,
            "replicas": 1,
            # Two at a time would send each event twice.
            "updateStrategy": {"type": "Recreate"},
            "volumes": {"extra": [{"name": "positions", "emptyDir": {"sizeLimit": "16Mi"}}]},
        },
    }


CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What no agent needs."""


def alloy_values(name: str, *, reads: Sequence[str]) -> dict[str, Any]:
    """Values that both releases have: names, no more rights than it takes, metrics of their own.

    The chart joins two lists of rules and bears neither of them empty.
    """
    return {
        "fullnameOverride": name,
        "crds": {"create": False},
        # A pod is replaced when its configuration changes: what does not load is rolled back, not passed over.
        "configReloader": {"enabled": False},
        "rbac": {
            "rules": [{"apiGroups": [""], "resources": list(reads), "verbs": ["list", "watch"]}],
            "clusterRules": [{"apiGroups": [""], "resources": list(reads), "verbs": ["get"]}],
        },
        "serviceMonitor": {"enabled": True},
    }


def pipeline(file: Path, push_url: pulumi.Input[str]) -> dict[str, Any]:
    """The configuration, and where it sends to."""
    return {
        "configMap": {"content": as_is(file.read_text(encoding="utf-8"))},
        "extraEnv": [{"name": "LOKI_PUSH_URL", "value": push_url}],
        "enableReporting": False,
    }


def as_is(text: str) -> str:
    """The text as the chart has to be given it: it fills in what stands in double braces, as Alloy's templates do."""
    return text.replace("{{", '{{ "{{" }}')
