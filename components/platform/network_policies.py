"""The platform's namespaces, closed but for what its parts declare."""

from collections.abc import Sequence

from components.contracts import BACKUPS_WRITER, SECRETS_READER, Foundation
from components.namespaces import CONSUL, RELOADER
from components.network.connections import Connection
from components.network.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.platform.applications import Applications
from components.platform.base import Base
from components.platform.connections.backups import backups_connections
from components.platform.connections.consul import consul_connections
from components.platform.connections.dapr import dapr_connections
from components.platform.connections.gateway import gateway_connections
from components.platform.connections.logs import logs_connections
from components.platform.connections.metrics import metrics_connections
from components.platform.connections.operators import (
    certificates_connections,
    data_operators_connections,
    keda_connections,
    records_connections,
    reloader_connections,
    secrets_connections,
)
from components.platform.connections.situation import Situation
from components.platform.connections.traces import traces_connections


def build_network_policies(
    base: Base, foundation: Foundation, applications: Applications, alert_ports: Sequence[int]
) -> None:
    """Registers the policies of the platform's namespaces. They need only the API."""
    situation = Situation(
        stack=base.stack,
        capabilities=base.capabilities,
        logs=foundation.logs,
        backups_by_identity=foundation.backups.key is None,
        dns=foundation.dns,
        managed_postgres=foundation.postgres is not None,
        applications=applications,
        namespaces=base.namespaces.by_name,
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
        *keda_connections(),
        *dapr_connections(situation),
        *certificates_connections(situation),
        *(records_connections() if situation.dns else []),
        *(secrets_connections(situation) if SECRETS_READER.namespace in situation.namespaces else []),
        *(reloader_connections() if RELOADER in situation.namespaces else []),
        *data_operators_connections(situation),
        *(consul_connections() if CONSUL in situation.namespaces else []),
        *(backups_connections(situation) if BACKUPS_WRITER.namespace in situation.namespaces else []),
    ]
