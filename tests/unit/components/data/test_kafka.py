"""Kafka of a workload's own: its nodes, its listener, its topics, its user, and what it tells Prometheus."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract_check.check import check_resource

from components.data.kafka import Kafka, KafkaTopic
from components.data.kafka_metrics import exporter_rules, pod_monitor
from components.data.kafka_objects import cluster_spec, object_name
from components.data.sizes import SIZES, Environment
from components.platform.strimzi import strimzi_values
from components.services.quota import mebibytes
from stacks.versions import KAFKA_METADATA_VERSION, KAFKA_VERSION
from tests.mock_engine import Deployed, Registration
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

KIND = "kubernetes:kafka.strimzi.io/v1:{}"


@pytest.fixture
def kafka(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Kafka("todo-kafka", replace(data_arguments("Kafka", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


def of_kind(deployed: Deployed, kind: str) -> list[Registration]:
    return deployed.of_type(KIND.format(kind))


@pytest.mark.parametrize("high_availability", [False, True])
def test_every_object_fits_its_definition(kafka: Callable[..., Deployed], high_availability: bool):
    deployed = kafka(high_availability=high_availability)

    for one in deployed.registrations.values():
        assert [str(found) for found in check_resource(one.type, one.inputs)] == []


@pytest.mark.parametrize("high_availability", [False, True])
def test_the_operator_opens_nothing_besides_what_the_workload_does(high_availability: bool):
    assert strimzi_values(high_availability)["generateNetworkPolicy"] is False


def test_clients_come_in_encrypted_and_with_a_password(kafka: Callable[..., Deployed]):
    (cluster,) = of_kind(kafka(), "Kafka")

    assert cluster.inputs["spec"]["kafka"]["listeners"] == [
        {
            "name": "tls",
            "port": 9093,
            "type": "internal",
            "tls": True,
            "authentication": {"type": "scram-sha-512"},
        }
    ]
    assert cluster.inputs["spec"]["kafka"]["authorization"] == {"type": "simple"}
    assert "cruiseControl" not in cluster.inputs["spec"]


def test_one_node_is_enough_where_losing_it_is_allowed(kafka: Callable[..., Deployed]):
    deployed = kafka()
    (pool,), (cluster,) = of_kind(deployed, "KafkaNodePool"), of_kind(deployed, "Kafka")

    assert pool.inputs["spec"]["replicas"] == 1
    assert pool.inputs["spec"]["roles"] == ["controller", "broker"]
    assert cluster.inputs["spec"]["kafka"]["config"]["default.replication.factor"] == 1
    assert [topic.inputs["spec"]["replicas"] for topic in of_kind(deployed, "KafkaTopic")] == [1, 1]


def test_every_message_is_kept_thrice_in_different_zones_where_it_is_not(kafka: Callable[..., Deployed]):
    deployed = kafka(high_availability=True)
    (pool,) = of_kind(deployed, "KafkaNodePool")

    assert pool.inputs["spec"]["replicas"] == 3
    spread = pool.inputs["spec"]["template"]["pod"]["topologySpreadConstraints"]
    assert [(one["topologyKey"], one["whenUnsatisfiable"]) for one in spread] == [
        ("topology.kubernetes.io/zone", "DoNotSchedule"),
        ("kubernetes.io/hostname", "DoNotSchedule"),
    ]
    assert all(one["labelSelector"]["matchLabels"]["strimzi.io/name"] == "events-kafka" for one in spread)
    config = cluster_spec(True)["kafka"]["config"]
    assert {key: value for key, value in config.items() if "factor" in key} == {
        "default.replication.factor": 3,
        "offsets.topic.replication.factor": 3,
        "transaction.state.log.replication.factor": 3,
        "share.coordinator.state.topic.replication.factor": 3,
    }
    assert (config["min.insync.replicas"], config["transaction.state.log.min.isr"]) == (2, 2)
    assert [one.inputs["spec"]["config"]["min.insync.replicas"] for one in of_kind(deployed, "KafkaTopic")] == [2, 2]


def test_the_user_may_do_what_the_topics_and_groups_need_and_nothing_else(kafka: Callable[..., Deployed]):
    (user,) = of_kind(kafka(), "KafkaUser")

    assert user.inputs["metadata"]["name"] == "events-dapr"
    assert user.inputs["metadata"]["labels"] == {"strimzi.io/cluster": "events"}
    assert user.inputs["spec"]["authentication"] == {"type": "scram-sha-512"}
    assert [
        (
            one["type"],
            one["resource"]["type"],
            one["resource"]["name"],
            one["resource"]["patternType"],
            one["operations"],
        )
        for one in user.inputs["spec"]["authorization"]["acls"]
    ] == [
        ("allow", "topic", "tasks", "literal", ["Describe", "Read", "Write"]),
        ("allow", "topic", "tasks-dead-letters", "literal", ["Describe", "Read", "Write"]),
        ("allow", "group", "notification", "literal", ["Describe", "Read"]),
    ]


def test_a_topic_is_there_because_it_was_declared(kafka: Callable[..., Deployed]):
    said = KafkaTopic(partitions=6, retention_hours=24)
    topics = of_kind(kafka(topics={"tasks": said, "tasks-dead-letters": said}), "KafkaTopic")

    assert [one.inputs["spec"]["topicName"] for one in topics] == ["tasks", "tasks-dead-letters"]
    assert [one.inputs["spec"]["partitions"] for one in topics] == [6, 6]
    assert [one.inputs["spec"]["config"]["retention.ms"] for one in topics] == [86_400_000, 86_400_000]
    assert cluster_spec(False)["kafka"]["config"]["auto.create.topics.enable"] is False


@pytest.mark.parametrize("topic", ["tasks", "orders.created", "orders-created.v2"])
def test_a_topic_whose_name_kubernetes_takes_keeps_it(topic: str):
    assert object_name(topic) == topic


@pytest.mark.parametrize(
    ("topic", "readable"),
    [("a..b", "a-b"), ("Orders_Created", "orders-created"), ("...", "topic"), ("a" * 64, "a" * 40)],
)
def test_a_topic_with_another_name_gets_one_that_it_takes(topic: str, readable: str):
    assert re.fullmatch(rf"{readable}-[0-9a-f]{{10}}", object_name(topic))


def test_names_that_read_alike_stay_apart():
    assert len({object_name(topic) for topic in ("a_b", "a-b", "A-b", "a..b")}) == 4


def test_data_outlives_its_declaration_only_where_it_is_protected(kafka: Callable[..., Deployed]):
    kept, passing = kafka(protect=True), kafka()

    def claims(deployed: Deployed) -> Any:
        return of_kind(deployed, "KafkaNodePool")[0].inputs["spec"]["storage"]["volumes"][0]["deleteClaim"]

    assert (claims(kept), claims(passing)) == (False, True)
    kinds = ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser")
    assert [all(one.protect for one in of_kind(kept, kind)) for kind in kinds] == [True, True, True, False]
    assert not any(one.protect for one in passing.registrations.values())


def test_who_uses_it_waits_until_it_is_ready(kafka: Callable[..., Deployed]):
    deployed = kafka()

    for kind in ("Kafka", "KafkaTopic", "KafkaUser"):
        annotations = [one.inputs["metadata"]["annotations"] for one in of_kind(deployed, kind)]
        assert annotations == [{"pulumi.com/waitFor": "condition=Ready"}] * len(annotations)
    (cluster,), (user,) = of_kind(deployed, "Kafka"), of_kind(deployed, "KafkaUser")
    assert cluster.urn in user.depends_on
    assert all(cluster.urn in one.depends_on for one in of_kind(deployed, "KafkaTopic"))


def test_a_connection_names_what_a_client_needs(deploy: Callable[..., Deployed]):
    found: list[Any] = []

    def program() -> None:
        found.append(Kafka("todo-kafka", data_arguments("Kafka", Prerequisite("wait"))).connections["dapr"])

    deploy(program)

    (connection,) = found
    assert connection.brokers == "events-kafka-bootstrap.todo.svc:9093"
    assert (connection.user, connection.password.name, connection.password.key) == (
        "events-dapr",
        "events-dapr",
        "password",
    )
    assert (connection.ca.name, connection.ca.key) == ("events-cluster-ca-cert", "ca.crt")
    assert len(connection.ready) == 4


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_half_of_the_memory_is_left_to_the_page_cache(environment: Environment):
    size = SIZES[environment].kafka

    assert mib(size.heap) * 2 == mib(size.memory)


def mib(text: str) -> int:
    """MiB of a quantity of Kubernetes, or of a heap as Java spells it."""
    return int(text[:-1]) if text.endswith("m") else round(mebibytes(text))


def test_the_metadata_is_of_the_release():
    assert KAFKA_METADATA_VERSION.partition("-")[0] == KAFKA_VERSION.rpartition(".")[0]


BEANS = {
    "kafka.cluster<type=Partition, name=UnderMinIsr, topic=tasks, partition=0><>Value": {"topic", "partition"},
    "kafka.controller<type=ControllerStats, name=UncleanLeaderElectionsPerSec><>Count": set[str](),
    "kafka.controller<type=KafkaController, name=ActiveControllerCount><>Value": set[str](),
    "kafka.controller<type=KafkaController, name=OfflinePartitionsCount><>Value": set[str](),
    "kafka.log<type=Log, name=Size, topic=tasks, partition=0><>Value": {"topic", "partition"},
    "kafka.log<type=LogManager, name=OfflineLogDirectoryCount><>Value": set[str](),
    "kafka.network<type=SocketServer, name=NetworkProcessorAvgIdlePercent><>Value": set[str](),
    "kafka.server<type=BrokerTopicMetrics, name=BytesInPerSec, topic=tasks><>Count": {"topic"},
    "kafka.server<type=BrokerTopicMetrics, name=BytesInPerSec><>Count": set[str](),
    "kafka.server<type=BrokerTopicMetrics, name=BytesOutPerSec, topic=tasks><>Count": {"topic"},
    "kafka.server<type=BrokerTopicMetrics, name=FailedFetchRequestsPerSec, topic=tasks><>Count": {"topic"},
    "kafka.server<type=BrokerTopicMetrics, name=FailedProduceRequestsPerSec, topic=tasks><>Count": {"topic"},
    "kafka.server<type=BrokerTopicMetrics, name=MessagesInPerSec, topic=tasks><>Count": {"topic"},
    "kafka.server<type=KafkaRequestHandlerPool, name=RequestHandlerAvgIdlePercent><>MeanRate": set[str](),
    "kafka.server<type=ReplicaManager, name=LeaderCount><>Value": set[str](),
    "kafka.server<type=ReplicaManager, name=UnderMinIsrPartitionCount><>Value": set[str](),
    "kafka.server<type=ReplicaManager, name=UnderReplicatedPartitions><>Value": set[str](),
    "kafka.server<type=socket-server-metrics, listener=TLS-9093, networkProcessor=2><>connection-count": {
        "listener",
        "networkProcessor",
    },
}
"""Attributes of brokers as the JMX exporter matches them, and the labels that each keeps.
https://kafka.apache.org/documentation/#monitoring"""


def exposed(bean: str) -> tuple[str, str, dict[str, str]]:
    """Name, type and labels that the JMX exporter makes of an attribute: by the first rule that fits."""
    rules = yaml.safe_load(exporter_rules())
    for rule in rules["rules"]:
        match = re.match(rf"^.*(?:{rule['pattern']}).*$", f"{bean}: 1")
        if match:
            labels = {key: expanded(value, match) for key, value in rule.get("labels", {}).items()}
            name = re.sub(r"[^a-zA-Z0-9:_]", "_", expanded(rule["name"], match)).lower()
            return name, rule["type"], labels
    raise AssertionError(f"no rule for {bean}")


def expanded(text: str, match: re.Match[str]) -> str:
    return re.sub(r"\$([0-9])", lambda group: match.group(int(group.group(1))), text)


@pytest.mark.parametrize(("bean", "labels"), BEANS.items())
def test_brokers_tell_what_alerts_and_dashboards_ask_for(bean: str, labels: set[str]):
    known: Mapping[str, Any] = json.loads(Path("signals/metrics/strimzi-kafka.json").read_text())["metrics"]

    name, kind, found = exposed(bean)

    assert kind.lower() == known[name]["type"]
    assert set(found) == labels <= set(known[name]["labels"])


def test_all_that_is_asked_of_brokers_is_told():
    known: Mapping[str, Any] = json.loads(Path("signals/metrics/strimzi-kafka.json").read_text())["metrics"]

    assert {exposed(bean)[0] for bean in BEANS} == set(known)


def test_a_target_has_the_labels_of_its_cluster():
    endpoints = pod_monitor("events")["podMetricsEndpoints"]

    assert [one["port"] for one in endpoints] == ["tcp-prometheus", "healthcheck-to", "healthcheck-uo"]
    (relabeling,) = endpoints[0]["relabelings"]
    match = re.fullmatch(relabeling["regex"], "__meta_kubernetes_pod_label_strimzi_io_cluster")
    assert relabeling["action"] == "labelmap"
    assert match is not None
    assert match.group(1) == "strimzi_io_cluster"
