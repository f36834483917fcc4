"""The values of kube-prometheus-stack: Prometheus, Alertmanager, and the exporters of cluster and nodes."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.contracts import Capabilities
from components.platform.addresses import ALERTMANAGER_PATH, PROMETHEUS_PATH
from components.pod_resources import claim, requests
from components.priorities import PLATFORM

FULL_RATIO = 0.8
"""Share of the volume that blocks may fill: the write-ahead log and compaction need the rest, and at 85 % of the file
system, which is smaller than the volume, an alert says that it fills."""

PROMOTED_ATTRIBUTES = ("k8s.namespace.name",)
"""Resource attributes that become labels of every metric that is pushed; the others are on `target_info`."""

OUT_OF_ORDER_WINDOW = "30m"
"""How late a pushed sample may be: collectors retry, and batch.
https://prometheus.io/docs/guides/opentelemetry/#enable-out-of-order-ingestion"""


def replicas(high_availability: bool) -> int:
    """How many Prometheus servers there are, each of which scrapes everything."""
    return 2 if high_availability else 1


def prometheus_spec(
    *,
    host: str,
    retention_days: int,
    storage_gib: int,
    storage_class: str,
    high_availability: bool,
    external_labels: Mapping[str, str],
    remote_write: pulumi.Input[list[dict[str, Any]]],
) -> dict[str, Any]:
    """Prometheus itself: open to every namespace, with retention by time and, before the volume is full, by size."""
    return {
        "priorityClassName": PLATFORM,
        "replicas": replicas(high_availability),
        "externalUrl": f"https://{host}{PROMETHEUS_PATH}",
        "routePrefix": PROMETHEUS_PATH,
        "externalLabels": dict(external_labels),
        "retention": f"{retention_days}d",
        "retentionSize": f"{int(storage_gib * FULL_RATIO)}GiB",
        "storageSpec": {"volumeClaimTemplate": claim(storage_class, storage_gib)},
        **open_selectors(),
        **receivers(),
        "remoteWrite": remote_write,
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
        "resources": requests("1", "4Gi") if high_availability else requests("200m", "1Gi"),
    }


def open_selectors() -> dict[str, bool]:
    """Takes every monitor and rule of every namespace. The chart would take those of its own release alone."""
    kinds = ("serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig")
    return {f"{kind}SelectorNilUsesHelmValues": False for kind in kinds}


def receivers() -> dict[str, Any]:
    """What Prometheus takes in, and under which names: scrapes, remote writes, OTLP, exemplars."""
    return {
        "enableRemoteWriteReceiver": True,
        "enableOTLPReceiver": True,
        "otlp": {
            "promoteResourceAttributes": list(PROMOTED_ATTRIBUTES),
            "translationStrategy": "UnderscoreEscapingWithSuffixes",
        },
        # Names as they always were: what is asked for dots sends dots, and queries would have to quote them.
        "nameEscapingScheme": "Underscores",
        "tsdb": {"outOfOrderTimeWindow": OUT_OF_ORDER_WINDOW},
        "enableFeatures": ["exemplar-storage"],
        "exemplars": {"maxSize": 100000},
    }


def alertmanager_spec(
    *,
    host: str,
    storage_class: str,
    high_availability: bool,
    configuration: pulumi.Input[str],
    secrets: list[pulumi.Input[str]],
) -> dict[str, Any]:
    """Alertmanager: three replicas, the fewest that keep silences when one is lost during an update."""
    return {
        "priorityClassName": PLATFORM,
        "replicas": 3 if high_availability else 1,
        "externalUrl": f"https://{host}{ALERTMANAGER_PATH}",
        "routePrefix": ALERTMANAGER_PATH,
        "useExistingSecret": True,
        "configSecret": configuration,
        "secrets": secrets,
        "storage": {"volumeClaimTemplate": claim(storage_class, 2)},
        "podAntiAffinity": "soft",
        "podAntiAffinityTopologyKey": "topology.kubernetes.io/zone",
        "resources": requests("20m", "256Mi" if high_availability else "64Mi"),
    }


def operator_values(high_availability: bool) -> dict[str, Any]:
    """The operator, the sidecar that reloads configuration, and the Jobs that give its webhook a certificate."""
    return {
        "priorityClassName": PLATFORM,
        "resources": requests("50m", "512Mi" if high_availability else "128Mi"),
        "prometheusConfigReloader": {"resources": requests("10m", "50Mi")},
        "admissionWebhooks": {"patch": {"resources": requests("10m", "64Mi")}},
    }


def exporters(high_availability: bool) -> dict[str, Any]:
    """What tells of the cluster's objects, itself included, and of its nodes, by their names."""
    node_name = {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}
    return {
        "kube-state-metrics": {
            "priorityClassName": PLATFORM,
            "resources": requests("50m", "256Mi" if high_availability else "96Mi"),
            "selfMonitor": {"enabled": True},
        },
        "prometheus-node-exporter": {
            "priorityClassName": PLATFORM,
            "resources": requests("20m", "64Mi"),
            "prometheus": {"monitor": {"relabelings": [node_name]}},
        },
    }


def control_plane_targets(capabilities: Capabilities) -> dict[str, Any]:
    """Scrape targets of the control plane, without those that it hides: they would always be down."""
    visible = {"enabled": capabilities.control_plane_metrics}
    return {
        "kubeControllerManager": visible,
        "kubeScheduler": visible,
        "kubeEtcd": visible,
        "kubeProxy": {"enabled": capabilities.kube_proxy_metrics},
        "coreDns": {"enabled": capabilities.cluster_dns == "coredns"},
        "kubeDns": {"enabled": capabilities.cluster_dns == "kube-dns"},
    }
