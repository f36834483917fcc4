"""What backs up PostgreSQL in the cluster: a plugin of CloudNativePG that runs `barman-cloud` beside each instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CLOUDNATIVE_PG as NAMESPACE
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import BARMAN_PLUGIN

RELEASE: Final = BARMAN_PLUGIN.name

PLUGIN: Final = {"app.kubernetes.io/name": BARMAN_PLUGIN.name, "app.kubernetes.io/instance": RELEASE}
"""Labels of its pod."""

PORT: Final = 9090
"""Where the operator asks it what a cluster needs. Both show certificates to each other."""


@dataclass(frozen=True, kw_only=True)
class BarmanPluginArgs:
    namespace: pulumi.Resource
    """The namespace of the operator, which finds plugins in its own alone: `cnpg-system`."""

    operator: pulumi.Resource
    """The release of the operator."""

    cert_manager: pulumi.Resource
    """What makes the certificates."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class BarmanPlugin(pulumi.ComponentResource):
    """Brings the definition of stores, and tells the operator what instances need that are backed up."""

    def __init__(self, name: str, args: BarmanPluginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:BarmanPlugin", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(BARMAN_PLUGIN),
                name=RELEASE,
                namespace=NAMESPACE,
                values=plugin_values(),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.namespace, args.operator, args.cert_manager, *args.nodes]
            ),
        )
        self.register_outputs({})


def plugin_values() -> dict[str, Any]:
    """Values of the chart. One pod: the operator knows of one, and asks it only when a cluster changes."""
    return {"crds": {"create": True}, "priorityClassName": CRITICAL, "resources": requests("20m", "96Mi")}
