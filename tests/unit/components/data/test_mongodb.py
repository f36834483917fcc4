"""MongoDB of a workload: members, users, certificates, backups, and what scrapes it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.contracts import ObjectStore, ServiceAccount, StaticKey, WorkloadIdentity
from components.data.mongodb import Mongodb
from components.data.mongodb_backups import backups_in, host_of
from components.data.mongodb_dumps import MongodbDumps
from components.platform.percona_mongodb import operator_values
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

SET = "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB"
SECRET = "kubernetes:core/v1:Secret"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"


DUMPS = MongodbDumps(storage_gib=5, storage_class="fast", nodes=[])


@pytest.fixture
def mongodb(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Mongodb("orders-payments", replace(data_arguments("Mongodb", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


def spec(deployed: Deployed) -> Any:
    return deployed.only(SET).inputs["spec"]


def secrets(deployed: Deployed) -> dict[str, Any]:
    return {one.inputs["metadata"]["name"]: one.inputs["stringData"] for one in deployed.of_type(SECRET)}


def test_every_object_is_one_that_its_definition_takes(mongodb: Callable[..., Deployed]):
    for deployed in (mongodb(), mongodb(backups=DUMPS), mongodb(high_availability=True, protect=True)):
        for one in deployed.registrations.values():
            assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_one_member_takes_the_word_of_whoever_asks_for_it(mongodb: Callable[..., Deployed]):
    [single] = spec(mongodb())["replsets"]
    [triple] = spec(mongodb(high_availability=True))["replsets"]

    assert (single["size"], spec(mongodb())["unsafeFlags"]) == (1, {"replsetSize": True})
    assert triple["size"] == 3
    assert "unsafeFlags" not in spec(mongodb(high_availability=True))
    assert triple["affinity"] == {"antiAffinityTopologyKey": "kubernetes.io/hostname"}
    [zone] = triple["topologySpreadConstraints"]
    assert (zone["topologyKey"], zone["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    assert triple["podDisruptionBudget"] == {"maxUnavailable": 1}


def test_nobody_connects_in_plain_text_and_clients_need_no_certificate(mongodb: Callable[..., Deployed]):
    described = spec(mongodb())

    assert described["tls"]["mode"] == "requireTLS"
    assert described["tls"]["allowInvalidCertificates"] is False
    [members] = described["replsets"]
    assert json.loads(members["configuration"]) == {"net": {"tls": {"allowConnectionsWithoutCertificates": True}}}


def test_the_user_of_services_has_one_database_and_passwords_are_in_secrets_alone(mongodb: Callable[..., Deployed]):
    deployed = mongodb()

    application, exporter = spec(deployed)["users"]
    assert application == {
        "name": "application",
        "db": "orders",
        "passwordSecretRef": {"name": "payments-application", "key": "password"},
        "roles": [{"name": "readWrite", "db": "orders"}, {"name": "dbAdmin", "db": "orders"}],
    }
    assert {role["name"] for role in exporter["roles"]} == {"clusterMonitor", "read"}
    assert secrets(deployed)["payments-application"] == {"username": "application", "password": "generated-password"}
    assert "generated-password" not in str(deployed.only(SET).inputs)


def test_pods_are_fit_for_a_restricted_namespace(mongodb: Callable[..., Deployed]):
    described = spec(mongodb())
    [members] = described["replsets"]
    [exporter] = members["sidecars"]

    assert members["podSecurityContext"]["runAsNonRoot"] is True
    assert members["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    contexts = [
        described["initContainerSecurityContext"],
        members["containerSecurityContext"],
        exporter["securityContext"],
        described["backup"]["containerSecurityContext"],
    ]
    for context in contexts:
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_a_member_in_dev_asks_for_half_a_gibibyte_at_most(mongodb: Callable[..., Deployed]):
    described = spec(mongodb())
    [members] = described["replsets"]
    containers = [members, *members["sidecars"], described["backup"]]

    requested = [one["resources"]["requests"] for one in containers]
    assert sum(int(one["memory"].removesuffix("Mi")) for one in requested) <= 512
    assert sum(int(one["cpu"].removesuffix("m")) for one in requested) <= 100


def test_backups_are_daily_and_everything_in_between_is_kept(mongodb: Callable[..., Deployed]):
    deployed = mongodb()

    backup = spec(deployed)["backup"]
    assert backup["storages"]["store"]["minio"] == {
        "bucket": "backups",
        "endpointUrl": "namespace.compat.objectstorage.eu-frankfurt-1.oraclecloud.com",
        "region": "eu-frankfurt-1",
        "prefix": "orders/payments",
        "secure": True,
        "forcePathStyle": True,
        "credentialsSecret": "payments-backups-a",
    }
    [daily] = backup["tasks"]
    assert daily["retention"] == {"type": "count", "count": 7, "deleteFromStorage": True}
    assert backup["pitr"]["enabled"] is True
    assert set(secrets(deployed)["payments-backups-a"]) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_without_a_store_that_takes_keys_a_dump_is_written_before_volumes_are_copied(mongodb: Callable[..., Deployed]):
    deployed = mongodb(backups=DUMPS)

    assert spec(deployed)["backup"]["enabled"] is False
    assert set(secrets(deployed)) == {"payments-application", "payments-exporter", "payments-dumps"}
    assert [role["name"] for role in spec(deployed)["users"][-1]["roles"]] == ["backup", "restore", "pbmAnyAction"]
    pod = deployed.only(DEPLOYMENT).inputs["spec"]["template"]
    annotations = pod["metadata"]["annotations"]
    [shell, _, command] = json.loads(annotations["pre.hook.backup.velero.io/command"])
    assert (shell, annotations["pre.hook.backup.velero.io/on-error"]) == ("bash", "Fail")
    assert "--oplog" in command
    assert "$PASSWORD" in command
    [claim] = [one["persistentVolumeClaim"] for one in pod["spec"]["volumes"] if "persistentVolumeClaim" in one]
    assert claim == {"claimName": "payments-dumps"}
    assert mongodb().of_type(DEPLOYMENT) == []


def test_volumes_go_with_a_set_that_nothing_protects(mongodb: Callable[..., Deployed]):
    free, kept = mongodb().only(SET), mongodb(protect=True).only(SET)

    assert "percona.com/delete-psmdb-pvc" in free.inputs["metadata"]["finalizers"]
    assert kept.inputs["metadata"]["finalizers"] == ["percona.com/delete-psmdb-pods-in-order"]
    assert (free.protect, kept.protect) == (False, True)


def test_exporters_are_scraped_by_the_name_of_the_set(mongodb: Callable[..., Deployed]):
    deployed = mongodb()

    service, monitor = deployed.only(SERVICE).inputs, deployed.only(MONITOR).inputs
    assert service["metadata"]["name"] == "payments"
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert service["spec"]["ports"] == [{"name": "metrics", "port": 9216}]


def test_the_operator_watches_every_namespace_and_tells_its_maker_nothing():
    values = operator_values(high_availability=True)

    assert (values["watchAllNamespaces"], values["disableTelemetry"], values["replicaCount"]) == (True, True, 2)


@pytest.mark.parametrize(("kind", "keyed", "found"), [("s3", True, True), ("gcs", False, False), ("s3", False, False)])
def test_a_store_without_keys_is_none_for_the_operator(kind: Any, keyed: bool, found: bool):
    account = ServiceAccount(namespace="databases", name="backups")
    store = ObjectStore(
        bucket="backups",
        kind=kind,
        loki_storage={"type": kind, "s3": {"endpoint": "https://s3.example", "region": "eu"}},
        writers={account: WorkloadIdentity(service_account=account)},
        key=StaticKey(generation="a", access_key_id="id", secret_access_key="key") if keyed else None,
    )

    backups = backups_in(store, keep=14)
    assert (backups is not None) is found
    assert backups is None or (backups.region, backups.keep) == ("eu", 14)


@pytest.mark.parametrize("endpoint", ["https://s3.example", "s3.example"])
def test_the_client_is_told_the_host(endpoint: str):
    assert host_of(endpoint) == "s3.example"
