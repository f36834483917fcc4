"""Metrics: kube-prometheus-stack, with Prometheus, Alertmanager, Grafana and the exporters of cluster and nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Capabilities
from components.namespaces import MONITORING
from components.platform import prometheus_values
from components.platform.addresses import PROMETHEUS, prometheus_url
from components.platform.alert_routing import AlertRouting
from components.platform.remote_write import LongTermStore
from components.releases import ChartSource, release_args
from stacks.versions import KUBE_PROMETHEUS_STACK


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    host: str
    """Host that people open Prometheus, Alertmanager and Grafana on."""

    retention_days: int
    """Days that samples are kept."""

    storage_gib: int
    """Size of each Prometheus volume in GiB."""

    high_availability: bool
    """Whether Prometheus and Alertmanager run as replicas in different zones."""

    external_labels: Mapping[str, str]
    """What tells this stack's alerts, and the samples that it pushes elsewhere, from those of others."""

    capabilities: Capabilities
    """What the cluster offers and hides."""

    grafana: Mapping[str, Any]
    """The chart's `grafana` block."""

    alert_routing: AlertRouting
    """Where alerts go."""

    long_term_store: LongTermStore | None = None
    """Where every sample is pushed besides."""

    secrets: Sequence[pulumi.Resource] = field(default=())
    """The Secrets that the pods mount, those of alert routing and of the long-term store aside."""

    namespace: pulumi.Resource
    """The namespace that everything runs in: `monitoring`."""

    crds: pulumi.Resource
    """The operator's custom resource definitions."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Prometheus(pulumi.ComponentResource):
    """Scrapes what carries a ServiceMonitor or PodMonitor in any namespace, keeps it, and shows it in Grafana."""

    url: pulumi.Output[str]
    """Where queries and remote writes go, inside the cluster."""

    grafana_service: pulumi.Output[str]
    """Name of Grafana's Service in the `monitoring` namespace."""

    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Prometheus", name, {}, opts)
        secrets = [*args.secrets, args.alert_routing.secret, args.alert_routing.credentials]
        if args.long_term_store and args.long_term_store.secret:
            secrets.append(args.long_term_store.secret)
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(KUBE_PROMETHEUS_STACK),
                name=PROMETHEUS,
                namespace=MONITORING,
                values=stack_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.crds, *secrets, *args.nodes]),
        )

        self.url = pulumi.Output.from_input(prometheus_url())
        self.grafana_service = pulumi.Output.from_input(f"{PROMETHEUS}-grafana")
        self.register_outputs({"url": self.url, "grafana_service": self.grafana_service})


def stack_values(args: PrometheusArgs) -> dict[str, Any]:
    """Values of the kube-prometheus-stack chart. Rules and dashboards are our own: the chart's would say it twice."""
    high_availability, storage_class = args.high_availability, args.capabilities.storage_class
    return {
        "fullnameOverride": PROMETHEUS,
        "cleanPrometheusOperatorObjectNames": True,
        "crds": {"enabled": False},
        "defaultRules": {"create": False},
        "prometheus": {
            "prometheusSpec": prometheus_values.prometheus_spec(
                host=args.host,
                retention_days=args.retention_days,
                storage_gib=args.storage_gib,
                storage_class=storage_class,
                high_availability=high_availability,
                external_labels=args.external_labels,
                remote_write=args.long_term_store.remote_write if args.long_term_store else [],
            ),
            "podDisruptionBudget": {"enabled": high_availability},
        },
        "alertmanager": {
            "alertmanagerSpec": prometheus_values.alertmanager_spec(
                host=args.host,
                storage_class=storage_class,
                high_availability=high_availability,
                configuration=args.alert_routing.secret_name,
                secrets=[args.alert_routing.credentials_name],
            ),
            "podDisruptionBudget": {"enabled": high_availability},
        },
        "grafana": {**args.grafana, "defaultDashboardsEnabled": False},
        "prometheusOperator": prometheus_values.operator_values(high_availability),
        **prometheus_values.exporters(high_availability),
        **prometheus_values.control_plane_targets(args.capabilities),
    }
