"""PostgreSQL of a GKE stack, in Cloud SQL."""

from collections.abc import Callable
from typing import Any

import pytest

from components.contracts import Foundation
from tests.mock_engine import Deployed
from tests.unit.components.clouds.gke_stack import CLUSTER, build

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
CONNECTION = "gcp:servicenetworking/connection:Connection"
SETTINGS = {"tier": "db-custom-2-8192", "storage_gib": 50, "backup_days": 30}


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(postgres=SETTINGS, **changes), changes)


def settings(deployed: Deployed) -> Any:
    """The `settings` block of the instance."""
    return deployed.only(INSTANCE).inputs["settings"]


def test_a_stack_that_did_not_choose_it_has_none(deploy: Callable[..., Deployed]):
    built: list[Foundation] = []

    deployed = deploy(lambda: built.append(build()))

    assert built[0].postgres is None
    assert not deployed.types() & {INSTANCE, CONNECTION, "gcp:compute/globalAddress:GlobalAddress"}


def test_it_is_reached_from_the_stacks_network_alone_and_by_tls_alone(foundation: Callable[..., Deployed]):
    assert settings(foundation())["ipConfiguration"] == {
        "ipv4Enabled": False,
        "privateNetwork": "network-vpc-id",
        "allocatedIpRange": "private-services-range-1a2b3c4",
        "sslMode": "ENCRYPTED_ONLY",
    }


def test_it_takes_its_address_from_a_range_of_the_plan(foundation: Callable[..., Deployed]):
    deployed = foundation()

    lent = deployed.only("gcp:compute/globalAddress:GlobalAddress").inputs
    assert (lent["purpose"], lent["addressType"]) == ("VPC_PEERING", "INTERNAL")
    assert (lent["address"], lent["prefixLength"]) == ("10.68.48.0", 20)
    connection = deployed.only(CONNECTION).inputs
    assert connection["reservedPeeringRanges"] == ["private-services-range-1a2b3c4"]
    assert connection["network"] == lent["network"] == "network-vpc-id"


def test_the_peering_goes_although_google_still_keeps_what_a_database_stood_on(foundation: Callable[..., Deployed]):
    assert foundation().only(CONNECTION).inputs["deletionPolicy"] == "REMOVE_PEERING"


def test_it_waits_for_the_peering_and_its_key_and_not_for_the_cluster(foundation: Callable[..., Deployed]):
    deployed = foundation()

    instance = deployed.only(INSTANCE)
    assert instance.inputs["encryptionKeyName"] == "postgres-encryption-key-id"
    assert deployed.only(CONNECTION).urn in instance.depends_on
    assert deployed.named("postgres-encryption-grant").urn in instance.depends_on
    assert deployed.only(CLUSTER).urn not in instance.depends_on


def test_every_day_is_backed_up_and_every_moment_of_a_week_can_be_restored(foundation: Callable[..., Deployed]):
    assert settings(foundation())["backupConfiguration"] == {
        "enabled": True,
        "startTime": "01:00",
        "location": "europe-west1",
        "pointInTimeRecoveryEnabled": True,
        "transactionLogRetentionDays": 7,
        "backupRetentionSettings": {"retainedBackups": 30, "retentionUnit": "COUNT"},
    }


@pytest.mark.parametrize(("high_availability", "availability"), [(True, "REGIONAL"), (False, "ZONAL")])
def test_a_highly_available_stack_has_a_standby_in_a_second_zone(
    foundation: Callable[..., Deployed], high_availability: bool, availability: str
):
    zones = {"zones": ["europe-west1-b", "europe-west1-c"]}
    pool = {"system": {"machine_type": "e2-standard-4", "min_nodes": 2, "max_nodes": 3}}

    deployed = foundation(high_availability=high_availability, cluster={**zones, "node_pools": pool})

    assert settings(deployed)["availabilityType"] == availability


@pytest.mark.parametrize("protect", [True, False])
def test_it_is_protected_by_the_engine_the_provider_and_the_api(foundation: Callable[..., Deployed], protect: bool):
    deployed = foundation(protect=protect)

    instance = deployed.only(INSTANCE)
    guards = (instance.protect, instance.inputs["deletionProtection"], settings(deployed)["deletionProtectionEnabled"])
    assert guards == (protect, protect, protect)


def test_it_has_the_size_and_version_that_the_stack_chose(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.only(INSTANCE).inputs["databaseVersion"] == "POSTGRES_17"
    chosen = {key: settings(deployed)[key] for key in ("edition", "tier", "diskSize", "diskAutoresize")}
    assert chosen == {"edition": "ENTERPRISE", "tier": "db-custom-2-8192", "diskSize": 50, "diskAutoresize": True}


def test_a_disk_that_grew_by_itself_is_left_alone(foundation: Callable[..., Deployed]):
    assert foundation().only(INSTANCE).ignore_changes == ["settings.diskSize"]


def test_names_are_left_to_the_engine_because_a_deleted_one_stays_taken(foundation: Callable[..., Deployed]):
    assert "name" not in foundation().only(INSTANCE).inputs


def test_the_administrators_password_is_generated(foundation: Callable[..., Deployed]):
    user = foundation().only("gcp:sql/user:User").inputs

    assert (user["name"], user["password"]) == ("administrator", "generated-password")
    assert user["deletionPolicy"] == "ABANDON"


def test_clients_are_told_where_it_is_and_whom_to_trust(deploy: Callable[..., Deployed]):
    built: list[Foundation] = []
    told: dict[str, Any] = {}

    def program() -> None:
        built.append(build(postgres=SETTINGS))
        postgres: Any = built[0].postgres
        for key in ("host", "password", "server_ca"):
            getattr(postgres, key).apply(lambda value, key=key: told.update({key: value}))

    deploy(program)

    assert told == {"host": "10.68.48.3", "password": "generated-password", "server_ca": "certificate"}
    postgres = built[0].postgres
    assert postgres
    assert (postgres.port, postgres.username, len(postgres.ready)) == (5432, "administrator", 1)
    assert postgres.ssl_mode == "verify-ca"  # the certificate does not have the address that is in `host`
