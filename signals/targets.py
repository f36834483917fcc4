"""Labels that a series gets besides those of its exporter: from the scrape, or from what pushes it.

The operator's relabeling of a ServiceMonitor or PodMonitor adds where a target is found:
https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signals.exposed import Series

EXTERNAL = frozenset({"cloud", "environment", "stack"})
"""External labels of a stack's Prometheus: on what it sends to a long-term store and to Alertmanager."""

POD = frozenset({"job", "instance", "namespace", "pod", "container", "endpoint"})
"""A PodMonitor's; a ServiceMonitor adds the Service."""

SERVICE = POD | {"service"}
NODE = frozenset({"job", "instance", "namespace", "service", "endpoint", "node", "metrics_path"})
"""The kubelet's: its targets are nodes. `metrics_path` tells its endpoints apart."""

PUSHED = frozenset({"job", "instance", "k8s_namespace_name"})
"""Of what arrives by OTLP: service.namespace/service.name, service.instance.id, and the attribute that is promoted."""

STRIMZI = frozenset({
    "strimzi_io_cluster", "strimzi_io_kind", "strimzi_io_name", "kubernetes_pod_name", "node_name", "node_ip",
})  # fmt: skip
"""What the PodMonitor of Kafka takes over from its pods:
https://github.com/strimzi/strimzi-kafka-operator/blob/main/packaging/examples/metrics/prometheus-install/pod-monitors"""


OF_EACH_SCRAPE = frozenset({
    "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
})  # fmt: skip
"""What Prometheus itself writes of every target: https://prometheus.io/docs/concepts/jobs_instances/"""

OF_ANY_TARGET = SERVICE | NODE | STRIMZI | EXTERNAL


@dataclass(frozen=True, kw_only=True)
class Target:
    """How an exporter is reached, as far as its labels show it."""

    labels: frozenset[str]
    honors_labels: bool = False
    """Whether the exporter's own label wins over the target's of the same name. Where it does not, it is renamed to
    `exported_...`."""


TARGETS: Mapping[str, Target] = {
    "kube-state-metrics": Target(labels=SERVICE, honors_labels=True),
    "node-exporter": Target(labels=SERVICE | {"node"}),
    "cadvisor": Target(labels=NODE, honors_labels=True),
    "kubelet": Target(labels=NODE, honors_labels=True),
    "kong": Target(labels=SERVICE, honors_labels=True),
    "cloudnative-pg": Target(labels=POD),
    "cloudnative-pg-pooler": Target(labels=POD),
    "plugin-barman-cloud": Target(labels=POD),
    "dapr-sidecar": Target(labels=POD),
    "dapr-operator": Target(labels=POD),
    "dapr-placement": Target(labels=POD),
    "dapr-scheduler": Target(labels=POD),
    "dapr-sentry": Target(labels=POD),
    "dapr-sidecar-injector": Target(labels=POD),
    "kafka-exporter": Target(labels=POD | STRIMZI),
    "strimzi-kafka": Target(labels=POD | STRIMZI),
    "strimzi-operators": Target(labels=POD | STRIMZI),
    "otel-spanmetrics": Target(labels=PUSHED | {"http_route", "http_response_status_code"}),
    "otel-semconv": Target(labels=PUSHED),
    "otel-semconv-legacy": Target(labels=PUSHED),
    "k6": Target(labels=frozenset({"system", "environment", "profile", "testid"})),
}
"""Exporters that are not reached by a plain ServiceMonitor."""

PLAIN = Target(labels=SERVICE)


def labels(series: Series) -> frozenset[str]:
    """Every label that a series can have."""
    target = TARGETS.get(series.metric.exporter, PLAIN)
    own = series.labels
    renamed = frozenset[str]() if target.honors_labels else {f"exported_{label}" for label in own & target.labels}
    return own | target.labels | renamed | EXTERNAL
