"""Which rows of the cluster a metric is about, by the labels that it carries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rehearsal.live.cluster import APPLICATION, NODES, PODS, SERVICES, TOPICS, WORKLOADS, Controller, Row, digest

STORAGE_CLASS = "standard-rwo"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Things of one kind. A metric is about them if it has all the labels of `key`."""

    key: frozenset[str]
    rows: Sequence[Row]
    exporters: frozenset[str] = frozenset()
    """Those that it holds for; none stands for all."""


def _identity(key: str, rows: Sequence[Row], exporters: str = "") -> Identity:
    return Identity(key=frozenset(key.split()), rows=rows, exporters=frozenset(exporters.split()))


def _claims() -> Iterator[Row]:
    for row in (pod.row for pod in PODS if pod.workload.claim):
        volume = f"pvc-{digest(row['namespace'], row['persistentvolumeclaim'])[:8]}"
        yield {
            **row,
            "volumename": volume,
            "persistentvolume": volume,
            "claim_namespace": row["namespace"],
            "claim_name": row["persistentvolumeclaim"],
            "name": row["persistentvolumeclaim"],
            "storageclass": STORAGE_CLASS,
        }


def _controlled(label: str, kind: Controller) -> list[Row]:
    return [{"namespace": one.namespace, label: one.name} for one in WORKLOADS if one.kind == kind]


def _nodes() -> Iterator[Row]:
    for number, node in enumerate(NODES):
        address = f"10.128.0.{number + 2}"
        yield {
            "node": node,
            "nodename": node,
            "internal_ip": address,
            "address": address,
            "provider_id": f"gce://example-groundwork-dev/europe-west1-b/{node}",
            "kernel_version": "6.6.97+",
            "kubelet_version": "v1.34.4",
            "os_image": "Container-Optimized OS from Google",
            "container_runtime_version": "containerd://2.0.6",
            "pod_cidr": f"10.64.{number}.0/24",
            "system_uuid": digest(node)[:32],
        }


def _named(label: str, *names: str, namespace: str = APPLICATION) -> list[Row]:
    return [{"namespace": namespace, label: name, "name": name} for name in names]


_SPANS = ("GET /orders", "POST /orders", "todo.v1.Orders/Get")
"""Names of spans: method and route of HTTP, service and method of RPC.
https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/#span-name"""

_APPLICATION_OBJECTS = (
    "horizontalpodautoscaler", "poddisruptionbudget", "service", "ingress", "networkpolicy", "endpoint",
    "endpointslice", "serviceaccount", "configmap", "secret", "resourcequota", "limitrange", "rolebinding", "lease",
)  # fmt: skip

IDENTITIES: tuple[Identity, ...] = (
    # As the program names them: components/services/gateway/routes.py.
    _identity("service route", [{"service": f"{APPLICATION}.{name}.http", "route": f"{APPLICATION}.{name}.api"}
                                for name in SERVICES], "kong"),
    _identity("namespace name", [{"namespace": "gateway", "name": "gateway-tls"}], "cert-manager"),
    _identity("topic consumergroup", [{"topic": topic, "consumergroup": name} for topic in TOPICS
                                      for name in SERVICES[:2]], "kafka-exporter"),
    _identity("topic", [{"topic": topic} for topic in TOPICS]),
    _identity("app_id", [{"app_id": name} for name in SERVICES], "dapr-operator dapr-sidecar-injector"),
    _identity("src_app_id", [{"src_app_id": name} for name in SERVICES], "dapr-sidecar"),
    _identity("dst_app_id", [{"dst_app_id": name} for name in SERVICES], "dapr-sidecar"),
    _identity("target", [{"target": f"app_{name}"} for name in SERVICES], "dapr-sidecar"),
    _identity("server_address", [{"server_address": name} for name in SERVICES], "otel-semconv otel-semconv-legacy"),
    _identity("span_name", [{"span_name": name} for name in _SPANS], "otel-spanmetrics"),
    *(_identity(f"namespace {label}", _named(label, *SERVICES)) for label in _APPLICATION_OBJECTS),
    _identity("namespace deployment", _controlled("deployment", "Deployment")),
    _identity("namespace statefulset", _controlled("statefulset", "StatefulSet")),
    _identity("namespace daemonset", _controlled("daemonset", "DaemonSet")),
    _identity("namespace replicaset", [
        {"namespace": pod.workload.namespace, "replicaset": pod.controller, "owner_kind": "Deployment",
         "owner_name": pod.workload.name}
        for pod in PODS if pod.owner_kind == "ReplicaSet" and pod.index == 0
    ]),
    _identity("namespace job_name", [{"namespace": APPLICATION, "job_name": "report-29384520", "owner_kind": "CronJob",
                                      "owner_name": "report"}]),
    _identity("namespace cronjob", [{"namespace": APPLICATION, "cronjob": "report"}]),
    _identity("persistentvolume", list(_claims())),
    _identity("namespace persistentvolumeclaim pod", list(_claims())),
    _identity("namespace persistentvolumeclaim", list(_claims())),
    _identity("namespace pod container", [row for pod in PODS for row in pod.containers]),
    _identity("namespace pod", [pod.row for pod in PODS]),
    _identity("node", list(_nodes())),
    _identity("nodename", list(_nodes())),
    _identity("namespace", [{"namespace": name} for name in dict.fromkeys(one.namespace for one in WORKLOADS)]),
    _identity("storageclass", [{"storageclass": STORAGE_CLASS}]),
)  # fmt: skip
"""From the most to the least special: the first that fits a metric gives its rows."""

NAMED = frozenset(label for identity in IDENTITIES for row in identity.rows for label in row)
"""Labels that name something of the cluster."""


def rows(exporter: str, labels: frozenset[str], own: Mapping[str, str]) -> list[dict[str, str]]:
    """What a metric of a target is about, one series or more for each: labels that the target itself knows come first.

    What is bound to a node is told by that node's target alone.
    """
    covered = labels & own.keys()
    found: list[dict[str, str]] = [{label: own[label] for label in covered}]
    for identity in IDENTITIES:
        special = not identity.exporters or exporter in identity.exporters
        if not special or not identity.key <= labels or identity.key <= covered:
            continue
        there = [row for row in identity.rows if _is_of(row, own)]
        if identity.key & covered or not there:
            continue
        taken = [{label: value for label, value in row.items() if label in labels - covered} for row in there]
        unique = {tuple(sorted(row.items())): row for row in taken}.values()
        found = [{**before, **row} for before in found for row in unique]
        covered |= {label for row in taken for label in row}
    return found


def _is_of(row: Row, own: Mapping[str, str]) -> bool:
    return "node" not in own or row.get("node", own["node"]) == own["node"]
