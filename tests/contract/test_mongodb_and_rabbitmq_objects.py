"""Replica sets of MongoDB and clusters of RabbitMQ against what their operators make of a declaration."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from contract_check.check import check_resource

from components.contracts import StaticKey
from components.data.mongodb_backups import MongodbBackups, backup_spec
from components.data.mongodb_objects import set_spec
from components.data.rabbitmq_objects import cluster_spec
from components.data.sizes import SIZES
from components.platform.rabbitmq_operator import rabbitmq_definitions
from tests import mock_engine

Made = tuple[str, dict[str, Any]]


def mongodb() -> Made:
    backups = MongodbBackups(
        bucket="backups",
        endpoint="https://s3.example",
        region="eu",
        key=StaticKey(generation="a", access_key_id="id", secret_access_key="key"),
        keep=7,
    )
    spec: dict[str, Any] = {}

    def program() -> None:
        backup = backup_spec("orders", "payments", backups)
        backup["storages"]["store"]["minio"]["endpointUrl"] = "s3.example"
        size = SIZES["prod"].mongodb
        spec.update(set_spec("payments", "orders", size, "fast", high_availability=True, backup=backup, others={}))

    mock_engine.run(program)
    metadata = {"name": "payments", "namespace": "orders"}
    inputs = {"apiVersion": "psmdb.percona.com/v1", "kind": "PerconaServerMongoDB", "metadata": metadata, "spec": spec}
    return "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB", inputs


def rabbitmq() -> Made:
    spec = cluster_spec("work", "work-definitions-1", SIZES["prod"].rabbitmq, "fast", high_availability=True)
    metadata = {"name": "work", "namespace": "indexforge"}
    inputs = {"apiVersion": "rabbitmq.com/v1beta1", "kind": "RabbitmqCluster", "metadata": metadata, "spec": spec}
    return "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster", inputs


def found(made: Made, path: str = "", value: Any = None) -> list[str]:
    """What is found in an object in which one value is another, or is gone."""
    type_, inputs = made[0], copy.deepcopy(made[1])
    if path:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
        place: Any = inputs["spec"]
        for step in steps:
            place = place[step] if isinstance(step, int) else place.setdefault(step, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return [str(one) for one in check_resource(type_, inputs)]


@pytest.mark.parametrize("made", [mongodb, rabbitmq])
def test_what_data_services_declare_is_in_order(made: Callable[[], Made]):
    assert found(made()) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("tls/mode", "tls", 'spec.tls.mode: "tls"'),
        ("tls/mode", "disabled", "spec.tls.mode: connections in plain text are taken with unsafeFlags.tls alone"),
        ("replsets/0/size", 1, "spec.replsets[0].size: 1 members are made with unsafeFlags.replsetSize alone"),
        ("replsets/0/size", 4, "spec.replsets[0].size: 4 members are made with unsafeFlags.replsetSize alone"),
        ("replsets/0/name", "r" * 43, "spec.replsets[0].name: with the name of the cluster 50 characters"),
        ("replsets/0/volumeSpec", None, "spec.replsets[0].volumeSpec"),
        (
            "replsets/0/terminationGracePeriodSeconds",
            10,
            "spec.replsets[0].terminationGracePeriodSeconds: less than 30 seconds",
        ),
        ("users/0/name", "backup", 'spec.users[0].name: "backup" is the operator\'s own'),
        ("users/0/name", "exporter", "spec.users[1].name"),
        ("users/0/roles", [], "spec.users[0].roles"),
        ("backup/tasks/0/storageName", "elsewhere", 'storageName: there is no storage "elsewhere"'),
        ("backup/storages", {}, "spec.backup.pitr.enabled: operations are kept in a storage, and there is none"),
        (
            "backup/storages/second",
            {"type": "s3", "s3": {"bucket": "b", "credentialsSecret": "s"}},
            "spec.backup.storages: one of several is the main one, and no more",
        ),
    ],
)
def test_a_replica_set_that_never_becomes_ready(path: str, value: Any, problem: str):
    assert any(problem in one for one in found(mongodb(), path, value)), found(mongodb(), path, value)


def test_one_member_is_in_order_where_somebody_takes_the_blame():
    made = mongodb()
    made[1]["spec"]["unsafeFlags"] = {"replsetSize": True}

    assert found(made, "replsets/0/size", 1) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("tls/secretName", None, "spec.tls.secretName: missing; without it nobody is listened to"),
        ("replicas", 2, "spec.replicas: 2 nodes: half of them is no majority"),
        ("rabbitmq/additionalConfig", "log.console\n", "additionalConfig: line 1 is no `key = value`"),
        ("rabbitmq/additionalConfig", "a = 1\n# b\n\na = 2\n", "additionalConfig: line 4: a stands twice"),
    ],
)
def test_a_cluster_that_never_becomes_ready(path: str, value: Any, problem: str):
    assert any(problem in one for one in found(rabbitmq(), path, value)), found(rabbitmq(), path, value)


def test_a_definition_that_the_program_brings_along_is_no_reason_to_look_away():
    for name, spec in rabbitmq_definitions().items():
        inputs = {"metadata": {"name": name}, "spec": spec}
        assert check_resource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", inputs) == []

    assert found(rabbitmq()) == []
    assert any("half of them is no majority" in one for one in found(rabbitmq(), "replicas", 2))
