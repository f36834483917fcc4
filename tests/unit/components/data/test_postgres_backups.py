"""Backups of PostgreSQL in the cluster: where they lie, who writes them, when, and for how long they are kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.postgres import Postgres
from components.data.postgres_backups import BackupPlan
from tests.mock_engine import Deployed
from tests.plans import STACKS, plan, settings_of
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments
from tests.unit.components.data.data_arguments import plan as backup_plan

CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"
SCHEDULE = "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup"
STORE = "kubernetes:barmancloud.cnpg.io/v1:ObjectStore"
SECRET = "kubernetes:core/v1:Secret"
MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"

Postgresql = Callable[..., Deployed]


@pytest.fixture
def postgres(deploy: Callable[..., Deployed]) -> Postgresql:
    def build(change: Callable[[BackupPlan], BackupPlan | None] = lambda plan: plan) -> Deployed:
        def program() -> None:
            wait = Prerequisite("wait")
            Postgres("todo-database", replace(data_arguments("Postgres", wait), backups=change(backup_plan(wait))))

        return deploy(program)

    return build


def keyless(kind: str, url: str) -> Callable[[BackupPlan], BackupPlan]:
    return lambda plan: replace(
        plan, store=replace(plan.store, kind=kind, url=url, key=None, endpoint=None, region=None)
    )


def configuration(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(STORE).inputs["spec"]["configuration"]


@pytest.mark.parametrize(
    "change", [lambda plan: plan, keyless("gcs", "gs://backups"), keyless("azure", "https://acme.example/backups")]
)
def test_every_object_fits_its_definition(postgres: Postgresql, change: Any):
    for one in postgres(change).registrations.values():
        assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_a_cluster_has_a_place_of_its_own_below_its_workloads(postgres: Postgresql):
    deployed = postgres()

    assert configuration(deployed)["destinationPath"] == "s3://backups/todo"
    (archiver,) = deployed.only(CLUSTER).inputs["spec"]["plugins"]
    assert archiver["isWALArchiver"] is True
    # The plugin puts the cluster's name behind it, where nothing else is said.
    assert archiver["parameters"] == {"barmanObjectName": "database"}


def test_a_store_that_only_speaks_as_s3_does_gets_a_key_and_no_checksums(postgres: Postgresql):
    deployed = postgres()

    assert configuration(deployed)["endpointURL"] == "https://s3.acme.example"
    assert configuration(deployed)["s3Credentials"] == {
        "accessKeyId": {"name": "database-backups", "key": "ACCESS_KEY_ID"},
        "secretAccessKey": {"name": "database-backups", "key": "SECRET_ACCESS_KEY"},
    }
    (secret,) = [one for one in deployed.of_type(SECRET) if one.inputs["metadata"]["name"] == "database-backups"]
    assert secret.inputs["stringData"] == {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "of-the-store"}
    sidecar = deployed.only(STORE).inputs["spec"]["instanceSidecarConfiguration"]
    assert {one["name"]: one["value"] for one in sidecar["env"]} == {
        "AWS_DEFAULT_REGION": "north",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
    }


@pytest.mark.parametrize(
    ("kind", "url", "credentials"),
    [
        ("gcs", "gs://backups", {"googleCredentials": {"gkeEnvironment": True}}),
        ("azure", "https://acme.example/backups", {"azureCredentials": {"inheritFromAzureAD": True}}),
    ],
)
def test_elsewhere_the_pods_are_asked_who_they_are(
    postgres: Postgresql, kind: str, url: str, credentials: dict[str, Any]
):
    deployed = postgres(keyless(kind, url))

    assert configuration(deployed) | credentials == configuration(deployed)
    assert not deployed.of_type(SECRET)
    assert "env" not in deployed.only(STORE).inputs["spec"]["instanceSidecarConfiguration"]


def test_the_clusters_own_account_is_the_principal(postgres: Postgresql):
    spec = postgres().only(CLUSTER).inputs["spec"]

    assert spec["serviceAccountTemplate"] == {"metadata": {"annotations": {"client": "database"}}}
    assert spec["inheritedMetadata"] == {"labels": {"identity": "used"}}


def test_there_is_a_base_backup_every_night_and_one_at_once(postgres: Postgresql):
    deployed = postgres()
    spec = deployed.only(SCHEDULE).inputs["spec"]

    assert (spec["schedule"], spec["immediate"], spec["method"]) == ("0 0 2 * * *", True, "plugin")
    assert deployed.only(STORE).inputs["spec"]["retentionPolicy"] == "7d"


def test_what_is_told_of_backups_is_kept_where_there_are_any(postgres: Postgresql):
    assert postgres().only(MONITOR).inputs["spec"]["podMetricsEndpoints"] == [{"port": "metrics"}]


def test_a_cluster_that_is_not_backed_up_tells_nothing_of_backups(postgres: Postgresql):
    deployed = postgres(lambda _: None)

    (endpoint,) = deployed.only(MONITOR).inputs["spec"]["podMetricsEndpoints"]
    assert endpoint["metricRelabelings"][0]["action"] == "drop"
    assert not deployed.of_type(SCHEDULE)
    assert not deployed.of_type(STORE)
    assert "plugins" not in deployed.only(CLUSTER).inputs["spec"]


@pytest.mark.parametrize("stack", [stack for stack in STACKS if not settings_of(stack).get("postgres")])
def test_every_cluster_is_backed_up_where_there_is_a_store_for_it(stack: str):
    deployed = plan(stack)
    clusters = deployed.of_type(CLUSTER)

    assert clusters
    archived = [one.inputs["metadata"]["name"] for one in clusters if one.inputs["spec"].get("plugins")]
    assert archived == ([] if stack.startswith("local") else [one.inputs["metadata"]["name"] for one in clusters])
    assert len(deployed.of_type(SCHEDULE)) == len(archived)
