"""Kafka: a cluster of a workload's own, without ZooKeeper, with its topics and the user that they are used by."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.connections import KafkaConnection, Pods, SecretKey
from components.data.kafka_metrics import METRICS_FILE, exporter_rules, pod_monitor
from components.data.sizes import KafkaSize
from components.pod_resources import requests
from stacks.versions import KAFKA_METADATA_VERSION, KAFKA_VERSION

API_VERSION = "kafka.strimzi.io/v1"

CLUSTER = "events"
"""Name of the cluster: there is one in a workload's namespace."""

POOL = "broker"
"""Name of the nodes: `events-broker-0`. Each is a broker and a controller."""

PORT = 9093

BROKERS = {"strimzi.io/cluster": CLUSTER, "strimzi.io/name": f"{CLUSTER}-kafka"}
"""Labels of the brokers' pods."""

READY = {"pulumi.com/waitFor": "condition=Ready"}
"""Annotation of what has to be brought about before others go on."""

WAIT = "20m"
"""How long that may take: nodes of the cluster are added, images pulled, and three volumes made."""


@dataclass(frozen=True, kw_only=True)
class KafkaArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    user: str
    """Who uses the topics: part of the name of the user and its Secret."""

    topics: Sequence[str]
    """Names of the topics, those of dead letters among them."""

    groups: Sequence[str]
    """Groups that the user consumes in."""

    partitions: int
    """Partitions of each topic."""

    retention_hours: int
    """Hours that messages are kept."""

    size: KafkaSize
    """What each node asks for."""

    storage_class: str
    """StorageClass of the volumes."""

    high_availability: bool
    """Whether three nodes keep every message thrice, in different zones. Chosen when the cluster is made: the number
    of controllers does not change later."""

    protect: bool
    """Whether cluster, topics and volumes refuse to be destroyed."""

    namespace: pulumi.Resource
    """The namespace."""

    operator: pulumi.Resource
    """The release of the operator."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""


class Kafka(pulumi.ComponentResource):
    """Brokers that are reached encrypted and by password alone; a topic is there because it was declared."""

    def __init__(self, name: str, args: KafkaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Kafka", name, {}, opts)
        rules = kubernetes.core.v1.ConfigMap(
            f"{name}-metrics",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"{CLUSTER}-metrics", namespace=args.workload),
            data={METRICS_FILE: exporter_rules()},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        pool = self._object(name, "nodes", "KafkaNodePool", args, POOL, pool_spec(args), [args.operator])
        cluster = self._object(
            name, "cluster", "Kafka", args, CLUSTER, cluster_spec(args.high_availability), [pool, rules]
        )
        topics = [
            self._object(name, topic, "KafkaTopic", args, object_name(topic), topic_spec(args, topic), [cluster])
            for topic in args.topics
        ]
        user_name = f"{CLUSTER}-{args.user}"
        user = self._object(name, "user", "KafkaUser", args, user_name, user_spec(args.topics, args.groups), [cluster])
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=CLUSTER, namespace=args.workload),
            spec=pod_monitor(CLUSTER),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )

        # How it is reached.
        self.connection = KafkaConnection(
            host=f"{CLUSTER}-kafka-bootstrap.{args.workload}.svc",
            port=PORT,
            user=user_name,
            password=SecretKey(name=user_name, key="password"),
            ca=SecretKey(name=f"{CLUSTER}-cluster-ca-cert", key="ca.crt"),
            version=KAFKA_VERSION,
            pods=Pods(namespace=args.workload, labels=BROKERS),
            ready=[cluster, user, *topics],
        )
        self.register_outputs({})

    def _object(
        self,
        name: str,
        suffix: str,
        kind: str,
        args: KafkaArgs,
        object_name: str,
        spec: Mapping[str, Any],
        waits_for: Sequence[pulumi.Resource],
    ) -> kubernetes.apiextensions.CustomResource:
        """An object of the operator's. The nodes alone say nothing of when they are ready: the cluster does."""
        return kubernetes.apiextensions.CustomResource(
            f"{name}-{suffix}" if kind != "KafkaTopic" else f"{name}-topic-{suffix}",
            api_version=API_VERSION,
            kind=kind,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=object_name,
                namespace=args.workload,
                labels=None if kind == "Kafka" else {"strimzi.io/cluster": CLUSTER},
                annotations=None if kind == "KafkaNodePool" else READY,
            ),
            spec=spec,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.namespace, *waits_for],
                protect=args.protect and kind != "KafkaUser",
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )


def object_name(topic: str) -> str:
    """Name of the object that stands for a topic. Kafka's own names may have capitals and underscores."""
    if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", topic):
        return topic
    readable = re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-")[:40].rstrip("-") or "topic"
    return f"{readable}-{hashlib.sha256(topic.encode()).hexdigest()[:10]}"


def replicas(high_availability: bool) -> int:
    """How often each message is kept; as many nodes there are."""
    return 3 if high_availability else 1


def in_step(high_availability: bool) -> int:
    """How many of the replicas have a message before its publisher is told so: one may be missing, no more."""
    return 2 if high_availability else 1


def pool_spec(args: KafkaArgs) -> dict[str, Any]:
    """The nodes."""
    volume = {
        "id": 0,
        "type": "persistent-claim",
        "size": f"{args.size.storage_gib}Gi",
        "class": args.storage_class,
        # Else the claims would stay when everything else is gone.
        "deleteClaim": not args.protect,
        "kraftMetadata": "shared",
    }
    return {
        "replicas": replicas(args.high_availability),
        "roles": ["controller", "broker"],
        "storage": {"type": "jbod", "volumes": [volume]},
        "resources": requests(args.size.cpu, args.size.memory),
        "jvmOptions": {"-Xms": args.size.heap, "-Xmx": args.size.heap},
        "template": {
            "pod": {"topologySpreadConstraints": [spread(topology) for topology in ("zone", "hostname")]},
        },
    }


def spread(topology: str) -> dict[str, Any]:
    """Nodes that share none while there is another: two of three lost at once are too many."""
    return {
        "maxSkew": 1,
        "topologyKey": {"zone": "topology.kubernetes.io/zone", "hostname": "kubernetes.io/hostname"}[topology],
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": BROKERS},
    }


def cluster_spec(high_availability: bool) -> dict[str, Any]:
    """The cluster. https://kafka.apache.org/documentation/#brokerconfigs"""
    copies, least = replicas(high_availability), in_step(high_availability)
    operator = {"resources": requests("20m", "256Mi"), "jvmOptions": {"-Xms": "64m", "-Xmx": "128m"}}
    return {
        "kafka": {
            "version": KAFKA_VERSION,
            "metadataVersion": KAFKA_METADATA_VERSION,
            "listeners": [
                {
                    "name": "tls",
                    "port": PORT,
                    "type": "internal",
                    "tls": True,
                    "authentication": {"type": "scram-sha-512"},
                    # The operator lets everybody in otherwise, whatever other policies say: policies add up.
                    "networkPolicyPeers": [{"podSelector": {}}],
                }
            ],
            "authorization": {"type": "simple"},
            "config": {
                "auto.create.topics.enable": False,
                "default.replication.factor": copies,
                "min.insync.replicas": least,
                "offsets.topic.replication.factor": copies,
                "transaction.state.log.replication.factor": copies,
                "transaction.state.log.min.isr": least,
                "share.coordinator.state.topic.replication.factor": copies,
                "share.coordinator.state.topic.min.isr": least,
            },
            "metricsConfig": {
                "type": "jmxPrometheusExporter",
                "valueFrom": {"configMapKeyRef": {"name": f"{CLUSTER}-metrics", "key": METRICS_FILE}},
            },
        },
        "entityOperator": {"topicOperator": operator, "userOperator": operator},
        "kafkaExporter": {"topicRegex": ".*", "groupRegex": ".*", "resources": requests("10m", "64Mi")},
    }


def topic_spec(args: KafkaArgs, topic: str) -> dict[str, Any]:
    """One topic."""
    return {
        "topicName": topic,
        "partitions": args.partitions,
        "replicas": replicas(args.high_availability),
        "config": {
            "retention.ms": args.retention_hours * 3600 * 1000,
            "min.insync.replicas": in_step(args.high_availability),
        },
    }


def user_spec(topics: Sequence[str], groups: Sequence[str]) -> dict[str, Any]:
    """Who publishes to the topics, and consumes from them in the groups. May do nothing else."""
    return {
        "authentication": {"type": "scram-sha-512"},
        "authorization": {
            "type": "simple",
            "acls": [
                *(acl("topic", topic, "Describe", "Read", "Write") for topic in topics),
                *(acl("group", group, "Describe", "Read") for group in groups),
            ],
        },
    }


def acl(kind: str, name: str, *operations: str) -> dict[str, Any]:
    """What may be done to one topic, or in one group."""
    resource = {"type": kind, "name": name, "patternType": "literal"}
    return {"type": "allow", "resource": resource, "operations": list(operations), "host": "*"}
