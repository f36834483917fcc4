"""What an AKS stack asks the cloud for: network, identities, keys."""

from collections.abc import Callable

import pytest

from components.aks.roles import IDENTITY_OPERATOR, KEY_VAULT_CONTRIBUTOR, KEY_VAULT_CRYPTO_USER, NETWORK_CONTRIBUTOR
from components.contracts import Foundation
from tests.mock_engine import Deployed
from tests.unit.components.clouds.aks_stack import ADMINS, GRANT, POSTGRES, contracts_by, deployed_by, grants

CLUSTER = "azure-native:containerservice:ManagedCluster"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return deployed_by(deploy_once)


@pytest.fixture
def contracts(deploy: Callable[..., Deployed]) -> Callable[..., Foundation]:
    return contracts_by(deploy)


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
    assert endpoints.urn in foundation(postgres=POSTGRES).named("network-databases").depends_on
    assert deployed.only("azure-native:network:VirtualNetwork").ignore_changes == ["subnets"]


def test_pods_and_services_lie_outside_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation()

    space = deployed.only("azure-native:network:VirtualNetwork").inputs["addressSpace"]
    assert space == {"addressPrefixes": ["10.68.0.0/20", "10.68.32.0/28", "10.68.34.0/24", "10.68.35.0/24"]}
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
    assert deployed.named("encryption-vault").inputs["properties"]["publicNetworkAccess"] == "Enabled"
    assert "encryption-links" not in grants(deployed)


def test_a_closed_vault_is_reached_from_inside_the_network(foundation: Callable[..., Deployed]):
    deployed = foundation(private_endpoints=True)

    kms = deployed.only(CLUSTER).inputs["securityProfile"]["azureKeyVaultKms"]
    assert (kms["keyVaultNetworkAccess"], kms["keyVaultResourceId"]) == ("Private", "encryption-vault-id")
    assert deployed.named("encryption-vault").inputs["properties"]["publicNetworkAccess"] == "Disabled"


def test_the_vault_has_a_name_of_its_own_in_every_incarnation(foundation: Callable[..., Deployed]):
    vault = foundation().named("encryption-vault").inputs

    assert vault["vaultName"] == "groundwork-dev-0a1b2c3d"
    assert vault["properties"]["enablePurgeProtection"] is True
    assert vault["properties"]["enableRbacAuthorization"] is True


def test_every_resource_goes_through_the_stacks_own_provider(foundation: Callable[..., Deployed]):
    resources = foundation(private_endpoints=True, protect=True, postgres=POSTGRES).registrations.values()

    assert {one.provider.rpartition("::")[2] for one in resources if one.type.startswith("azure-native:")} == {"azure"}


def test_what_the_control_plane_hides_is_not_scraped(contracts: Callable[..., Foundation]):
    capabilities = contracts().capabilities

    assert capabilities.storage_class == "managed-csi"
    assert not capabilities.control_plane_metrics
    assert not capabilities.kube_proxy_metrics
    assert capabilities.cluster_dns == "coredns"
