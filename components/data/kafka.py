"""Kafka: a cluster of a workload's own, without ZooKeeper, with its topics and the users that they are used by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.connections import KafkaConnection, Pods, SecretKey
from components.data.kafka_metrics import METRICS_FILE, exporter_rules, pod_monitor
from components.data.kafka_objects import (
    BROKERS,
    CLUSTER,
    POOL,
    PORT,
    cluster_spec,
    object_name,
    pool_spec,
    topic_spec,
    user_spec,
)
from components.data.sizes import KafkaSize
from stacks.versions import KAFKA_VERSION

API_VERSION: Final = "kafka.strimzi.io/v1"

READY: Final = {"pulumi.com/waitFor": "condition=Ready"}
"""Annotation of what has to be brought about before others go on."""

FIRST_USER: Final = "user-dapr"
"""The only user until services had some of their own: stacks that are there know it by a name without its own."""

WAIT: Final = "20m"
"""How long that may take: nodes of the cluster are added, images pulled, and three volumes made."""


@dataclass(frozen=True, kw_only=True)
class KafkaTopic:
    """What a topic is like."""

    partitions: int
    """Its partitions: as many consumers of one group read at once."""

    retention_hours: int
    """Hours that messages are kept."""


@dataclass(frozen=True, kw_only=True)
class KafkaUser:
    """What a user may do: nothing else."""

    topics: Sequence[str]
    """Topics that it publishes to and consumes from."""

    groups: Sequence[str]
    """Groups that it consumes in."""


@dataclass(frozen=True, kw_only=True)
class KafkaArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    users: Mapping[str, KafkaUser]
    """Who uses the topics, by what the names of the user and of its Secret end in."""

    topics: Mapping[str, KafkaTopic]
    """The topics by name, those of dead letters among them."""

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
        nodes = pool_spec(args.size, args.storage_class, args.high_availability, args.protect)
        pool = self._object(name, "nodes", "KafkaNodePool", args, POOL, nodes, [args.operator])
        cluster = self._object(
            name, "cluster", "Kafka", args, CLUSTER, cluster_spec(args.high_availability), [pool, rules]
        )
        topics = [self._topic(name, args, topic, said, cluster) for topic, said in args.topics.items()]
        users = {user: self._user(name, args, user, allowed, cluster) for user, allowed in args.users.items()}
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=CLUSTER, namespace=args.workload),
            spec=pod_monitor(CLUSTER),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )

        # How it is reached.
        self.connections = {
            user: connection(args.workload, user, [cluster, made, *topics]) for user, made in users.items()
        }
        self.register_outputs({})

    def _topic(
        self, name: str, args: KafkaArgs, topic: str, said: KafkaTopic, cluster: pulumi.Resource
    ) -> kubernetes.apiextensions.CustomResource:
        spec = topic_spec(topic, said.partitions, said.retention_hours, args.high_availability)
        return self._object(name, f"topic-{topic}", "KafkaTopic", args, object_name(topic), spec, [cluster])

    def _user(
        self, name: str, args: KafkaArgs, user: str, allowed: KafkaUser, cluster: pulumi.Resource
    ) -> kubernetes.apiextensions.CustomResource:
        spec = user_spec(allowed.topics, allowed.groups)
        return self._object(name, f"user-{user}", "KafkaUser", args, user_name(user), spec, [cluster])

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
            f"{name}-{suffix}",
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
                aliases=[pulumi.Alias(name=f"{name}-user")] if suffix == FIRST_USER else None,
                depends_on=[args.namespace, *waits_for],
                protect=args.protect and kind != "KafkaUser",
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )


def user_name(user: str) -> str:
    """Name of a user, and of the Secret with its password."""
    return f"{CLUSTER}-{user}"


def connection(workload: str, user: str, ready: Sequence[pulumi.Resource]) -> KafkaConnection:
    """How a user reaches the cluster."""
    return KafkaConnection(
        host=f"{CLUSTER}-kafka-bootstrap.{workload}.svc",
        port=PORT,
        user=user_name(user),
        password=SecretKey(name=user_name(user), key="password"),
        ca=SecretKey(name=f"{CLUSTER}-cluster-ca-cert", key="ca.crt"),
        version=KAFKA_VERSION,
        pods=Pods(namespace=workload, labels=BROKERS),
        ready=ready,
    )
