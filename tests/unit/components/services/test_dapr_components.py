"""The components of a workload, as Dapr reads them."""

from typing import Any

from components.contracts import DaprSecretStore
from components.services.dapr.components import components
from components.services.dapr.object import Declared
from components.services.dapr.subscriptions import subscriptions
from components.services.dapr.topics import topics
from components.services.model import WorkloadSpec
from tests.unit.components.services.dapr_workloads import BACKEND, kafka, postgres, service, workload


def declared(spec: WorkloadSpec, store: DaprSecretStore | None = None, **changes: Any) -> dict[str, Declared]:
    return {one.name: one for one in components(spec, kafka(), postgres(**changes), store)}


def settings(one: Declared) -> dict[str, Any]:
    return {entry["name"]: entry.get("value", entry.get("secretKeyRef")) for entry in one.spec["metadata"]}


def test_each_component_is_loaded_by_the_services_that_use_it():
    found = declared(workload())

    assert {name: list(one.scopes) for name, one in found.items()} == {
        "pubsub": ["backend", "notification"],
        "state": ["backend"],
        "secrets": ["backend"],
        "backend.cleanup": ["backend"],
    }


def test_messages_go_through_kafka_encrypted_with_a_password_from_a_secret():
    pubsub = declared(workload())["pubsub"]

    assert (pubsub.spec["type"], pubsub.spec["version"], pubsub.spec["initTimeout"]) == ("pubsub.kafka", "v1", "30s")
    assert settings(pubsub) == {
        "brokers": "kafka-bootstrap.todo.svc:9093",
        "version": "4.3.1",
        "initialOffset": "oldest",
        "consumerGroup": "{appID}",
        "authType": "password",
        "saslMechanism": "SHA-512",
        "saslUsername": "dapr",
        "saslPassword": {"name": "dapr", "key": "password"},
        "caCert": {"name": "kafka-ca", "key": "ca.crt"},
        "publishingScopes": "backend=tasks;notification=tasks-dead-letters",
        "subscriptionScopes": "backend=;notification=tasks",
    }


def test_state_is_kept_in_postgresql_whose_certificate_is_checked():
    state = declared(workload())["state"]

    assert (state.spec["type"], state.spec["version"]) == ("state.postgresql", "v2")
    assert settings(state) == {
        "connectionString": {"name": "postgres-app", "key": "uri"},
        "sslRootCert": "/var/run/postgres-ca/ca.crt",
        "keyPrefix": "appid",
        "timeout": "10s",
        "actorStateStore": "false",
    }


def test_an_authority_that_everybody_trusts_needs_no_file():
    assert "sslRootCert" not in settings(declared(workload(), ca=None)["state"])


def test_actors_keep_their_state_there_if_asked():
    spec = workload({"pubsub": {}, "state": {"actors": True}})

    assert settings(declared(spec)["state"])["actorStateStore"] == "true"


def test_configuration_is_a_table_of_the_same_database():
    spec = workload({"pubsub": {}, "state": {}, "configuration": {}}, audit=service({"configuration": True}))
    found = declared(spec)["configuration"]

    assert (found.spec["type"], list(found.scopes)) == ("configuration.postgresql", ["audit"])
    assert settings(found)["table"] == settings(found)["notifyChannel"] == "configuration"


def test_the_clouds_vault_is_read_by_identity():
    vault = DaprSecretStore(type="secretstores.gcp.secretmanager", metadata={"projectID": "acme"})
    found = declared(workload(), vault)["secrets"]

    assert (found.spec["type"], settings(found)) == ("secretstores.gcp.secretmanager", {"projectID": "acme"})


def test_secrets_that_follow_the_vault_are_read_where_dapr_does_not_know_it():
    found = declared(workload())["secrets"]

    assert (found.spec["type"], found.spec["metadata"]) == ("secretstores.kubernetes", [])


def test_a_call_at_fixed_times_has_a_component_of_its_own():
    assert settings(declared(workload())["backend.cleanup"]) == {
        "schedule": "0 3 * * *",
        "route": "/jobs/cleanup",
        "direction": "input",
    }


def test_a_component_that_no_service_uses_is_not_there():
    # Without scopes it would be loaded by every service of the namespace.
    assert set(declared(workload(backend=service({}), notification=service({})))) == set()


def test_a_broker_of_the_users_takes_kafkas_place():
    own = {
        "type": "pubsub.azure.servicebus.topics",
        "metadata": {"namespaceName": "acme.servicebus.windows.net", "disableEntityManagement": True},
        "secrets": {"azureClientSecret": "broker/secret"},
    }
    (pubsub,) = [
        one
        for one in components(workload({"pubsub": {"kind": "own", "own": own}, "state": {}}), None, postgres(), None)
        if one.name == "pubsub"
    ]

    assert pubsub.spec["type"] == "pubsub.azure.servicebus.topics"
    assert settings(pubsub) == {
        "namespaceName": "acme.servicebus.windows.net",
        "disableEntityManagement": "true",
        "azureClientSecret": {"name": "broker", "key": "secret"},
        "publishingScopes": "backend=tasks;notification=tasks-dead-letters",
        "subscriptionScopes": "backend=;notification=tasks",
    }


def test_a_subscription_says_where_messages_go_that_nobody_can_handle():
    (found,) = subscriptions(workload())

    assert (found.name, found.api_version, list(found.scopes)) == (
        "notification.tasks",
        "dapr.io/v2alpha1",
        ["notification"],
    )
    assert found.spec == {
        "pubsubname": "pubsub",
        "topic": "tasks",
        "routes": {"default": "/tasks"},
        "deadLetterTopic": "tasks-dead-letters",
    }


def test_the_topics_of_a_workload_are_those_published_given_up_to_and_brought_from_outside():
    spec = workload(
        {"pubsub": {"external": ["orders"]}, "state": {}}, backend=service({**BACKEND, "publishes": ["tasks", "news"]})
    )

    assert topics(spec) == {"news": [], "orders": [], "tasks": ["notification"], "tasks-dead-letters": []}
