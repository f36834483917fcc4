"""Backups of volumes: who has Velero, what it is told of each cloud's store, and what is in a backup."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
import yaml
from contract_check.chart_values import check_release
from contract_check.custom_resources import check_custom_resource

from components.contracts import BACKUPS_WRITER, ObjectStore, StaticKey, WorkloadIdentity
from components.platform.velero import VeleroArgs, velero_values
from components.platform.volume_backups import (
    backup_namespaces,
    schedule,
    volume_policy,
    wants_volume_backups,
)
from components.releases import ChartSource
from stacks.backups import Backups
from stacks.problems import SettingsError
from stacks.versions import VELERO
from tests.mock_engine import Deployed
from tests.plans import committed_plan
from tests.unit.components.clouds import aks_stack, gke_stack, oke_stack
from tests.unit.components.clouds.test_local import stack as local_stack

BUILD: dict[str, Callable[[], Any]] = {
    "gke": gke_stack.build,
    "aks": lambda: aks_stack.build_foundation(aks_stack.stack(), aks_stack.Demands()),
    "oke": oke_stack.build,
}
NIGHTLY = Backups(volumes=True, hour=3, keep_days=14)


def store(key: StaticKey | None = None, **identity: Any) -> ObjectStore:
    return ObjectStore(
        bucket="backups",
        kind="s3",
        loki_storage={},
        velero_location={"provider": "aws", "bucket": "backups", "config": {"region": "here"}},
        writers={BACKUPS_WRITER: WorkloadIdentity(service_account=BACKUPS_WRITER, **identity)},
        key=key,
    )


def values(of: ObjectStore) -> dict[str, Any]:
    args: dict[str, Any] = {"namespace": None, "service_monitors": None, "nodes": [], "charts": ChartSource()}
    return velero_values(VeleroArgs(store=of, keep_days=14, protect=True, **args))


def location(deploy: Callable[..., Deployed], cloud: str) -> Any:
    """What the cloud says of its store of backups, as the plain values that it becomes."""
    found: list[Any] = []

    def program() -> None:

        pulumi.Output.from_input(BUILD[cloud]().backups.velero_location).apply(found.append)

    deploy(program)
    return found[0]


def test_google_is_told_of_an_account_since_the_plugin_wants_one(deploy: Callable[..., Deployed]):
    assert location(deploy, "gke") == {
        "provider": "gcp",
        "bucket": "acme-platform-groundwork-dev-backups",
        "config": {"serviceAccount": "acme-platform.svc.id.goog"},
    }


def test_azure_is_reached_by_identity_and_never_asked_for_keys(deploy: Callable[..., Deployed]):
    found = location(deploy, "aks")

    account = found["config"]["storageAccount"]
    assert account.startswith("backupsgroundwor")
    assert found == {
        "provider": "azure",
        "bucket": "backups",
        "config": {
            "storageAccount": account,
            "storageAccountURI": f"https://{account}.blob.core.windows.net",
            "useAAD": "true",
        },
    }


def test_oracle_gets_no_checksum_that_it_refuses(deploy: Callable[..., Deployed]):
    found = location(deploy, "oke")

    assert (found["provider"], found["bucket"]) == ("aws", "groundwork-dev-backups")
    assert found["config"]["checksumAlgorithm"] == ""
    assert found["config"]["s3ForcePathStyle"] == "true"


def test_its_values_are_those_of_the_chart():
    release = {
        "chart": VELERO.name,
        "version": VELERO.version,
        "repositoryOpts": {"repo": VELERO.repository},
        "values": values(store()),
    }

    assert check_release(release) == []


def test_a_store_that_knows_identities_needs_no_secret():
    told = values(store(annotations={"client": "7"}, pod_labels={"use": "true"}, env={"REGION": "here"}))

    assert told["credentials"] == {"useSecret": False}
    assert told["serviceAccount"]["server"] == {"create": True, "name": "velero", "annotations": {"client": "7"}}
    assert told["podLabels"] == {"use": "true", "groundwork/store": "backups"}
    assert told["nodeAgent"]["podLabels"] == {"use": "true"}
    assert {"name": "REGION", "value": "here"} in told["configuration"]["extraEnvVars"]


def test_a_store_with_a_key_gives_it_by_the_name_of_a_secret_alone():
    told = values(store(StaticKey(generation="second", access_key_id="id", secret_access_key="hidden")))

    assert told["credentials"] == {"existingSecret": "velero-object-store-second"}
    assert "hidden" not in json.dumps(told)


def test_what_velero_makes_has_limits_in_words_that_it_takes():
    told = values(store())

    made = json.loads(told["configMaps"]["node-agent"]["data"]["config.json"])["podResources"]
    kept = told["configuration"]["repositoryMaintenanceJob"]["repositoryConfigData"]["global"]["podResources"]
    for resources in (made, kept):
        assert sorted(resources) == ["cpuLimit", "cpuRequest", "memoryLimit", "memoryRequest"]
        assert resources["cpuLimit"] == "0"


def test_pods_that_velero_makes_prove_themselves_and_are_let_through_to_the_store():
    told = values(store(pod_labels={"use": "true"}))

    made = json.loads(told["configMaps"]["node-agent"]["data"]["config.json"])
    kept = told["configuration"]["repositoryMaintenanceJob"]["repositoryConfigData"]["global"]
    assert made["podLabels"] == kept["podLabels"] == {"use": "true", "groundwork/store": "backups"}


def test_volumes_are_encrypted_with_a_password_of_the_stacks_own():
    deployed = committed_plan("gke-prod")

    secret, release = deployed.named("velero-password-secret"), deployed.named("velero-release")
    assert secret.inputs["metadata"] == {"name": "velero-repo-credentials", "namespace": "velero"}
    assert list(secret.inputs["stringData"]) == ["repository-password"]
    assert secret.urn in release.depends_on
    assert deployed.named("velero-password").protect is True


def test_a_backup_has_volumes_and_what_they_are_found_by_and_no_secrets():
    template = schedule("todo", NIGHTLY)["template"]

    assert template["includedNamespaces"] == ["todo"]
    assert template["includedResources"] == ["persistentvolumeclaims", "persistentvolumes", "pods"]
    assert template["defaultVolumesToFsBackup"] is True
    assert template["snapshotVolumes"] is False


def test_a_schedule_is_one_that_velero_takes():
    spec = schedule("todo", NIGHTLY)

    assert (spec["schedule"], spec["template"]["ttl"]) == ("0 3 * * *", "336h0m0s")
    made = {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "todo"}, "spec": spec}
    assert check_custom_resource("kubernetes:velero.io/v1:Schedule", made, set()) == []


def test_databases_that_back_themselves_up_are_skipped():
    policy = yaml.safe_load(volume_policy())

    assert policy["version"] == "v1"
    assert [rule["conditions"] for rule in policy["volumePolicies"]] == [
        {"volumeTypes": ["emptyDir"]},
        {"pvcLabels": {"cnpg.io/pvcRole": "PG_DATA"}},
        {"pvcLabels": {"cnpg.io/pvcRole": "PG_WAL"}},
        {"pvcLabels": {"app.kubernetes.io/managed-by": "percona-server-mongodb-operator"}},
    ]
    assert {rule["action"]["type"] for rule in policy["volumePolicies"]} == {"skip"}


@pytest.mark.parametrize(
    ("settings", "workloads", "wanted"),
    [
        ({"environment": "dev"}, ["todo"], False),
        ({"environment": "dev", "backups": {"volumes": True}}, ["todo"], True),
        ({"environment": "dev", "backups": {"volumes": True}}, [], False),
    ],
)
def test_a_stack_has_velero_where_its_setting_and_a_workload_ask_for_it(
    settings: dict[str, Any], workloads: list[str], wanted: bool
):
    stack = gke_stack.stack(**settings)

    assert wants_volume_backups(stack, workloads) is wanted
    assert backup_namespaces(stack, workloads) == ({"velero": "privileged"} if wanted else {})


@pytest.mark.parametrize(
    ("environment", "volumes", "keep"), [("dev", False, 7), ("staging", True, 14), ("prod", True, 30)]
)
def test_the_environment_says_how_long_backups_are_kept(environment: str, volumes: bool, keep: int):
    backups = gke_stack.stack(
        environment=environment,
        high_availability=False,
        logs={"retention_days": 30},
    ).backups

    assert backups == Backups(volumes=volumes, hour=2, keep_days=keep)


def test_a_local_stack_has_no_store_for_volumes():
    assert local_stack(environment="prod", logs={"retention_days": 30}).backups.volumes is False
    with pytest.raises(SettingsError) as raised:
        local_stack(backups={"volumes": True})

    assert raised.value.problems == (
        "backups.volumes: only false: a local stack has no object store that backups could lie in",
    )
