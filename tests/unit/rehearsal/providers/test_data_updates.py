"""Changes that the operators of databases and brokers do not make."""

from typing import Any

import pytest

from components.data.kafka_objects import cluster_spec, pool_spec, topic_spec
from components.data.sizes import SIZES
from rehearsal.providers.kubernetes.tables import chart as facts_of
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.rehearsed_cluster import RehearsedCluster

TOPIC = "kubernetes:kafka.strimzi.io/v1:KafkaTopic"
POOL = "kubernetes:kafka.strimzi.io/v1:KafkaNodePool"
KAFKA = "kubernetes:kafka.strimzi.io/v1:Kafka"
CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"
LABELS = {"strimzi.io/cluster": "events"}
READY = {"pulumi.com/waitFor": "condition=Ready"}


@pytest.fixture
def apps(cluster: RehearsedCluster) -> RehearsedCluster:
    cluster.namespace("apps")
    for chart in ("strimzi-kafka-operator", "cloudnative-pg"):
        facts = facts_of(chart)
        assert facts is not None
        cluster.release(chart, f"oci://example.com/charts/{chart}", version=facts["version"])
    return cluster


def made(apps: RehearsedCluster, kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> State:
    metadata = {"name": name, "namespace": "apps", **metadata}
    return apps.engine.create(kind, name, metadata=metadata, spec=spec)


def topic(apps: RehearsedCluster) -> State:
    made(apps, POOL, "broker", pool_spec(SIZES["dev"].kafka, "standard-rwo", False, False), labels=LABELS)
    made(apps, KAFKA, "events", cluster_spec(False), annotations=READY)
    return made(apps, TOPIC, "tasks", topic_spec("tasks", 3, 168, False), labels=LABELS, annotations=READY)


def changed(apps: RehearsedCluster, there: State, **spec: Any) -> State:
    return apps.engine.update(there, metadata=there["metadata"], spec={**there["spec"], **spec})


def test_a_topic_is_made_where_its_cluster_is(apps: RehearsedCluster):
    with pytest.raises(Refused, match='Kafka "events" not found'):
        made(apps, TOPIC, "early", topic_spec("early", 3, 168, False), labels=LABELS, annotations=READY)

    assert topic(apps).id == "apps/tasks"


@pytest.mark.parametrize(
    ("spec", "refused"),
    [
        ({"partitions": 2}, "Decreasing partitions not supported"),
        ({"replicas": 3}, "Replication factor change not supported"),
        ({"topicName": "other"}, "Changing spec.topicName is not supported"),
    ],
)
def test_what_becomes_of_a_topic_is_chosen_once(apps: RehearsedCluster, spec: dict[str, Any], refused: str):
    with pytest.raises(Refused, match=refused):
        changed(apps, topic(apps), **spec)


def test_a_topic_gets_more_partitions(apps: RehearsedCluster):
    assert changed(apps, topic(apps), partitions=6)["spec"]["partitions"] == 6


def test_a_volume_of_a_database_grows_and_never_shrinks(apps: RehearsedCluster):
    database = made(apps, CLUSTER, "postgres", {"instances": 1, "storage": {"size": "5Gi"}}, annotations=READY)

    grown = changed(apps, database, storage={"size": "10Gi"})

    assert grown["spec"]["storage"] == {"size": "10Gi"}
    with pytest.raises(Refused, match="can't shrink existing storage from 10Gi to 5Gi"):
        changed(apps, grown, storage={"size": "5Gi"})
