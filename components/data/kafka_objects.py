"""The objects that a Kafka cluster is made of, as its operator reads them."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

from components.data.kafka_metrics import METRICS_FILE
from components.data.sizes import KafkaSize
from components.pod_resources import requests
from components.priorities import DATA
from stacks.versions import KAFKA_METADATA_VERSION, KAFKA_VERSION

CLUSTER: Final = "events"
"""Name of the cluster: there is one in a workload's namespace."""

POOL: Final = "broker"
"""Name of the nodes: `events-broker-0`. Each is a broker and a controller."""

PORT: Final = 9093

BROKERS: Final = {"strimzi.io/cluster": CLUSTER, "strimzi.io/name": f"{CLUSTER}-kafka"}
"""Labels of the brokers' pods."""


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


def pool_spec(size: KafkaSize, storage_class: str, high_availability: bool, protect: bool) -> dict[str, Any]:
    """The nodes."""
    volume = {
        "id": 0,
        "type": "persistent-claim",
        "size": f"{size.storage_gib}Gi",
        "class": storage_class,
        # Else the claims would stay when everything else is gone.
        "deleteClaim": not protect,
        "kraftMetadata": "shared",
    }
    return {
        "replicas": replicas(high_availability),
        "roles": ["controller", "broker"],
        "storage": {"type": "jbod", "volumes": [volume]},
        "resources": requests(size.cpu, size.memory),
        "jvmOptions": {"-Xms": size.heap, "-Xmx": size.heap},
        "template": {
            "pod": {
                "priorityClassName": DATA,
                "topologySpreadConstraints": [spread(topology) for topology in ("zone", "hostname")],
            },
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
    pod = {"pod": {"priorityClassName": DATA}}
    operator = {"resources": requests("20m", "256Mi"), "jvmOptions": {"-Xms": "64m", "-Xmx": "128m"}}
    exporter = {"topicRegex": ".*", "groupRegex": ".*", "resources": requests("10m", "64Mi"), "template": pod}
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
                }
            ],
            "authorization": {"type": "simple"},
            # The operator's own choice, said: it makes a budget of as many nodes as there are, but one.
            "template": {"podDisruptionBudget": {"maxUnavailable": 1}},
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
        "entityOperator": {"topicOperator": operator, "userOperator": operator, "template": pod},
        "kafkaExporter": exporter,
    }


def topic_spec(topic: str, partitions: int, retention_hours: int, high_availability: bool) -> dict[str, Any]:
    """One topic."""
    return {
        "topicName": topic,
        "partitions": partitions,
        "replicas": replicas(high_availability),
        "config": {
            "retention.ms": retention_hours * 3600 * 1000,
            "min.insync.replicas": in_step(high_availability),
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
