"""What the AKS components ask the cloud for."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from components.aks.api_access import access_command, reduced
from components.aks.cluster import drifting
from components.aks.foundation import build_foundation
from components.aks.node_pools import SPOT_ONLY, SYSTEM_ONLY
from components.aks.roles import (
    ACR_PULL,
    BLOB_DATA_CONTRIBUTOR,
    CLUSTER_ADMIN,
    IDENTITY_OPERATOR,
    KEY_VAULT_CONTRIBUTOR,
    KEY_VAULT_CRYPTO_USER,
    NETWORK_CONTRIBUTOR,
)
from components.contracts import Demands, Foundation
from components.naming import compact_name
from stacks.settings import parse
from tests.mock_engine import Deployed

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
SUBNET = "azure-native:network:Subnet"
GRANT = "azure-native:authorization:RoleAssignment"
ACCOUNT = "azure-native:storage:StorageAccount"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
ADMINS = "22222222-2222-4333-8444-555555555555"


def stack(**changes: Any) -> Any:
    cluster = {
        "zones": ["1"] if changes.get("environment", "dev") == "dev" else ["1", "2", "3"],
        "api_access": {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]},
        "node_pools": {"system": {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3}},
    }
    return parse(
        {
            "cloud": "aks",
            "environment": "dev",
            "domain": "acme.example",
            "account": {
                "subscription_id": SUBSCRIPTION,
                "tenant_id": "33333333-2222-4333-8444-555555555555",
                "location": "westeurope",
                "admin_group_ids": [ADMINS],
            },
            "network": {"cidr": "10.64.0.0/13", "private_endpoints": changes.pop("private_endpoints", False)},
            "cluster": {**cluster, **changes.pop("cluster", {})},
            **changes,
        }
    )


def pools(**by_name: dict[str, Any]) -> dict[str, Any]:
    usual = {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3}
    return {"node_pools": {name: {**usual, **pool} for name, pool in by_name.items()}}


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build_foundation(stack(**changes), Demands()), changes)


@pytest.fixture
def contracts(deploy: Callable[..., Deployed]) -> Callable[..., Foundation]:
    def build(**changes: Any) -> Foundation:
        built: list[Foundation] = []
        deploy(lambda: built.append(build_foundation(stack(**changes), Demands())))
        return built[0]

    return build


def grants(deployed: Deployed) -> dict[str, tuple[str, str, str]]:
    """Role, principal and scope by name."""
    return {
        one.name: (one.inputs["roleDefinitionId"][-36:], one.inputs["principalId"], one.inputs["scope"])
        for one in deployed.of_type(GRANT)
    }


def test_nodes_leave_through_a_gateway_that_is_on_their_subnet_before_the_cluster(
    foundation: Callable[..., Deployed],
):
    deployed = foundation()

    nodes = deployed.named("network-nodes")
    assert nodes.inputs["natGateway"] == {"id": "network-nat-id"}
    assert nodes.inputs["addressPrefix"] == "10.68.0.0/20"
    cluster = deployed.only(CLUSTER).inputs
    assert cluster["networkProfile"]["outboundType"] == "userAssignedNATGateway"
    assert cluster["agentPoolProfiles"][0]["vnetSubnetID"] == "network-nodes-id"


def test_subnets_are_written_one_after_the_other(foundation: Callable[..., Deployed]):
    deployed = foundation()

    nodes, api, endpoints = (deployed.named(f"network-{role}") for role in ("nodes", "api", "endpoints"))
    assert nodes.urn in api.depends_on
    assert api.urn in endpoints.depends_on
    assert deployed.only("azure-native:network:VirtualNetwork").ignore_changes == ["subnets"]


def test_pods_and_services_lie_outside_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation()

    space = deployed.only("azure-native:network:VirtualNetwork").inputs["addressSpace"]
    assert space == {"addressPrefixes": ["10.68.0.0/20", "10.68.32.0/28", "10.68.34.0/24"]}
    assert deployed.only(CLUSTER).inputs["networkProfile"] == {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkDataplane": "cilium",
        "networkPolicy": "cilium",
        "podCidr": "10.64.0.0/14",
        "serviceCidr": "10.68.16.0/20",
        "dnsServiceIP": "10.68.16.10",
        "loadBalancerSku": "standard",
        "outboundType": "userAssignedNATGateway",
    }


def test_the_api_server_stands_in_a_subnet_that_is_delegated_to_it(foundation: Callable[..., Deployed]):
    deployed = foundation()

    api = deployed.named("network-api").inputs
    assert api["delegations"] == [{"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}]
    assert deployed.only(CLUSTER).inputs["apiServerAccessProfile"] == {
        "enableVnetIntegration": True,
        "subnetId": "network-api-id",
        "enablePrivateCluster": False,
        "authorizedIPRanges": ["203.0.113.0/24"],
        "disableRunCommand": True,
    }


def test_a_private_api_has_no_public_name_and_no_list(foundation: Callable[..., Deployed]):
    access = foundation(cluster={"api_access": {"mode": "private"}}).only(CLUSTER).inputs["apiServerAccessProfile"]

    assert access == {
        "enableVnetIntegration": True,
        "subnetId": "network-api-id",
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": False,
        "privateDNSZone": "system",
        "disableRunCommand": True,
    }


def test_nobody_logs_in_without_entra_id(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["disableLocalAccounts"] is True
    assert cluster["aadProfile"] == {
        "managed": True,
        "enableAzureRBAC": True,
        "tenantID": "33333333-2222-4333-8444-555555555555",
    }


def test_administrators_are_granted_before_the_cluster_exists(foundation: Callable[..., Deployed]):
    deployed = foundation()

    name = "resource-group-admins-22222222"
    assert grants(deployed)[name] == (CLUSTER_ADMIN, ADMINS, "resource-group-group-id")
    assert deployed.named(name).inputs["principalType"] == "Group"
    assert deployed.named(name).urn in deployed.only("pulumi:providers:kubernetes").depends_on


def test_every_grant_to_an_identity_says_that_it_is_one(foundation: Callable[..., Deployed]):
    given = [one.inputs for one in foundation(private_endpoints=True).of_type(GRANT)]

    kinds = {one["principalType"] for one in given if one["principalId"] != ADMINS}
    assert kinds == {"ServicePrincipal"}


def test_the_cluster_waits_for_the_grants_that_creating_it_needs(foundation: Callable[..., Deployed]):
    deployed = foundation(private_endpoints=True)

    wanted = {
        "identity-attaches-nodes": (IDENTITY_OPERATOR, "identity-control-plane-principal", "identity-nodes-id"),
        "identity-joins-network": (NETWORK_CONTRIBUTOR, "identity-control-plane-principal", "network-vnet-id"),
        "encryption-uses-key": (KEY_VAULT_CRYPTO_USER, "identity-control-plane-principal", "encryption-vault-id"),
        "encryption-links": (KEY_VAULT_CONTRIBUTOR, "identity-control-plane-principal", "encryption-vault-id"),
    }
    assert wanted.items() <= grants(deployed).items()
    assert {deployed.named(name).urn for name in wanted} <= set(deployed.only(CLUSTER).depends_on)


def test_an_open_vault_is_not_named_beside_its_key(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.only(CLUSTER).inputs["securityProfile"]["azureKeyVaultKms"] == {
        "enabled": True,
        "keyId": "https://vault.example/keys/encryption-key/1",
        "keyVaultNetworkAccess": "Public",
    }
    assert deployed.only("azure-native:keyvault:Vault").inputs["properties"]["publicNetworkAccess"] == "Enabled"
    assert "encryption-links" not in grants(deployed)


def test_a_closed_vault_is_reached_from_inside_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation(private_endpoints=True)

    kms = deployed.only(CLUSTER).inputs["securityProfile"]["azureKeyVaultKms"]
    assert (kms["keyVaultNetworkAccess"], kms["keyVaultResourceId"]) == ("Private", "encryption-vault-id")
    assert deployed.only("azure-native:keyvault:Vault").inputs["properties"]["publicNetworkAccess"] == "Disabled"


def test_the_vault_has_a_name_of_its_own_in_every_incarnation(foundation: Callable[..., Deployed]):
    vault = foundation().only("azure-native:keyvault:Vault").inputs

    assert vault["vaultName"] == "groundwork-dev-0a1b2c3d"
    assert vault["properties"]["enablePurgeProtection"] is True
    assert vault["properties"]["enableRbacAuthorization"] is True


def test_a_pool_that_is_alone_takes_every_pod(foundation: Callable[..., Deployed]):
    (system,) = foundation().only(CLUSTER).inputs["agentPoolProfiles"]

    assert (system["mode"], system["nodeTaints"]) == ("System", [])
    assert (system["minCount"], system["maxCount"], system["count"]) == (1, 3, 1)
    assert system["securityProfile"] == {"enableSecureBoot": True, "enableVTPM": True, "sshAccess": "Disabled"}


def test_a_system_pool_beside_others_keeps_other_pods_off(foundation: Callable[..., Deployed]):
    deployed = foundation(cluster=pools(system={}, apps={}))

    (system,) = deployed.only(CLUSTER).inputs["agentPoolProfiles"]
    assert system["nodeTaints"] == [SYSTEM_ONLY]
    apps = deployed.only(POOL)
    assert (apps.inputs["agentPoolName"], apps.inputs["mode"], apps.inputs["nodeTaints"]) == ("apps", "User", [])
    assert apps.ignore_changes == ["count"]
    assert deployed.named("registry-nodes-pulls").urn in apps.depends_on


def test_a_spot_pool_is_taken_back_and_has_no_surge(foundation: Callable[..., Deployed]):
    taint = {"key": "batch", "value": "yes", "effect": "NoExecute"}
    made = foundation(cluster=pools(system={}, apps={}, batch={"spot": True, "min_nodes": 0, "taints": [taint]}))

    batch = made.named("pools-batch").inputs
    assert (batch["scaleSetPriority"], batch["scaleSetEvictionPolicy"], batch["spotMaxPrice"]) == ("Spot", "Delete", -1)
    assert batch["nodeTaints"] == ["batch=yes:NoExecute", SPOT_ONLY]
    assert "upgradeSettings" not in batch
    assert batch["count"] == 1


def test_only_what_the_cloud_changes_by_itself_is_ignored(foundation: Callable[..., Deployed]):
    assert foundation().only(CLUSTER).ignore_changes == ["agentPoolProfiles[*].count"]
    assert drifting("stable") == [
        "agentPoolProfiles[*].count",
        "kubernetes_version",
        "agentPoolProfiles[*].orchestratorVersion",
    ]


@pytest.mark.parametrize(("channel", "version"), [("patch", "1.35"), ("stable", None)])
def test_nodes_follow_the_pinned_version_unless_the_channel_leads(
    foundation: Callable[..., Deployed], channel: str, version: str | None
):
    cluster = foundation(cluster={"upgrade_channel": channel}).only(CLUSTER).inputs

    assert cluster["kubernetesVersion"] == "1.35"
    assert cluster["agentPoolProfiles"][0].get("orchestratorVersion") == version
    assert cluster["autoUpgradeProfile"] == {"upgradeChannel": channel, "nodeOSUpgradeChannel": "NodeImage"}


def test_upgrades_keep_to_windows_that_azure_knows(foundation: Callable[..., Deployed]):
    windows = foundation().of_type("azure-native:containerservice:MaintenanceConfiguration")

    assert {window.inputs["configName"] for window in windows} == {
        "aksManagedAutoUpgradeSchedule",
        "aksManagedNodeOSUpgradeSchedule",
    }
    assert {window.inputs["maintenanceWindow"]["durationHours"] for window in windows} == {6}


@pytest.mark.parametrize(
    ("environment", "tier", "costs", "registry", "replication"),
    [("dev", "Free", False, "Basic", "Standard_LRS"), ("staging", "Standard", True, "Premium", "Standard_ZRS")],
)
def test_an_environment_costs_what_it_is_for(
    foundation: Callable[..., Deployed], environment: str, tier: str, costs: bool, registry: str, replication: str
):
    deployed = foundation(environment=environment)

    cluster = deployed.only(CLUSTER).inputs
    assert cluster["sku"] == {"name": "Base", "tier": tier}
    assert cluster["metricsProfile"] == {"costAnalysis": {"enabled": costs}}
    assert deployed.only("azure-native:containerregistry:Registry").inputs["sku"] == {"name": registry}
    assert {account.inputs["sku"]["name"] for account in deployed.of_type(ACCOUNT)} == {replication}


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


def test_blobs_are_versioned_can_be_brought_back_and_are_cleared(foundation: Callable[..., Deployed]):
    deployed = foundation()

    logs, backups = deployed.named("logs-blobs").inputs, deployed.named("backups-blobs").inputs
    assert (logs["isVersioningEnabled"], backups["isVersioningEnabled"]) == (True, True)
    assert (logs["deleteRetentionPolicy"]["days"], backups["deleteRetentionPolicy"]["days"]) == (7, 30)
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
    }


def test_each_container_is_granted_to_one_identity_and_to_nobody_else(foundation: Callable[..., Deployed]):
    given = {name: what for name, what in grants(foundation()).items() if what[0] == BLOB_DATA_CONTRIBUTOR}

    assert given == {
        "logs-chunks-access": (BLOB_DATA_CONTRIBUTOR, "logs-writer-identity-principal", "logs-chunks-id"),
        "logs-ruler-access": (BLOB_DATA_CONTRIBUTOR, "logs-writer-identity-principal", "logs-ruler-id"),
        "backups-backups-access": (BLOB_DATA_CONTRIBUTOR, "backups-writer-identity-principal", "backups-backups-id"),
    }


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

    for name in ("logs", "backups"):
        assert deployed.named(f"{name}-account").inputs["publicNetworkAccess"] == "Disabled"
        endpoint = deployed.named(f"{name}-blob-endpoint").inputs
        assert endpoint["subnet"]["id"] == "network-endpoints-id"
        (connection,) = endpoint["privateLinkServiceConnections"]
        assert (connection["privateLinkServiceId"], connection["groupIds"]) == (f"{name}-account-id", ["blob"])
        assert deployed.named("network-blob-zone-link").urn in deployed.named(f"{name}-blob-record").depends_on
    assert deployed.only("azure-native:privatedns:PrivateZone").inputs["privateZoneName"] == (
        "privatelink.blob.core.windows.net"
    )


def test_an_open_account_needs_no_private_endpoint(foundation: Callable[..., Deployed]):
    types = foundation().types()

    assert not types & {"azure-native:network:PrivateEndpoint", "azure-native:privatedns:PrivateZone"}


def test_who_changed_what_goes_to_log_analytics(foundation: Callable[..., Deployed]):
    deployed = foundation()

    setting = deployed.only("azure-native:monitor:DiagnosticSetting").inputs
    assert setting["resourceUri"] == "cluster-control-plane-id"
    assert setting["logs"] == [
        {"category": "kube-audit-admin", "enabled": True},
        {"category": "guard", "enabled": True},
    ]
    assert setting["logAnalyticsDestinationType"] == "Dedicated"
    assert deployed.only("azure-native:operationalinsights:Workspace").inputs["retentionInDays"] == 30


def test_what_holds_data_is_protected_where_the_stack_says_so(foundation: Callable[..., Deployed]):
    guarded = foundation(protect=True)
    open_ = foundation(protect=False)

    assert {one.type for one in guarded.registrations.values() if one.protect} == {
        CLUSTER,
        ACCOUNT,
        "azure-native:storage:BlobContainer",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Vault",
        "azure-native:resources:ResourceGroup",
    }
    locks = guarded.of_type("azure-native:authorization:ManagementLockByScope")
    assert [(lock.inputs["scope"], lock.inputs["level"]) for lock in locks] == [
        ("backups-account-id", "CanNotDelete"),
        ("logs-account-id", "CanNotDelete"),
    ]
    assert not [one for one in open_.registrations.values() if one.protect]
    assert "azure-native:authorization:ManagementLockByScope" not in open_.types()


def test_the_provider_is_identified_by_the_cluster_itself(foundation: Callable[..., Deployed]):
    provider = foundation().only("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "cluster-control-plane-id"


def test_the_kubeconfig_keeps_server_and_authority_and_no_credential(foundation: Callable[..., Deployed]):
    text = foundation().only("pulumi:providers:kubernetes").inputs["kubeconfig"]
    kubeconfig = json.loads(text)

    assert "not-ours-to-keep" not in text
    assert kubeconfig["clusters"][0]["cluster"] == {
        "server": "https://c.example:443",
        "certificate-authority-data": "Y2E=",
    }
    assert set(kubeconfig["users"][0]["user"]) == {"exec"}
    plugin = kubeconfig["users"][0]["user"]["exec"]
    assert plugin["command"] == "kubelogin"
    assert plugin["args"] == [
        "get-token",
        "--login",
        "azurecli",
        "--server-id",
        "6dae42f8-4368-4678-94ff-3960e28e3630",
    ]


def test_a_kubeconfig_without_an_authority_is_refused():
    answer = base64.b64encode(b"clusters: [{name: c, cluster: {server: 'https://c'}}]").decode()

    with pytest.raises(KeyError, match="certificate-authority-data"):
        reduced(answer)


def test_the_access_command_logs_in_with_the_azure_cli():
    assert access_command("c", "s", "g") == (
        "az aks get-credentials --subscription s --resource-group g --name c"
        " && kubelogin convert-kubeconfig -l azurecli"
    )


def test_every_resource_goes_through_the_stacks_own_provider(foundation: Callable[..., Deployed]):
    resources = foundation(private_endpoints=True, protect=True).registrations.values()

    assert {one.provider.rpartition("::")[2] for one in resources if one.type.startswith("azure-native:")} == {"azure"}


def test_what_the_control_plane_hides_is_not_scraped(contracts: Callable[..., Foundation]):
    capabilities = contracts().capabilities

    assert capabilities.storage_class == "managed-csi"
    assert not capabilities.control_plane_metrics
    assert not capabilities.kube_proxy_metrics
    assert capabilities.cluster_dns == "coredns"
