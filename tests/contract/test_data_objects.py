"""Databases and brokers against what their operators make of a declaration."""

import copy
from typing import Any

import pulumi
import pytest
from contract_check.check import check_resource
from contract_check.wire import UNKNOWN

from components.data.kafka_objects import cluster_spec, pool_spec, topic_spec, user_spec
from components.data.postgres import cluster_spec as postgres_spec
from components.data.sizes import SIZES
from tests.unit.components.data.data_arguments import data_arguments

LABELS = {"strimzi.io/cluster": "events"}


def obj(kind: str, name: str, spec: dict[str, Any], labels: dict[str, str] | None = LABELS) -> tuple[str, Any]:
    group = "postgresql.cnpg.io" if kind == "Cluster" else "kafka.strimzi.io"
    metadata = {"name": name, "namespace": "todo", **({"labels": labels} if labels else {})}
    inputs = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, "spec": spec}
    return f"kubernetes:{group}/v1:{kind}", inputs


def kafka() -> tuple[str, Any]:
    return obj("Kafka", "events", cluster_spec(True))


def pool() -> tuple[str, Any]:
    return obj("KafkaNodePool", "broker", pool_spec(SIZES["prod"].kafka, "fast", True, True))


def topic() -> tuple[str, Any]:
    return obj("KafkaTopic", "tasks", topic_spec("tasks", 3, 168, True))


def user() -> tuple[str, Any]:
    return obj("KafkaUser", "dapr", user_spec(["tasks"], ["notification"]))


def postgres() -> tuple[str, Any]:
    args = data_arguments("Postgres", pulumi.Resource.__new__(pulumi.Resource))
    return obj("Cluster", "postgres", postgres_spec(args))


def found(made: tuple[str, Any], path: str = "", value: Any = None) -> list[str]:
    """What is found in an object in which one value is another."""
    type_, inputs = copy.deepcopy(made[0]), copy.deepcopy(made[1])
    if path:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
        place = inputs
        for step in steps:
            place = place[step] if isinstance(step, int) else place.setdefault(step, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return [str(one) for one in check_resource(type_, inputs)]


@pytest.mark.parametrize("made", [kafka(), pool(), topic(), user(), postgres()], ids=lambda made: made[0])
def test_what_the_platform_declares_is_in_order(made: tuple[str, Any]):
    assert found(made) == []


LISTENER = {"name": "tls", "port": 9094, "type": "internal", "tls": True}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("spec/kafka/version", "4.1.0", 'spec.kafka.version: "4.1.0"'),
        ("spec/kafka/metadataVersion", "4.2-IV1", 'spec.kafka.metadataVersion: "4.2-IV1" is not of 4.3.1'),
        ("spec/kafka/listeners/0/name", "encrypted_in", "spec.kafka.listeners[0].name"),
        ("spec/kafka/listeners/0/port", 9091, "spec.kafka.listeners[0].port: 9091 is"),
        ("spec/kafka/listeners/0/port", 9404, "spec.kafka.listeners[0].port: 9404 is the operator's own"),
        (
            "spec/kafka/config/min.insync.replicas",
            4,
            'spec.kafka.config["min.insync.replicas"]: 4 of 3 replicas are never in step',
        ),
    ],
)
def test_a_cluster_that_would_never_be_ready(path: str, value: Any, problem: str):
    assert any(problem in one for one in found(kafka(), path, value)), found(kafka(), path, value)


def test_listeners_share_neither_a_name_nor_a_port():
    type_, inputs = kafka()
    inputs["spec"]["kafka"]["listeners"] += [LISTENER, {**LISTENER, "name": "other", "port": 9093}]

    assert [one.partition(":")[0] for one in found((type_, inputs))] == [
        "spec.kafka.listeners[1].name",
        "spec.kafka.listeners[2].port",
    ]


def test_a_client_has_no_certificate_where_nothing_is_encrypted():
    plain = {"name": "plain", "port": 9095, "type": "internal", "tls": False, "authentication": {"type": "tls"}}
    type_, inputs = kafka()
    inputs["spec"]["kafka"]["listeners"].append(plain)

    assert found((type_, inputs)) == [
        "spec.kafka.listeners[1].authentication: a listener without TLS sees no certificate of a client"
    ]


@pytest.mark.parametrize("made", [pool(), topic(), user()], ids=lambda made: made[0])
def test_nobody_looks_after_what_names_no_cluster(made: tuple[str, Any]):
    for path in ("metadata/labels", "metadata/labels/strimzi.io~1cluster"):
        type_, inputs = copy.deepcopy(made[0]), copy.deepcopy(made[1])
        if path.endswith("cluster"):
            inputs["metadata"]["labels"] = {"team": "todo"}
        else:
            del inputs["metadata"]["labels"]

        assert found((type_, inputs)) == [
            "metadata.labels: without the label strimzi.io/cluster no operator looks after it"
        ]


def test_what_is_not_known_yet_may_be_right():
    type_, inputs = topic()
    inputs["metadata"]["labels"] = UNKNOWN

    assert check_resource(type_, inputs) == []


def test_a_topic_that_nobody_could_write_to():
    assert found(topic(), "spec/replicas", 1) == [
        'spec.config["min.insync.replicas"]: 2 of 1 replicas are never in step: nobody can write'
    ]


def test_nodes_have_a_role_and_one_place_for_the_metadata():
    volume = {"id": 0, "type": "persistent-claim", "size": "1Gi", "kraftMetadata": "shared"}
    type_, inputs = pool()
    inputs["spec"]["roles"] = []
    inputs["spec"]["storage"]["volumes"].append(volume)

    assert sorted(one.partition(":")[0] for one in found((type_, inputs))) == [
        "spec.roles",
        "spec.storage.volumes[1].id",
        "spec.storage.volumes[1].kraftMetadata",
    ]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("metadata/name", "p" * 51, "metadata.name"),
        ("metadata/name", "1postgres", "metadata.name"),
        ("spec/imageName", "ghcr.io/cloudnative-pg/postgresql:latest", "spec.imageName"),
        ("spec/imageName", "ghcr.io/cloudnative-pg/postgresql", "spec.imageName"),
        ("spec/imageName", "registry:5000/postgresql@sha256:" + "0" * 64, "spec.imageName"),
        ("spec/bootstrap/initdb/owner", None, "spec.bootstrap.initdb.owner: missing; it belongs to database"),
        ("spec/bootstrap/initdb/database", None, "spec.bootstrap.initdb.database: missing; it belongs to owner"),
        ("spec/postgresql/synchronous", {"method": "any", "number": 1}, "spec.postgresql.synchronous.number: 1"),
        (
            "spec/postgresql/parameters/shared_buffers",
            "1GB",
            'spec.postgresql.parameters.shared_buffers: "1GB" is more than the memory that is requested, "256Mi"',
        ),
        ("spec/postgresql/parameters/shared_buffers", "40000", "spec.postgresql.parameters.shared_buffers"),
    ],
)
def test_a_database_that_the_webhook_refuses(path: str, value: Any, problem: str):
    assert [one.startswith(problem) for one in found(postgres(), path, value)] == [True], found(postgres(), path, value)


def test_a_registry_may_have_a_port():
    assert found(postgres(), "spec/imageName", "registry.acme.example:5000/postgresql:18.4-standard-trixie") == []
