"""PostgreSQL as Azure runs it for a stack that chose it."""

from collections.abc import Callable
from typing import Any

import pytest

from components.aks.postgres import tier
from components.aks.roles import KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER
from components.contracts import Foundation
from components.naming import compact_name
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.clouds.aks_stack import (
    LOCK,
    POSTGRES,
    SERVER,
    SUBSCRIPTION,
    contracts_by,
    deployed_by,
    grants,
    stack,
)

NAME = compact_name("postgres", "groundwork-dev", owner=SUBSCRIPTION, limit=50)
COPIED = {**POSTGRES, "backup_location": "northeurope"}


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return deployed_by(deploy_once)


@pytest.fixture
def contracts(deploy: Callable[..., Deployed]) -> Callable[..., Foundation]:
    return contracts_by(deploy)


def test_without_the_setting_there_is_no_server_and_no_subnet_for_one(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert SERVER not in deployed.types()
    assert "network-databases" not in {one.name for one in deployed.registrations.values()}


def test_the_server_stands_alone_in_a_subnet_of_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    assert deployed.only(SERVER).inputs["network"] == {
        "delegatedSubnetResourceId": "network-databases-id",
        "privateDnsZoneArmResourceId": "postgres-dns-zone-id",
    }
    subnet = deployed.named("network-databases").inputs
    assert subnet["addressPrefix"] == "10.68.35.0/24"
    assert subnet["delegations"] == [{"name": "postgresql", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}]


def test_the_network_knows_the_servers_name_before_the_server_is_there(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    assert deployed.named("postgres-dns-zone").inputs["privateZoneName"] == (
        "groundwork-dev.private.postgres.database.azure.com"
    )
    assert deployed.named("postgres-dns-zone-link").urn in deployed.only(SERVER).depends_on


def test_neither_the_server_nor_the_cluster_waits_for_the_other(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    server = deployed.only(SERVER)
    cluster = deployed.only("azure-native:containerservice:ManagedCluster")
    assert cluster.urn not in server.depends_on
    assert not {server.urn, deployed.named("network-databases").urn} & set(cluster.depends_on)


def test_a_client_needs_the_generated_password_and_tls(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    server = deployed.only(SERVER).inputs
    assert (server["administratorLogin"], server["administratorLoginPassword"]) == ("groundwork", "generated-password")
    tls = deployed.only("azure-native:dbforpostgresql:Configuration").inputs
    assert (tls["configurationName"], tls["value"]) == ("require_secure_transport", "on")


def test_data_is_encrypted_with_the_stacks_key(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    server = deployed.only(SERVER)
    assert server.inputs["dataEncryption"] == {
        "type": "AzureKeyVault",
        "primaryKeyURI": "https://vault.example/keys/data-encryption-key",
        "primaryUserAssignedIdentityId": "data-encryption-user-id",
    }
    assert server.inputs["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": {"data-encryption-user-id": {}},
    }
    assert deployed.named("data-encryption-uses-key").urn in server.depends_on


def test_copies_of_backups_are_encrypted_with_a_key_that_lies_where_they_do(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=COPIED)

    server = deployed.only(SERVER)
    assert server.inputs["backup"] == {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled"}
    assert server.inputs["dataEncryption"]["geoBackupKeyURI"] == "https://vault.example/keys/backup-encryption-key"
    assert set(server.inputs["identity"]["userAssignedIdentities"]) == {
        "data-encryption-user-id",
        "backup-encryption-user-id",
    }
    assert deployed.named("backup-encryption-vault").inputs["location"] == "northeurope"
    assert deployed.named("backup-encryption-user").inputs["location"] == "northeurope"
    assert grants(deployed)["backup-encryption-uses-key"] == (
        KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
        "backup-encryption-user-principal",
        "backup-encryption-vault-id",
    )
    assert deployed.named("backup-encryption-uses-key").urn in server.depends_on


def test_copies_lie_in_another_region():
    with pytest.raises(SettingsError) as refused:
        stack(postgres={**POSTGRES, "backup_location": "westeurope"})

    assert refused.value.problems == (
        "postgres.backup_location: the server's own region; Azure pairs each with another",
    )


@pytest.mark.parametrize(("environment", "mode"), [("dev", "Disabled"), ("staging", "ZoneRedundant")])
def test_a_standby_takes_over_where_the_stack_is_to_survive_a_zone(
    foundation: Callable[..., Deployed], environment: str, mode: str
):
    server = foundation(environment=environment, postgres=POSTGRES).only(SERVER)

    assert server.inputs["highAvailability"]["mode"] == mode
    assert server.ignore_changes == ["highAvailability.standbyAvailabilityZone"]


@pytest.mark.parametrize(
    ("sku", "expected"), [("Standard_D2ds_v5", "GeneralPurpose"), ("Standard_E4ads_v5", "MemoryOptimized")]
)
def test_a_sku_says_its_tier(sku: str, expected: str):
    assert tier(sku) == expected


@pytest.mark.parametrize(("protect", "locked"), [(True, ["postgres-server-id"]), (False, [])])
def test_a_protected_server_is_locked_too(foundation: Callable[..., Deployed], protect: bool, locked: list[Any]):
    deployed = foundation(postgres=POSTGRES, protect=protect)

    assert deployed.only(SERVER).protect is protect
    scopes = [lock.inputs["scope"] for lock in deployed.of_type(LOCK)]
    assert [scope for scope in scopes if scope.startswith("postgres")] == locked


def test_clients_are_told_a_name_that_is_known_from_the_start(contracts: Callable[..., Foundation]):
    assert contracts().postgres is None

    postgres = contracts(postgres=POSTGRES).postgres
    assert postgres
    assert (postgres.port, postgres.username) == (5432, "groundwork")
    assert (postgres.ssl_mode, postgres.server_ca) == ("verify-full", None)
    assert len(postgres.ready) == 2
    assert 3 <= len(NAME) <= 63
