"""The whole platform on one foundation, in the order that its parts wait for each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.contracts import LOGS_WRITER, Foundation
from components.namespaces import MONITORING, Level, Namespaces, NamespacesArgs
from components.platform.alert_routing import AlertRouting, AlertRoutingArgs
from components.platform.alloy import Alloy, AlloyArgs
from components.platform.grafana import GrafanaAdmin, GrafanaAdminArgs
from components.platform.loki import Loki, LokiArgs
from components.platform.operator_crds import OperatorCrds, OperatorCrdsArgs
from components.platform.prometheus import Prometheus, PrometheusArgs
from components.releases import ChartSource
from stacks.credentials import Credentials
from stacks.settings import Stack

LEVELS: Mapping[str, Level] = {
    # node-exporter and Alloy read the node itself: host paths, host network.
    MONITORING: "privileged",
    LOGS_WRITER.namespace: "restricted",
}
"""The platform's namespaces, and the Pod Security level that the pods in each can bear."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the workloads and the user need of the platform."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition."""

    grafana: pulumi.Output[str]
    """Command that opens Grafana on this machine."""

    grafana_password: pulumi.Output[str]
    """Command that prints Grafana's admin password."""


def build_platform(stack: Stack, credentials: Credentials, foundation: Foundation) -> Platform:
    """Registers every component of the platform."""
    opts = pulumi.ResourceOptions(providers=[foundation.cluster.provider])
    charts = ChartSource(mirror=stack.chart_mirror)
    nodes, capabilities = foundation.cluster.nodes, foundation.capabilities

    namespaces = Namespaces("namespaces", NamespacesArgs(levels=LEVELS, protect=stack.protect), opts)
    monitoring = namespaces[MONITORING]
    crds = OperatorCrds("operator-crds", OperatorCrdsArgs(namespace=monitoring, charts=charts), opts)
    admin = GrafanaAdmin("grafana-admin", GrafanaAdminArgs(namespace=monitoring), opts)
    routing = AlertRouting(
        "alert-routing",
        AlertRoutingArgs(
            namespace=monitoring,
            slack_webhook=credentials.alerts.slack_webhook,
            pagerduty_key=credentials.alerts.pagerduty_key,
            smtp=credentials.alerts.smtp,
        ),
        opts,
    )
    loki = Loki(
        "loki",
        LokiArgs(
            store=foundation.logs,
            retention_days=stack.logs.retention_days,
            high_availability=stack.high_availability,
            storage_class=capabilities.storage_class,
            namespace=namespaces[LOGS_WRITER.namespace],
            service_monitors=crds.release,
            nodes=nodes,
            charts=charts,
        ),
        opts,
    )
    Alloy(
        "alloy",
        AlloyArgs(
            push_url=loki.push_url, namespace=monitoring, service_monitors=crds.release, nodes=nodes, charts=charts
        ),
        opts,
    )
    prometheus = Prometheus(
        "prometheus",
        PrometheusArgs(
            retention_days=stack.metrics.retention_days,
            storage_gib=stack.metrics.storage_gib,
            high_availability=stack.high_availability,
            capabilities=capabilities,
            grafana_admin=admin,
            alert_routing=routing,
            data_sources=[loki_data_source(loki.query_url)],
            namespace=monitoring,
            crds=crds.release,
            nodes=nodes,
            charts=charts,
        ),
        opts,
    )
    return Platform(
        service_monitors=crds.release,
        grafana=pulumi.Output.format(
            "kubectl -n {0} port-forward service/{1} 3000:80", MONITORING, prometheus.grafana_service
        ),
        grafana_password=pulumi.Output.format(
            "kubectl -n {0} get secret {1} -o jsonpath='{{.data.admin-password}}' | base64 -d",
            MONITORING,
            admin.secret_name,
        ),
    )


def loki_data_source(query_url: pulumi.Input[str]) -> dict[str, Any]:
    """Loki, as a Grafana data source."""
    return {"name": "Loki", "uid": "loki", "type": "loki", "access": "proxy", "url": query_url}
