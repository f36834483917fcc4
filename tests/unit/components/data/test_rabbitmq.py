"""RabbitMQ of a workload: nodes, users, queues, certificates, and its operator."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.rabbitmq import Rabbitmq
from components.data.rabbitmq_definitions import Queue, definitions, digest, password_hash, queue_arguments
from components.platform.rabbitmq_operator import RabbitmqOperator
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

CLUSTER = "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
SECRET = "kubernetes:core/v1:Secret"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


@pytest.fixture
def rabbitmq(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Rabbitmq("indexforge-jobs", replace(data_arguments("Rabbitmq", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


@pytest.fixture
def operator(deploy: Callable[..., Deployed]) -> Deployed:
    def program() -> None:
        RabbitmqOperator("rabbitmq-operator", data_arguments("RabbitmqOperator", Prerequisite("wait")))

    return deploy(program)


def secrets(deployed: Deployed) -> dict[str, Any]:
    return {one.inputs["metadata"]["name"]: one.inputs["stringData"] for one in deployed.of_type(SECRET)}


def spec(deployed: Deployed) -> Any:
    return deployed.only(CLUSTER).inputs["spec"]


def test_every_object_is_one_that_its_definition_takes(rabbitmq: Callable[..., Deployed], operator: Deployed):
    for deployed in (rabbitmq(), rabbitmq(high_availability=True, protect=True), operator):
        for one in deployed.registrations.values():
            assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_three_nodes_in_three_zones_or_one(rabbitmq: Callable[..., Deployed]):
    single, triple = spec(rabbitmq()), spec(rabbitmq(high_availability=True))

    assert (single["replicas"], triple["replicas"]) == (1, 3)
    [apart] = triple["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert apart["topologyKey"] == "kubernetes.io/hostname"
    [zone] = triple["override"]["statefulSet"]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert (zone["topologyKey"], zone["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")


def test_velero_has_each_node_write_what_it_knows_before_its_volume_is_copied(rabbitmq: Callable[..., Deployed]):
    template = spec(rabbitmq())["override"]["statefulSet"]["spec"]["template"]
    hook = {
        name.removeprefix("pre.hook.backup.velero.io/"): value
        for name, value in template["metadata"]["annotations"].items()
    }

    # The operator mounts the volume there.
    assert json.loads(hook.pop("command")) == [
        "rabbitmqctl",
        "export_definitions",
        "/var/lib/rabbitmq/mnesia/definitions.json",
    ]
    assert hook == {"container": "rabbitmq", "timeout": "2m", "on-error": "Fail"}


def test_clients_find_tls_alone(rabbitmq: Callable[..., Deployed]):
    deployed = rabbitmq()

    assert spec(deployed)["tls"] == {"secretName": "jobs-tls", "disableNonTLSListeners": True}
    assert deployed.only(CERTIFICATE).inputs["spec"]["dnsNames"][0] == "jobs.indexforge.svc"
    all_of_them, by_queue = deployed.only(MONITOR).inputs["spec"]["endpoints"]
    for endpoint in (all_of_them, by_queue):
        assert (endpoint["scheme"], endpoint["tlsConfig"]["serverName"]) == ("https", "jobs.indexforge.svc")
    assert by_queue["params"] == {"family": ["queue_coarse_metrics"]}


def test_queues_are_quorum_queues_unless_somebody_says_otherwise(rabbitmq: Callable[..., Deployed]):
    lines = spec(rabbitmq())["rabbitmq"]["additionalConfig"].splitlines()

    assert "default_queue_type = quorum" in lines
    assert "definitions.local.path = /etc/rabbitmq/definitions/definitions.json" in lines


def test_nodes_read_the_definitions_of_the_queues_that_are_declared(rabbitmq: Callable[..., Deployed]):
    before, after = rabbitmq(), rabbitmq(queues={"excel": Queue()})

    [old] = [name for name in secrets(before) if name.startswith("jobs-definitions-")]
    [new] = [name for name in secrets(after) if name.startswith("jobs-definitions-")]
    [volume] = spec(before)["override"]["statefulSet"]["spec"]["template"]["spec"]["volumes"]
    assert volume["secret"]["secretName"] == old
    assert new != old


def test_services_are_no_administrators_and_passwords_are_kept_as_hashes(rabbitmq: Callable[..., Deployed]):
    deployed = rabbitmq()

    [file] = [json.loads(one["definitions.json"]) for one in secrets(deployed).values() if "definitions.json" in one]
    assert {user["name"]: user["tags"] for user in file["users"]} == {
        "administrator": ["administrator"],
        "application": [],
    }
    assert {user["password_hash"] for user in file["users"]} == {password_hash("generated-password")}
    assert secrets(deployed)["jobs-application"] == {"username": "application", "password": "generated-password"}
    assert spec(deployed)["secretBackend"] == {"externalSecret": {"name": "jobs-default-user"}}
    assert "generated-password" not in str(deployed.only(CLUSTER).inputs)


def test_a_hash_is_the_salt_and_the_digest_of_both():
    decoded = base64.b64decode(password_hash("secret"))

    salt, hashed = decoded[:4], decoded[4:]
    assert hashed == hashlib.sha256(salt + b"secret").digest()
    assert password_hash("secret") == password_hash("secret") != password_hash("other")


def test_what_is_refused_goes_to_the_dead_letters_and_is_not_lost_on_the_way():
    assert queue_arguments(Queue(dead_letters="failed", ttl_seconds=60)) == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "failed",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-message-ttl": 60000,
    }


def test_a_full_queue_tells_its_publishers():
    assert queue_arguments(Queue(max_length=1000, delivery_limit=3)) == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 3,
        "x-max-length": 1000,
        "x-overflow": "reject-publish",
    }


def test_the_order_of_queues_changes_nothing():
    one, other = Queue(), Queue(ttl_seconds=5)
    passwords = {"administrator": "a", "application": "b"}

    assert digest({"a": one, "b": other}) == digest({"b": other, "a": one}) != digest({"a": other, "b": one})
    assert definitions({"a": one, "b": other}, passwords) == definitions({"b": other, "a": one}, passwords)


def test_the_operator_has_its_definition_first_and_asks_for_no_webhook(operator: Deployed):
    [definition] = operator.of_type(DEFINITION)
    deployment = operator.only(DEPLOYMENT)

    assert definition.inputs["metadata"]["name"] == "rabbitmqclusters.rabbitmq.com"
    [container] = deployment.inputs["spec"]["template"]["spec"]["containers"]
    assert {"name": "ENABLE_WEBHOOKS", "value": "false"} in container["env"]
    assert deployment.inputs["spec"]["replicas"] == 2
    assert operator.of_type("kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration") == []
