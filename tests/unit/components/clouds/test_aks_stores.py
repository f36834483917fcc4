"""The stores of an AKS stack, its registry, and what is protected."""

import base64
from collections.abc import Callable

import pytest

from components.aks.foundation import build_foundation
from components.aks.roles import ACR_PULL, ACR_PUSH, BLOB_DATA_CONTRIBUTOR, KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER
from components.contracts import Demands, Foundation, ServiceAccount
from components.naming import compact_name
from tests.mock_engine import Deployed
from tests.unit.components.clouds.aks_stack import (
    ACCOUNT,
    SUBSCRIPTION,
    contracts_by,
    deployed_by,
    grants,
    pools,
    stack,
)

REGISTRY = "azure-native:containerregistry:Registry"
CLUSTER = "azure-native:containerservice:ManagedCluster"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return deployed_by(deploy_once)


@pytest.fixture
def contracts(deploy: Callable[..., Deployed]) -> Callable[..., Foundation]:
    return contracts_by(deploy)


def test_the_registry_knows_no_passwords_and_nodes_pull_by_their_identity(foundation: Callable[..., Deployed]):
    deployed = foundation(environment="staging")

    registry = deployed.only("azure-native:containerregistry:Registry").inputs
    assert (registry["adminUserEnabled"], registry["anonymousPullEnabled"]) == (False, False)
    assert registry["policies"] == {"retentionPolicy": {"days": 30, "status": "enabled"}}
    assert registry["zoneRedundancy"] == "Enabled"
    assert grants(deployed)["registry-nodes-pulls"] == (ACR_PULL, "identity-nodes-principal", "registry-images-id")
    assert deployed.only(CLUSTER).inputs["identityProfile"]["kubeletidentity"] == {
        "resourceId": "identity-nodes-id",
        "clientId": "identity-nodes-client",
        "objectId": "identity-nodes-principal",
    }


def test_storage_accounts_know_no_keys_and_nothing_anonymous(foundation: Callable[..., Deployed]):
    for account in foundation().of_type(ACCOUNT):
        assert account.inputs["allowSharedKeyAccess"] is False
        assert account.inputs["defaultToOAuthAuthentication"] is True
        assert account.inputs["allowBlobPublicAccess"] is False
        assert account.inputs["minimumTlsVersion"] == "TLS1_2"
        assert account.inputs["publicNetworkAccess"] == "Enabled"


def test_blobs_are_encrypted_with_a_key_whose_grant_comes_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    grant = grants(deployed)["data-encryption-uses-key"]
    assert grant == (
        KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
        "data-encryption-user-principal",
        "data-encryption-vault-id",
    )
    for account in deployed.of_type(ACCOUNT):
        assert account.inputs["encryption"] == {
            "keySource": "Microsoft.Keyvault",
            "keyVaultProperties": {
                "keyName": "data",
                "keyVaultUri": "https://data-encryption-vault-1a2b3c4.vault.azure.net",
            },
            "encryptionIdentity": {"encryptionUserAssignedIdentity": "data-encryption-user-id"},
            "services": {"blob": {"enabled": True}},
        }
        assert account.inputs["identity"] == {
            "type": "UserAssigned",
            "userAssignedIdentities": ["data-encryption-user-id"],
        }
        assert deployed.named("data-encryption-uses-key").urn in account.depends_on


def test_the_key_of_data_is_renewed_every_year_and_no_version_of_it_expires(foundation: Callable[..., Deployed]):
    key = foundation().named("data-encryption-key").inputs["properties"]

    assert key["rotationPolicy"] == {
        "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P1Y"}}]
    }


def test_azures_services_use_the_key_of_a_closed_vault(foundation: Callable[..., Deployed]):
    vault = foundation(private_endpoints=True).named("data-encryption-vault").inputs["properties"]

    assert vault["publicNetworkAccess"] == "Disabled"
    assert vault["networkAcls"] == {"bypass": "AzureServices", "defaultAction": "Deny"}


@pytest.mark.parametrize("private", [False, True])
def test_flows_are_written_by_an_identity_past_a_closed_door(foundation: Callable[..., Deployed], private: bool):
    deployed = foundation(private_endpoints=private)

    flows = deployed.only("azure-native:network:FlowLog")
    assert flows.inputs["resourceGroupName"] == "NetworkWatcherRG"
    assert flows.inputs["networkWatcherName"] == "NetworkWatcher_westeurope"
    assert flows.inputs["targetResourceId"] == "network-vnet-id"
    assert flows.inputs["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": ["flow-logs-writer-id"],
    }
    assert deployed.named("flow-logs-writes").urn in flows.depends_on
    account = deployed.named("flow-logs-store-account").inputs
    assert (account["publicNetworkAccess"], account["networkRuleSet"]) == (
        "Enabled",
        {"defaultAction": "Deny", "bypass": "AzureServices"},
    )


def test_blobs_are_versioned_can_be_brought_back_and_are_cleared(foundation: Callable[..., Deployed]):
    deployed = foundation()

    kept = {
        one.name: (one.inputs["isVersioningEnabled"], one.inputs["deleteRetentionPolicy"])
        for one in deployed.of_type("azure-native:storage:BlobServiceProperties")
    }
    assert kept == {
        "logs-blobs": (True, {"enabled": True, "days": 7}),
        "backups-blobs": (True, {"enabled": True, "days": 30}),
        "database-backups-blobs": (True, {"enabled": True, "days": 30}),
        "flow-logs-store-blobs": (False, {"enabled": False}),
    }
    actions = {
        one.name: [rule["definition"]["actions"] for rule in one.inputs["policy"]["rules"]]
        for one in deployed.of_type("azure-native:storage:ManagementPolicy")
    }
    assert actions == {
        "logs-lifecycle": [
            {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 14}}},
            {"version": {"delete": {"daysAfterCreationGreaterThan": 7}}},
        ],
        "backups-lifecycle": [{"version": {"delete": {"daysAfterCreationGreaterThan": 30}}}],
        "database-backups-lifecycle": [{"version": {"delete": {"daysAfterCreationGreaterThan": 30}}}],
        "flow-logs-store-lifecycle": [{"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 7}}}],
    }


def test_each_container_is_granted_to_one_identity_and_to_nobody_else(foundation: Callable[..., Deployed]):
    given = {name: what for name, what in grants(foundation()).items() if what[0] == BLOB_DATA_CONTRIBUTOR}

    assert given == {
        "logs-chunks-access": (BLOB_DATA_CONTRIBUTOR, "logs-writer-identity-principal", "logs-chunks-id"),
        "logs-ruler-access": (BLOB_DATA_CONTRIBUTOR, "logs-writer-identity-principal", "logs-ruler-id"),
        "backups-backups-access": (BLOB_DATA_CONTRIBUTOR, "backups-writer-identity-principal", "backups-backups-id"),
        # Its watcher makes the container itself.
        "flow-logs-writes": (BLOB_DATA_CONTRIBUTOR, "flow-logs-writer-principal", "flow-logs-store-account-id"),
    }


def test_databases_that_are_backed_up_write_into_their_own_container(deploy: Callable[..., Deployed]):
    database, built = ServiceAccount(namespace="todo", name="database"), list[Foundation]()
    deployed = deploy(lambda: built.append(build_foundation(stack(), Demands(database_backups=[database]))))

    assert grants(deployed)["database-backups-backups-access-todo_database"] == (
        BLOB_DATA_CONTRIBUTOR,
        "database-backups-writer-todo_database-identity-principal",
        "database-backups-backups-id",
    )
    federation = deployed.named("database-backups-writer-todo_database-federation")
    assert federation.inputs["subject"] == "system:serviceaccount:todo:database"
    assert list(built[0].database_backups.writers) == [database]
    account = compact_name("database-backups", "groundwork-dev", owner=SUBSCRIPTION)
    assert built[0].database_backups.url == f"https://{account}.blob.core.windows.net/backups"


def test_an_identity_trusts_one_service_account_of_this_cluster(foundation: Callable[..., Deployed]):
    logs, backups = foundation().named("logs-writer-federation"), foundation().named("backups-writer-federation")

    assert logs.inputs["subject"] == "system:serviceaccount:logging:loki"
    assert backups.inputs["subject"] == "system:serviceaccount:velero:velero"
    assert logs.inputs["issuer"] == "https://oic.example/cluster-control-plane/"
    assert logs.inputs["audiences"] == ["api://AzureADTokenExchange"]


def test_loki_is_told_the_account_and_to_use_its_own_token(contracts: Callable[..., Foundation]):
    logs = contracts().logs
    account = compact_name("logs", "groundwork-dev", owner=SUBSCRIPTION)

    assert logs.kind == "azure"
    assert logs.bucket == f"{account}/chunks"
    assert logs.loki_storage == {
        "type": "azure",
        "bucketNames": {"chunks": "chunks", "ruler": "ruler"},
        "azure": {"accountName": account, "useFederatedToken": True},
    }
    assert set(logs.identity.annotations) == {"azure.workload.identity/client-id"}
    assert logs.identity.pod_labels == {"azure.workload.identity/use": "true"}


def test_a_closed_account_has_an_address_inside_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation(private_endpoints=True)

    for name in ("logs", "backups", "database-backups"):
        assert deployed.named(f"{name}-account").inputs["publicNetworkAccess"] == "Disabled"
        endpoint = deployed.named(f"{name}-blob-endpoint").inputs
        assert endpoint["subnet"]["id"] == "network-endpoints-id"
        (connection,) = endpoint["privateLinkServiceConnections"]
        assert (connection["privateLinkServiceId"], connection["groupIds"]) == (f"{name}-account-id", ["blob"])
        assert deployed.named("network-blob-zone-link").urn in deployed.named(f"{name}-blob-record").depends_on
    assert deployed.named("network-blob-zone").inputs["privateZoneName"] == "privatelink.blob.core.windows.net"


def test_an_open_account_needs_no_private_endpoint(foundation: Callable[..., Deployed]):
    types = foundation().types()

    assert not types & {"azure-native:network:PrivateEndpoint", "azure-native:privatedns:PrivateZone"}


def test_what_holds_data_is_protected_where_the_stack_says_so(foundation: Callable[..., Deployed]):
    guarded = foundation(protect=True)
    open_ = foundation(protect=False)

    assert {one.type for one in guarded.registrations.values() if one.protect} == {
        CLUSTER,
        ACCOUNT,
        "azure-native:dns:Zone",
        "azure-native:storage:BlobContainer",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Vault",
        "azure-native:resources:ResourceGroup",
    }
    locks = guarded.of_type("azure-native:authorization:ManagementLockByScope")
    assert [(lock.inputs["scope"], lock.inputs["level"]) for lock in locks] == [
        ("backups-account-id", "CanNotDelete"),
        ("database-backups-account-id", "CanNotDelete"),
        ("logs-account-id", "CanNotDelete"),
    ]
    assert not [one for one in open_.registrations.values() if one.protect]
    assert "azure-native:authorization:ManagementLockByScope" not in open_.types()


def test_pipelines_push_and_delete_nothing(foundation: Callable[..., Deployed]):
    pipeline = "44444444-2222-4333-8444-555555555555"
    deployed = foundation(registry={"pushers": [pipeline]})

    assert grants(deployed)["registry-44444444-pushes"] == (ACR_PUSH, pipeline, "registry-images-id")
    assert ACR_PUSH not in {role for role, _, _ in grants(foundation()).values()}


def test_the_registry_is_cleaned_up_and_keeps_what_may_run(foundation: Callable[..., Deployed]):
    task = foundation().only("azure-native:containerregistry:Task").inputs

    assert task["trigger"]["timerTriggers"] == [{"name": "weekly", "schedule": "0 3 * * 0", "status": "Enabled"}]
    steps = base64.b64decode(task["step"]["encodedTaskContent"]).decode()
    assert "acr purge --filter '.*:.*' --ago 90d --keep 10 --untagged\n" in steps


def test_nodes_pull_inside_the_network_where_private_endpoints_are_wanted(foundation: Callable[..., Deployed]):
    deployed = foundation(private_endpoints=True, cluster=pools(system={}, apps={}))

    assert deployed.only(REGISTRY).inputs["sku"] == {"name": "Premium"}
    endpoint = deployed.named("images-registry-endpoint").inputs["privateLinkServiceConnections"][0]
    assert (endpoint["privateLinkServiceId"], endpoint["groupIds"]) == ("registry-images-id", ["registry"])
    assert deployed.named("images-registry-record").urn in deployed.named("pools-apps").depends_on
