"""What an AKS cluster is made of, and who reaches it."""

import base64
import json
from collections.abc import Callable

import pytest

from components.aks.api_access import access_command, reduced
from components.aks.node_pools import SPOT_ONLY, SYSTEM_ONLY
from components.aks.roles import CLUSTER_ADMIN
from components.aks.upgrades import drifting
from tests.mock_engine import Deployed
from tests.unit.components.clouds.aks_stack import ACCOUNT, ADMINS, deployed_by, grants, pools

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return deployed_by(deploy_once)


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
