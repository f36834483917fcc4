"""Where each exporter runs in the cluster: its targets, with the labels that a scrape or a push gives their series."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rehearsal.live.cluster import APPLICATION, NODES, SERVICES, Pod, Workload, workload
from signals.targets import PLAIN, TARGETS

PUSHED = ("otel-semconv", "otel-semconv-legacy", "otel-spanmetrics")
"""What arrives by OTLP instead of being scraped."""

BY_NODE = ("kubelet", "cadvisor", "kube-proxy")

WRITTEN = ("k6",)
"""What arrives by remote write: from a load test, which is no part of a stack."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One scrape target, or one process that pushes."""

    exporter: str
    labels: Mapping[str, str]
    """What the scrape puts on every series."""

    own: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the exporter's own that this target gives one value."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    workload: str
    container: str
    job: str
    endpoint: str


def _in_pod(workload: str, container: str, job: str, endpoint: str = "http-metrics") -> _Place:
    """Found by a Service, whose port most charts call so."""
    return _Place(workload=workload, container=container, job=job, endpoint=endpoint)


def _by_pods(workload: str, container: str, job: str, endpoint: str = "metrics") -> _Place:
    """Found by its pods, whose port most operators call so."""
    return _Place(workload=workload, container=container, job=job, endpoint=endpoint)


_PLACES: Mapping[str, tuple[_Place, ...]] = {
    "alertmanager": (_in_pod("alertmanager-kps", "alertmanager", "kps-alertmanager", "http-web"),),
    "alloy": (_in_pod("alloy", "alloy", "alloy"),),
    "application": tuple(_in_pod(name, "app", name, "http") for name in SERVICES),
    "cert-manager": (_in_pod("cert-manager", "cert-manager-controller", "cert-manager"),),
    "cloudnative-pg": (_by_pods("db", "postgres", f"{APPLICATION}/db"),),
    "cloudnative-pg-pooler": (_by_pods("db", "postgres", f"{APPLICATION}/db-pooler"),),
    "controller-runtime": (_by_pods("cloudnative-pg", "manager", "cnpg-system/cloudnative-pg"),),
    "coredns": (_in_pod("coredns", "coredns", "coredns"),),
    "dapr-operator": (_by_pods("dapr-operator", "dapr-operator", "dapr-system/dapr"),),
    "dapr-placement": (_by_pods("dapr-placement-server", "dapr-placement-server", "dapr-system/dapr"),),
    "dapr-scheduler": (_by_pods("dapr-scheduler-server", "dapr-scheduler-server", "dapr-system/dapr"),),
    "dapr-sentry": (_by_pods("dapr-sentry", "dapr-sentry", "dapr-system/dapr"),),
    "dapr-sidecar-injector": (_by_pods("dapr-sidecar-injector", "dapr-sidecar-injector", "dapr-system/dapr"),),
    "dapr-sidecar": tuple(_by_pods(name, "daprd", f"{APPLICATION}/dapr-sidecars", "dapr-metrics")
                          for name in SERVICES),
    "etcd": (),
    "external-dns": (_in_pod("external-dns", "external-dns", "external-dns", "http"),),
    "external-secrets": (_in_pod("external-secrets", "external-secrets", "external-secrets", "metrics"),),
    "fastapi-instrumentator": (_in_pod("backend", "app", "backend", "http"),),
    "go-runtime": (
        _in_pod("jaeger", "jaeger", "jaeger", "internal-metrics"),
        _in_pod("otel-collector", "opentelemetry-collector", "otel-collector"),
    ),
    "grafana": (_in_pod("kps-grafana", "grafana", "kps-grafana", "http-web"),),
    "jaeger": (_in_pod("jaeger", "jaeger", "jaeger", "internal-metrics"),),
    "kafka-exporter": (_by_pods("events-kafka-exporter", "events-kafka-exporter", "messaging/kafka",
                                       "tcp-prometheus"),),
    "keda": (_in_pod("keda-operator", "keda-operator", "keda-operator", "metrics"),),
    "kong": (_in_pod("kong", "proxy", "kong", "status"),),
    "kube-state-metrics": (_in_pod("kps-kube-state-metrics", "kube-state-metrics", "kube-state-metrics", "http"),),
    "loki": (_in_pod("loki", "loki", "logging/loki"),),
    "metrics-server": (_in_pod("metrics-server", "metrics-server", "metrics-server", "https"),),
    "mongodb-exporter": (_by_pods("documents", "mongodb-exporter", "data/documents"),),
    "node-exporter": (_in_pod("kps-prometheus-node-exporter", "node-exporter", "node-exporter"),),
    "otel-collector": (_in_pod("otel-collector", "opentelemetry-collector", "otel-collector", "metrics"),),
    "plugin-barman-cloud": (_by_pods("db", "postgres", f"{APPLICATION}/db"),),
    "prom-client": (_in_pod("frontend", "app", "frontend", "http"),),
    "prometheus": (_in_pod("prometheus-kps", "prometheus", "kps-prometheus", "http-web"),),
    "prometheus-config-reloader": (_in_pod("prometheus-kps", "config-reloader", "kps-prometheus",
                                           "reloader-web"),),
    "prometheus-net": (_in_pod("worker", "app", "worker", "http"),),
    "prometheus-operator": (_in_pod("kps-operator", "kube-prometheus-stack", "kps-operator", "https"),),
    "rabbitmq": (_by_pods("queue-server", "rabbitmq", "messaging/queue", "prometheus"),),
    "redis-exporter": (_by_pods("cache", "metrics", "data/cache"),),
    "reloader": (_by_pods("reloader", "reloader", "reloader/reloader", "http"),),
    "strimzi-kafka": (_by_pods("events-broker", "kafka", "messaging/kafka", "tcp-prometheus"),),
    "strimzi-operators": (_by_pods("strimzi-cluster-operator", "strimzi-cluster-operator", "messaging/strimzi",
                                          "http"),),
    "text-embeddings-inference": (_by_pods("embeddings", "text-embeddings-inference", "data/embeddings"),),
    "velero": (_in_pod("velero", "velero", "velero", "http-monitoring"),),
    "weaviate": (_in_pod("vectors", "weaviate", "vectors", "metrics"),),
}  # fmt: skip

_CONTROL_PLANE: Mapping[str, str] = {
    "kube-apiserver": "apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "etcd": "kube-etcd",
}
"""Job of what runs on no node of the cluster."""


def targets(exporter: str) -> list[Target]:
    """The targets of an exporter."""
    if exporter in WRITTEN:
        tags = {"system": "todo", "environment": "dev", "profile": "smoke", "testid": "todo-dev-smoke"}
        return [Target(exporter=exporter, labels=tags)]
    if exporter in PUSHED:
        return [_pushing(exporter, pod) for name in SERVICES for pod in workload(name).pods()[:1]]
    if exporter in BY_NODE:
        return [_node(exporter, node) for node in NODES]
    if exporter in _CONTROL_PLANE:
        job = _CONTROL_PLANE[exporter]
        labels = {"job": job, "namespace": "default", "service": "kubernetes", "endpoint": "https"}
        return [Target(exporter=exporter, labels={**labels, "instance": "10.0.0.2:443"})]
    return list(_scraped(exporter))


def _scraped(exporter: str) -> Iterator[Target]:
    for place in _PLACES[exporter]:
        runs = workload(place.workload)
        for pod in runs.pods():
            labels = {
                "job": place.job,
                "namespace": runs.namespace,
                "pod": pod.name,
                "container": place.container,
                "endpoint": place.endpoint,
                "instance": f"{pod.ip}:9090",
            }
            known = TARGETS.get(exporter, PLAIN).labels
            if "service" in known:
                labels["service"] = place.job.rpartition("/")[2]
            if "node" in known:
                labels["node"] = pod.node
            own = _own(exporter, runs, pod)
            yield Target(exporter=exporter, labels={**labels, **_strimzi(exporter, pod)}, own=own)


def _own(exporter: str, runs: Workload, pod: Pod) -> dict[str, str]:
    if exporter == "dapr-sidecar":
        return {"app_id": runs.name, "namespace": runs.namespace}
    if exporter == "node-exporter":
        return {"nodename": pod.node}
    return {}


def _strimzi(exporter: str, pod: Pod) -> dict[str, str]:
    if "strimzi_io_cluster" not in TARGETS.get(exporter, PLAIN).labels:
        return {}
    labels = {"strimzi_io_cluster": "events", "strimzi_io_kind": "Kafka", "strimzi_io_name": "events-kafka"}
    return {**labels, "kubernetes_pod_name": pod.name, "node_name": pod.node, "node_ip": pod.row["host_ip"]}


def _node(exporter: str, node: str) -> Target:
    address = f"10.128.0.{NODES.index(node) + 2}:10250"
    paths = {"kubelet": "/metrics", "cadvisor": "/metrics/cadvisor"}
    labels = {"namespace": "kube-system", "service": "kps-kubelet", "endpoint": "https-metrics", "instance": address}
    if exporter not in paths:
        pod = {"pod": f"{exporter}-{node}", "container": exporter}
        return Target(exporter=exporter, labels={"job": exporter, **pod, **labels}, own={"node": node})
    own = {"node": node}
    return Target(
        exporter=exporter, labels={"job": "kubelet", "metrics_path": paths[exporter], "node": node, **labels}, own=own
    )


def _pushing(exporter: str, pod: Pod) -> Target:
    name = pod.workload.name
    pushed = {"job": f"{APPLICATION}/{name}", "instance": pod.row["uid"]}
    own = {"service_name": name, **pushed}
    return Target(exporter=exporter, labels={**pushed, "k8s_namespace_name": APPLICATION}, own=own)
