"""Reloader, which restarts pods whose Secrets have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import RELOADER
from components.pod_resources import requests
from components.pod_security import RESTRICTED_CONTAINER
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks import versions

RELEASE = "reloader"


@dataclass(frozen=True, kw_only=True)
class ReloaderArgs:
    high_availability: bool
    """Whether a second pod waits to take over: a change that nobody saw restarts nothing."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `reloader`."""

    pod_monitors: pulumi.Resource
    """The PodMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Reloader(pulumi.ComponentResource):
    """Rolls the pods of whatever asks for it by `components/restarts.py`, and leaves everything else alone."""

    def __init__(self, name: str, args: ReloaderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Reloader", name, {}, opts)
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(versions.RELOADER),
                name=RELEASE,
                namespace=RELOADER,
                values=reloader_values(args.high_availability),
                timeout=300,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.pod_monitors, *args.nodes]),
        )
        self.register_outputs({})


def reloader_values(high_availability: bool) -> dict[str, Any]:
    """Values of Reloader's chart."""
    return {
        "fullnameOverride": RELEASE,
        "reloader": {
            "autoReloadAll": False,
            # ConfigMaps here are named by their content, or read again by whoever mounts them.
            "ignoreConfigMaps": True,
            "ignoreJobs": True,
            "ignoreCronJobs": True,
            # A variable of its own would be taken out again by the next release of the chart.
            "reloadStrategy": "annotations",
            "enableHA": high_availability,
            "readOnlyRootFileSystem": True,
            "logFormat": "json",
            "podMonitor": {"enabled": True},
            "podDisruptionBudget": {"enabled": high_availability, "minAvailable": 1},
            "deployment": {
                "replicas": 2 if high_availability else 1,
                "priorityClassName": CRITICAL,
                "resources": requests("10m", "96Mi"),
                "containerSecurityContext": dict(RESTRICTED_CONTAINER),
                # The chart has it follow a limit of CPU, which there is none of.
                "gomaxprocsOverride": "1",
            },
        },
    }
