"""Metrics: kube-prometheus-stack, with Prometheus, Alertmanager, Grafana and the exporters of cluster and nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Capabilities
from components.namespaces import MONITORING
from components.platform.alert_routing import AlertRouting
from components.platform.grafana import GrafanaAdmin, grafana_values
from components.pod_resources import claim, requests
from components.releases import ChartSource, release_args
from stacks.versions import KUBE_PROMETHEUS_STACK

RELEASE = "kps"

FULL_RATIO = 0.85
"""Share of the volume that blocks may fill: the write-ahead log and compaction need the rest."""


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    retention_days: int
    """Days that samples are kept."""

    storage_gib: int
    """Size of each Prometheus volume in GiB."""

    high_availability: bool
    """Whether Prometheus and Alertmanager run as replicas in different zones."""

    capabilities: Capabilities
    """What the cluster offers and hides."""

    grafana_admin: GrafanaAdmin
    """Grafana's admin credentials."""

    alert_routing: AlertRouting
    """Where alerts go."""

    data_sources: Sequence[Mapping[str, Any]]
    """Grafana data sources beside Prometheus and Alertmanager."""

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
        secrets = [args.grafana_admin.secret, args.alert_routing.secret]
        waits_for = [args.namespace, args.crds, *secrets, *args.nodes]
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(KUBE_PROMETHEUS_STACK),
                name=RELEASE,
                namespace=MONITORING,
                values=stack_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )

        self.url = pulumi.Output.from_input(f"http://{RELEASE}-prometheus.{MONITORING}.svc:9090")
        self.grafana_service = pulumi.Output.from_input(f"{RELEASE}-grafana")
        self.register_outputs({"url": self.url, "grafana_service": self.grafana_service})


def stack_values(args: PrometheusArgs) -> dict[str, Any]:
    """Values of the kube-prometheus-stack chart."""
    return {
        "fullnameOverride": RELEASE,
        "cleanPrometheusOperatorObjectNames": True,
        "crds": {"enabled": False},
        "prometheus": {
            "prometheusSpec": prometheus_spec(args),
            "podDisruptionBudget": {"enabled": args.high_availability},
        },
        "alertmanager": {
            "alertmanagerSpec": alertmanager_spec(args),
            "podDisruptionBudget": {"enabled": args.high_availability},
        },
        "grafana": grafana_values(args.grafana_admin.secret_name, args.data_sources, args.capabilities.storage_class),
        "prometheusOperator": {
            "resources": requests("50m", "512Mi" if args.high_availability else "128Mi"),
            "prometheusConfigReloader": {"resources": requests("10m", "50Mi")},
        },
        "kube-state-metrics": {"resources": requests("50m", "256Mi" if args.high_availability else "96Mi")},
        "prometheus-node-exporter": {"resources": requests("20m", "64Mi")},
        **control_plane_targets(args.capabilities),
    }


def prometheus_spec(args: PrometheusArgs) -> dict[str, Any]:
    """Prometheus itself: open to every namespace, with retention by time and, before the volume is full, by size."""
    return {
        "replicas": 2 if args.high_availability else 1,
        "retention": f"{args.retention_days}d",
        "retentionSize": f"{int(args.storage_gib * FULL_RATIO)}GiB",
        "storageSpec": {"volumeClaimTemplate": claim(args.capabilities.storage_class, args.storage_gib)},
        "serviceMonitorSelectorNilUsesHelmValues": False,
        "podMonitorSelectorNilUsesHelmValues": False,
        "probeSelectorNilUsesHelmValues": False,
        "ruleSelectorNilUsesHelmValues": False,
        "scrapeConfigSelectorNilUsesHelmValues": False,
        "enableRemoteWriteReceiver": True,
        "enableOTLPReceiver": True,
        "enableFeatures": ["exemplar-storage"],
        "exemplars": {"maxSize": 100000},
        "podAntiAffinity": "hard",
        "podAntiAffinityTopologyKey": "kubernetes.io/hostname",
        # Never on one node, and in different zones where the region has them: some of Oracle's have only one.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
            }
        ],
        "resources": requests("1", "4Gi") if args.high_availability else requests("200m", "1Gi"),
    }


def alertmanager_spec(args: PrometheusArgs) -> dict[str, Any]:
    """Alertmanager: three replicas, the fewest that keep silences when one is lost during an update."""
    return {
        "replicas": 3 if args.high_availability else 1,
        "useExistingSecret": True,
        "configSecret": args.alert_routing.secret_name,
        "storage": {"volumeClaimTemplate": claim(args.capabilities.storage_class, 2)},
        "podAntiAffinity": "soft",
        "podAntiAffinityTopologyKey": "topology.kubernetes.io/zone",
        "resources": requests("20m", "256Mi" if args.high_availability else "64Mi"),
    }


def control_plane_targets(capabilities: Capabilities) -> dict[str, Any]:
    """Scrape targets and rules of the control plane, without those that it hides: they would always be down."""
    visible = {"enabled": capabilities.control_plane_metrics}
    return {
        "kubeControllerManager": visible,
        "kubeScheduler": visible,
        "kubeEtcd": visible,
        "kubeProxy": {"enabled": capabilities.kube_proxy_metrics},
        "coreDns": {"enabled": capabilities.cluster_dns == "coredns"},
        "kubeDns": {"enabled": capabilities.cluster_dns == "kube-dns"},
    }
