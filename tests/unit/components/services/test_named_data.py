"""Data services that a workload file names: what services get to use them, who reaches them, and what is refused."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from components.contracts import Registry, ServiceAccount
from components.services.connections import workload_connections
from components.services.data.declared import backup_accounts, data_needs, declared
from components.services.data.model import KINDS
from components.services.model import WorkloadSpec, parse_workload
from components.services.stack_traits import StackTraits
from components.services.workload import Workload, WorkloadArgs
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

RELEASE = "kubernetes:helm.sh/v3:Release"
KAFKA = "kubernetes:kafka.strimzi.io/v1:{}"
CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"

SERVICE: dict[str, Any] = {"image": {"tag": "1"}, "ports": {"http": 8080}}
DATABASE = {"kind": "postgres"}
EVENTS = {"kind": "kafka", "topics": {"audit": {"partitions": 6, "retention_hours": 24}}}


def workload(data: dict[str, Any], services: dict[str, Any] | None = None, **more: Any) -> WorkloadSpec:
    used = services or {"backend": {"data": list(data)}}
    return parse_workload(
        "todo", {"data": data, "services": {name: {**SERVICE, **one} for name, one in used.items()}, **more}
    )


@pytest.fixture
def build(deploy: Callable[..., Deployed]) -> Callable[[WorkloadSpec], Deployed]:
    def built(spec: WorkloadSpec) -> Deployed:
        def program() -> None:
            Workload(
                "todo",
                WorkloadArgs(
                    workload="todo", spec=spec, registry=Registry(image_prefix="acme.example"), platform=bare_platform()
                ),
            )

        return deploy(program)

    return built


def values_of(deployed: Deployed, service: str) -> dict[str, Any]:
    (found,) = [one for one in deployed.of_type(RELEASE) if one.inputs["name"] == service]
    return found.inputs["values"]


def refused(data: dict[str, Any], services: dict[str, Any] | None = None, **more: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        workload(data, services, **more)
    return raised.value.problems


def reached(spec: WorkloadSpec, traits: StackTraits | None = None) -> set[tuple[str, str]]:
    connections = workload_connections({"todo": spec}, traits or StackTraits())
    return {(getattr(one.source, "name", ""), getattr(one.target, "name", "")) for one in connections}


def test_a_service_gets_a_database_in_variables_that_begin_with_its_name(build: Callable[..., Deployed]):
    values = values_of(build(workload({"database": DATABASE})), "backend")

    assert values["env"] == {
        "DATABASE_HOST": "database-rw.todo",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "todo__database",
        "DATABASE_USER": "todo__database",
        "DATABASE_SSLMODE": "verify-full",
        "DATABASE_CA": "/etc/data/database/ca.crt",
        "DATABASE_URL": "postgresql://todo__database:$(DATABASE_PASSWORD)@database-rw.todo:5432/todo__database"
        "?sslmode=verify-full&sslrootcert=/etc/data/database/ca.crt",
    }
    assert values["secretEnv"] == {"DATABASE_PASSWORD": {"secret": "database-app", "key": "password"}}
    assert values["secretMounts"] == {
        "data-database": {"secret": "database-ca", "path": "/etc/data/database", "items": {"ca.crt": "ca.crt"}}
    }
    assert values["podAnnotations"] == {"secret.reloader.stakater.com/reload": "database-app,database-ca"}


def test_several_databases_of_one_workload_are_clusters_of_their_own(build: Callable[..., Deployed]):
    deployed = build(workload({"orders": DATABASE, "audit": {**DATABASE, "storage_gib": 40}}))

    made = {one.inputs["metadata"]["name"]: one.inputs["spec"] for one in deployed.of_type(CLUSTER)}
    assert {name: spec["bootstrap"]["initdb"]["owner"] for name, spec in made.items()} == {
        "orders": "todo__orders",
        "audit": "todo__audit",
    }
    assert made["audit"]["storage"]["size"] == "40Gi"


def test_pods_wait_for_the_data_services_that_they_use_and_for_no_others(build: Callable[..., Deployed]):
    spec = workload(
        {"database": DATABASE, "cache": {"kind": "valkey"}}, {"backend": {"data": ["database"]}, "worker": {}}
    )
    deployed = build(spec)

    waits = {
        one.inputs["name"]: {urn.rpartition("::")[2] for urn in one.depends_on} for one in deployed.of_type(RELEASE)
    }
    assert "todo-database-cluster" in waits["backend"]
    assert not waits["worker"] & {"todo-database-cluster", "todo-cache-release"}
    assert "DATABASE_HOST" not in values_of(deployed, "worker")["env"]


def test_who_names_a_data_service_reaches_it_and_nobody_else_does():
    spec = workload({"database": DATABASE}, {"backend": {"data": ["database"]}, "worker": {}})

    assert ("backend", "data.database") in reached(spec)
    assert ("worker", "data.database") not in reached(spec)
    assert ("backend", "data.database") not in reached(spec, StackTraits(database_port=5432))


def test_each_service_is_a_user_of_kafka_of_its_own(build: Callable[..., Deployed]):
    spec = workload({"events": EVENTS}, {"backend": {"data": ["events"]}, "audit": {"data": ["events"]}})
    deployed = build(spec)

    users = {one.inputs["metadata"]["name"]: one.inputs["spec"] for one in deployed.of_type(KAFKA.format("KafkaUser"))}
    assert set(users) == {"events-backend", "events-audit"}
    groups = [one["resource"]["name"] for one in users["events-audit"]["authorization"]["acls"][1:]]
    assert groups == ["audit"]
    (topic,) = deployed.of_type(KAFKA.format("KafkaTopic"))
    assert (topic.inputs["spec"]["topicName"], topic.inputs["spec"]["partitions"]) == ("audit", 6)
    assert topic.inputs["spec"]["config"]["retention.ms"] == 24 * 3600 * 1000
    assert values_of(deployed, "audit")["env"] == {
        "EVENTS_BROKERS": "events-kafka-bootstrap.todo.svc:9093",
        "EVENTS_USER": "events-audit",
        "EVENTS_MECHANISM": "SCRAM-SHA-512",
        "EVENTS_GROUP": "audit",
        "EVENTS_CA": "/etc/data/events/ca.crt",
    }
    assert values_of(deployed, "audit")["secretEnv"] == {
        "EVENTS_PASSWORD": {"secret": "events-audit", "key": "password"}
    }


def test_daprs_messages_go_through_the_same_kafka():
    spec = workload(
        {"stream": {**EVENTS, "storage_gib": 20}},
        {"backend": {"data": ["stream"], "dapr": {"port": "http", "publishes": ["tasks"]}}},
        components={"pubsub": {"kind": "kafka", "partitions": 2, "storage_gib": 50}},
    )

    (kafka,) = list(declared("todo", spec))
    found = declared("todo", spec).messages
    assert found is not None
    assert {name: topic.partitions for name, topic in found.topics.items()} == {"audit": 6, "tasks": 2}
    assert {user: allowed.topics for user, allowed in found.allowed.items()} == {
        "dapr": ["tasks"],
        "backend": ["audit"],
    }
    assert kafka.needs == data_needs({"todo": spec})


def test_databases_of_the_cluster_write_their_backups_themselves():
    spec = workload({"database": DATABASE, "cache": {"kind": "valkey"}})

    assert backup_accounts({"todo": spec}, managed_postgres=False) == [
        ServiceAccount(namespace="todo", name="database")
    ]
    assert backup_accounts({"todo": spec}, managed_postgres=True) == []


@pytest.mark.parametrize(
    ("data", "services", "problem"),
    [
        (
            {"cache": {"kind": "valkey"}},
            {"backend": {"data": ["cahce"]}},
            'services.backend.data.0: there is no data service cahce, did you mean "cache"?',
        ),
        (
            {"cache": {"kind": "valkey"}},
            {"cache": {}},
            "services.cache: names that begin with cache are those of its data services; give the service another name",
        ),
        (
            {"cache": {"kind": "valkey"}},
            {"cache-worker": {}},
            "services.cache-worker: names that begin with cache are those of its data services; give the service"
            " another name",
        ),
        (
            {"backend-cache": {"kind": "valkey"}},
            {"backend": {}},
            "data.backend-cache: its objects would have names like those of the service backend; give it another name",
        ),
        (
            {"database": DATABASE},
            {"backend": {"data": ["database"], "env": {"DATABASE_HOST": "db"}}},
            "services.backend.env.DATABASE_HOST: a variable of the data service database",
        ),
        (
            {"events": EVENTS, "stream": EVENTS},
            {"backend": {}},
            "data.stream: events is of this kind already, and a workload has one at most",
        ),
        (
            {"events": EVENTS},
            {"dapr": {"data": ["events"]}},
            "services.dapr: a user of Kafka has that name already; give the service another one",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(data: dict[str, Any], services: dict[str, Any], problem: str):
    assert problem in refused(data, services)


def test_daprs_database_has_a_name_that_no_other_can_have():
    dapr = {"backend": {"dapr": {"state": True}}}

    assert refused({"postgres": DATABASE}, dapr, components={"state": {}}) == (
        "data.postgres: Dapr's components have that name; give the data service another one",
    )


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are():
    (problem,) = refused({"cache": {"kind": "redis"}}, {"backend": {}})

    assert problem.startswith("data.cache.kind: not one of ")
    assert {*problem.removeprefix("data.cache.kind: not one of ").split(", ")} == {
        get_args(kind.model_fields["kind"].annotation)[0] for kind in KINDS
    }


def test_what_a_kind_does_not_know_is_refused_with_the_kinds_that_do():
    assert refused({"database": {**DATABASE, "eviction": "allkeys-lru"}}, {"backend": {}}) == (
        "data.database.eviction: unknown key; only for valkey; known: kind, storage_gib",
    )
