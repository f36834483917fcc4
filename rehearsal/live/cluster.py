"""A small cluster in which everything belongs together: nodes, pods on them, their volumes, services and topics.

What stands in for exporters names these, so that a query that joins on namespace and pod, or on node, finds both sides.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Row = Mapping[str, str]
"""One thing of the cluster, by the labels that exporters have for it."""

Controller = Literal["Deployment", "StatefulSet", "DaemonSet"]

NODES = ("gke-dev-system-a", "gke-dev-system-b")
APPLICATION = "todo"
"""The namespace of the application."""

SERVICES = ("backend", "frontend", "worker")
"""The application's services, each with the container `app`, as the app-service chart calls it."""

TOPICS = ("orders", "audit")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Pods of one controller."""

    namespace: str
    name: str
    kind: Controller = "Deployment"
    containers: Sequence[str]
    replicas: int = 1
    claim: str | None = None
    """Prefix of its pods' volume claims."""

    def pods(self) -> list["Pod"]:
        """Its pods; of a DaemonSet one on each node."""
        count = len(NODES) if self.kind == "DaemonSet" else self.replicas
        return [Pod(workload=self, index=index) for index in range(count)]


@dataclass(frozen=True, kw_only=True)
class Pod:
    workload: Workload
    index: int

    @property
    def name(self) -> str:
        if self.workload.kind == "StatefulSet":
            return f"{self.workload.name}-{self.index}"
        return f"{self.controller}-{digest(self.workload.name, str(self.index))[:5]}"

    @property
    def controller(self) -> str:
        """What owns the pod: of a Deployment its ReplicaSet."""
        name = self.workload.name
        return f"{name}-{digest(name)[:9]}" if self.workload.kind == "Deployment" else name

    @property
    def owner_kind(self) -> str:
        return "ReplicaSet" if self.workload.kind == "Deployment" else self.workload.kind

    @property
    def node(self) -> str:
        return NODES[self.index % len(NODES)]

    @property
    def ip(self) -> str:
        number = int(digest(self.workload.namespace, self.name)[:4], 16)
        return f"10.64.{number >> 8}.{number & 255}"

    @property
    def row(self) -> Row:
        """The pod, by every label that names something of it."""
        uid = digest(self.workload.namespace, self.name)
        row = {
            "namespace": self.workload.namespace,
            "pod": self.name,
            "uid": f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:32]}",
            "node": self.node,
            "pod_ip": self.ip,
            "ip": self.ip,
            "host_ip": f"10.128.0.{NODES.index(self.node) + 2}",
            "created_by_kind": self.owner_kind,
            "created_by_name": self.controller,
            "owner_kind": self.owner_kind,
            "owner_name": self.controller,
            "service_account": self.workload.name,
        }
        row["pod_uid"] = row["uid"]
        if self.workload.claim:
            row |= {"persistentvolumeclaim": f"{self.workload.claim}-{self.name}", "volume": self.workload.claim}
        return row

    @property
    def containers(self) -> Iterator[Row]:
        """The pod's containers."""
        for name in self.workload.containers:
            image = f"registry.example/{name}:1.0.0"
            cgroup = f"/kubepods/burstable/pod{self.row['uid']}/{digest(self.name, name)}"
            yield {
                **self.row,
                "container": name,
                "image": image,
                "image_spec": image,
                "image_id": f"registry.example/{name}@sha256:{digest(name)}",
                "container_id": f"containerd://{digest(self.name, name)}",
                "id": cgroup,
                "name": digest(self.name, name)[:32],
            }


def digest(*parts: str) -> str:
    """A number that looks like those of a cluster, and is the same in every run."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


WORKLOADS: tuple[Workload, ...] = (
    *(Workload(namespace=APPLICATION, name=name, containers=("app", "daprd"), replicas=2) for name in SERVICES),
    Workload(namespace=APPLICATION, name="db", kind="StatefulSet", containers=("postgres",), replicas=2, claim="data"),
    Workload(namespace="monitoring", name="prometheus-kps", kind="StatefulSet", claim="prometheus-kps-db",
             containers=("prometheus", "config-reloader")),
    Workload(namespace="monitoring", name="alertmanager-kps", kind="StatefulSet", claim="alertmanager-kps-db",
             containers=("alertmanager", "config-reloader")),
    Workload(namespace="monitoring", name="kps-grafana", containers=("grafana",)),
    Workload(namespace="monitoring", name="kps-kube-state-metrics", containers=("kube-state-metrics",)),
    Workload(namespace="monitoring", name="kps-operator", containers=("kube-prometheus-stack",)),
    Workload(namespace="monitoring", name="kps-prometheus-node-exporter", kind="DaemonSet",
             containers=("node-exporter",)),
    Workload(namespace="monitoring", name="alloy", kind="DaemonSet", containers=("alloy",)),
    Workload(namespace="logging", name="loki", kind="StatefulSet", containers=("loki",), claim="storage"),
    Workload(namespace="tracing", name="otel-collector", containers=("opentelemetry-collector",)),
    Workload(namespace="tracing", name="jaeger", containers=("jaeger",)),
    Workload(namespace="gateway", name="kong", containers=("proxy",)),
    Workload(namespace="dapr-system", name="dapr-operator", containers=("dapr-operator",)),
    Workload(namespace="dapr-system", name="dapr-sentry", containers=("dapr-sentry",)),
    Workload(namespace="dapr-system", name="dapr-sidecar-injector", containers=("dapr-sidecar-injector",)),
    Workload(namespace="dapr-system", name="dapr-placement-server", kind="StatefulSet",
             containers=("dapr-placement-server",)),
    Workload(namespace="dapr-system", name="dapr-scheduler-server", kind="StatefulSet",
             containers=("dapr-scheduler-server",), claim="dapr-scheduler-data-dir"),
    Workload(namespace="cert-manager", name="cert-manager", containers=("cert-manager-controller",)),
    Workload(namespace="cnpg-system", name="cloudnative-pg", containers=("manager",)),
    Workload(namespace="messaging", name="events-broker", kind="StatefulSet", containers=("kafka",), claim="data"),
    Workload(namespace="messaging", name="events-kafka-exporter", containers=("events-kafka-exporter",)),
    Workload(namespace="messaging", name="strimzi-cluster-operator", containers=("strimzi-cluster-operator",)),
    Workload(namespace="messaging", name="queue-server", kind="StatefulSet", containers=("rabbitmq",), claim="data"),
    Workload(namespace="data", name="cache", kind="StatefulSet", containers=("metrics",), claim="data"),
    Workload(namespace="data", name="documents", kind="StatefulSet", containers=("mongodb-exporter",), claim="data"),
    Workload(namespace="data", name="vectors", kind="StatefulSet", containers=("weaviate",), claim="data"),
    Workload(namespace="data", name="embeddings", containers=("text-embeddings-inference",)),
    Workload(namespace="external-secrets", name="external-secrets", containers=("external-secrets",)),
    Workload(namespace="external-dns", name="external-dns", containers=("external-dns",)),
    Workload(namespace="keda", name="keda-operator", containers=("keda-operator",)),
    Workload(namespace="velero", name="velero", containers=("velero",)),
    Workload(namespace="reloader", name="reloader", containers=("reloader",)),
    Workload(namespace="kube-system", name="coredns", containers=("coredns",)),
    Workload(namespace="kube-system", name="metrics-server", containers=("metrics-server",)),
)  # fmt: skip
"""What runs there: the application, the platform, and the data services that a workload may ask for."""

PODS = tuple(pod for workload in WORKLOADS for pod in workload.pods())


def workload(name: str) -> Workload:
    """The workload of a name."""
    return next(one for one in WORKLOADS if one.name == name)
