"""The ends of a plan's connections: its pods, and the places that are none."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from components.address_plan import plan_addresses
from rehearsal.providers import paths
from tests.bench.footprint import TABLE, is_there
from tests.mock_engine import Deployed
from tests.reachability.semantics import End

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
JOB = "kubernetes:batch/v1:Job"
CRON_JOB = "kubernetes:batch/v1:CronJob"
KAFKA = "kubernetes:kafka.strimzi.io/v1:Kafka"
POSTGRES = "kubernetes:postgresql.cnpg.io/v1:Cluster"
MONGODB = "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB"
RABBITMQ = "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster"

LABELS = Path(__file__).with_name("pods.json")

HOST_NETWORK = "_host_network"
"""Marks pods with the address of their node in the table of labels."""

POD_LABELS = "_pod_labels"
"""Says which value of the chart has further labels of these pods, where it is not `podLabels`."""

NAME = "kubernetes.io/metadata.name"
"""What Kubernetes labels every namespace with."""


@dataclass(frozen=True)
class Addresses:
    """Where things are in the network of a stack."""

    pods: str
    node: str
    api: str
    database: str


def addresses(settings: Mapping[str, Any]) -> Addresses:
    """Those of a cloud's stack as it plans them; of a local one as kind does."""
    cidr = settings.get("network", {}).get("cidr")
    if cidr is None:
        return Addresses(pods="10.244.0.0/16", node="172.18.0.3", api="172.18.0.2", database="172.18.0.9")
    plan = plan_addresses(cidr)
    database = plan.private_services if settings["cloud"] == "gke" else plan.databases
    return Addresses(
        pods=plan.pods,
        node=_within(plan.nodes, 9),
        api=_within(plan.control_plane, 2),
        database=_within(database, 5),
    )


def _within(block: str, number: int) -> str:
    return str(IPv4Network(block)[number])


def namespaces(deployed: Deployed) -> dict[str, dict[str, str]]:
    """Labels of every namespace, those that are always there included."""
    own = {
        one.inputs["metadata"]["name"]: one.inputs["metadata"].get("labels") or {}
        for one in deployed.of_type(NAMESPACE)
    }
    return {name: {**labels, NAME: name} for name, labels in {"kube-system": {}, "default": {}, **own}.items()}


def ends(deployed: Deployed, settings: Mapping[str, Any]) -> list[End]:
    """Every pod of the plan, one for all that are equal; strangers; and what is no pod."""
    places = addresses(settings)
    found: list[End] = []
    for number, (namespace, name, labels) in enumerate([*_pods(deployed), *_strangers()]):
        host = HOST_NETWORK in labels
        found.append(
            End(
                name=f"{namespace}/{name}",
                address=IPv4Address(places.node if host else _within(places.pods, 260 + number)),
                namespace=namespace,
                labels={key: value for key, value in labels.items() if key != HOST_NETWORK},
                host_network=host,
                node=host,
            )
        )
    outside = {
        "outside": "203.0.113.10",
        "api": places.api,
        "database": places.database,
        "metadata": "169.254.169.254",
        "metadata-on-the-node": "169.254.169.252",
    }
    if settings["cloud"] == "local":
        outside["api-of-minikube"] = "192.168.49.2"
    found += [End(name=name, address=IPv4Address(address)) for name, address in outside.items()]
    return [*found, End(name="node", address=IPv4Address(places.node), node=True)]


def _strangers() -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Pods that are nobody's here."""
    yield "kube-system", "dns", {"k8s-app": "kube-dns"}
    yield "kube-system", "node-local-dns", {"k8s-app": "node-local-dns"}
    yield "kube-system", "other", {"app": "other"}
    yield "default", "stranger", {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/instance": "kps"}


def _pods(deployed: Deployed) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for release in deployed.of_type(RELEASE):
        yield from _of_release(release.inputs)
    for kind, prefix in ((DEPLOYMENT, ""), (STATEFUL_SET, ""), (JOB, "job:"), (CRON_JOB, "job:")):
        for one in deployed.of_type(kind):
            metadata, spec = one.inputs["metadata"], one.inputs["spec"]
            template = spec["jobTemplate"]["spec"]["template"] if kind == CRON_JOB else spec["template"]
            labels = template["metadata"].get("labels") or {}
            yield metadata["namespace"], f"{prefix}{one.name}" if prefix else metadata["name"], labels
    for kafka in deployed.of_type(KAFKA):
        metadata = kafka.inputs["metadata"]
        for part in ("kafka", "entity-operator", "kafka-exporter"):
            name = f"{metadata['name']}-{part}"
            yield metadata["namespace"], name, {"strimzi.io/cluster": metadata["name"], "strimzi.io/name": name}
    for cluster in deployed.of_type(POSTGRES):
        metadata = cluster.inputs["metadata"]
        for name, labels in (
            (metadata["name"], {"cnpg.io/podRole": "instance"}),
            (f"job:{metadata['name']}-join", {"cnpg.io/jobRole": "join"}),
        ):
            yield metadata["namespace"], name, {"cnpg.io/cluster": metadata["name"], **labels}
    for replicas in deployed.of_type(MONGODB):
        metadata = replicas.inputs["metadata"]
        labels = {
            "app.kubernetes.io/name": "percona-server-mongodb",
            "app.kubernetes.io/instance": metadata["name"],
            "app.kubernetes.io/managed-by": "percona-server-mongodb-operator",
            "app.kubernetes.io/part-of": "percona-server-mongodb",
            "app.kubernetes.io/component": "mongod",
            "app.kubernetes.io/replset": replicas.inputs["spec"]["replsets"][0]["name"],
        }
        yield metadata["namespace"], metadata["name"], labels
    for broker in deployed.of_type(RABBITMQ):
        metadata = broker.inputs["metadata"]
        labels = {"app.kubernetes.io/name": metadata["name"], "app.kubernetes.io/component": "rabbitmq"}
        yield metadata["namespace"], metadata["name"], {**labels, "app.kubernetes.io/part-of": "rabbitmq"}


def _of_release(release: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    namespace, name, values = release["namespace"], release["name"], release["values"]
    if release["chart"] == "./charts/app-service":
        own = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": values["workload"]}
        yield namespace, name, {**(values.get("podLabels") or {}), **own}
        return
    chart = release["chart"].rpartition("/")[2]
    table = json.loads(LABELS.read_text(encoding="utf-8"))
    if chart not in table:
        raise ValueError(f"{LABELS.name} does not say which labels the pods of the chart {chart} have")
    running = [
        entry["pods"] for entry in json.loads(TABLE.read_text(encoding="utf-8"))[chart] if is_there(entry, values)
    ]
    jobs = [pods for pods in table[chart] if pods.startswith("job:")]
    for pods in dict.fromkeys([*running, *jobs]):
        labels = {key: value.format(release=name) for key, value in table[chart][pods].items()}
        more = paths.first(values, labels.pop(POD_LABELS, "podLabels")) or {}
        if labels:
            single = sum(bool(one) for pods, one in table[chart].items() if not pods.startswith("job:")) == 1
            alone = single and not pods.startswith("job:")
            yield namespace, name if alone or pods == name else f"{name}-{pods}", {**more, **labels}
