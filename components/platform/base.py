"""What every part of the platform stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import Capabilities
from components.namespaces import Namespaces
from components.platform.addresses import monitoring_host
from components.releases import ChartSource
from stacks.settings import AnyStack


@dataclass(frozen=True, kw_only=True)
class Base:
    """The stack, its cluster, and what is in it before anything runs."""

    stack: AnyStack
    """The settings."""

    opts: pulumi.ResourceOptions
    """Options of every component: the provider of the cluster."""

    namespaces: Namespaces
    """The platform's own namespaces."""

    crds: pulumi.Resource
    """The Prometheus operator's definitions: monitors and rules are made of them."""

    nodes: Sequence[pulumi.Resource]
    """What pods wait for: nodes, and the priorities that they name."""

    capabilities: Capabilities
    """What the cluster offers and hides."""

    charts: ChartSource
    """Where charts come from."""

    @property
    def host(self) -> str:
        """The host that shows metrics, logs, traces and alerts."""
        return monitoring_host(self.stack.domain)

    @property
    def labels(self) -> dict[str, str]:
        """What tells this stack's metrics and alerts from those of others."""
        stack = self.stack
        return {
            "cloud": stack.cloud,
            "environment": stack.environment,
            "stack": f"{stack.cloud}-{stack.environment}",
        }
