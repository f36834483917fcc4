"""The platform's namespaces, closed but for what its parts declare."""

from collections.abc import Sequence

from components.contracts import Foundation
from components.network.connections import Connection
from components.network.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.platform.base import Base
from components.platform.connections.dapr import dapr_connections
from components.platform.connections.gateway import gateway_connections
from components.platform.connections.logs import logs_connections
from components.platform.connections.metrics import metrics_connections
from components.platform.connections.operators import (
    certificates_connections,
    keda_connections,
    records_connections,
)
from components.platform.connections.situation import Situation
from components.platform.connections.traces import traces_connections


def build_network_policies(base: Base, foundation: Foundation, alert_ports: Sequence[int]) -> None:
    """Registers the policies of the platform's namespaces. They need only the API."""
    situation = Situation(
        stack=base.stack,
        capabilities=base.capabilities,
        logs=foundation.logs,
        dns=foundation.dns,
        alert_ports=alert_ports,
    )
    args = NetworkPoliciesArgs(
        connections=platform_connections(situation),
        closed=list(base.namespaces.by_name),
        namespaces=base.namespaces.by_name,
        network=foundation.network,
    )
    NetworkPolicies("network", args, base.opts)


def platform_connections(situation: Situation) -> list[Connection]:
    """Who of the platform reaches whom."""
    return [
        *metrics_connections(situation),
        *logs_connections(situation),
        *traces_connections(situation),
        *gateway_connections(situation),
        *keda_connections(situation),
        *dapr_connections(situation),
        *certificates_connections(situation),
        *(records_connections(situation) if situation.dns else []),
    ]
