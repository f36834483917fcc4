"""What Azure refuses, beyond clusters."""

from typing import Any

import pytest

from components.aks import roles
from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.azure_native.roles import role_name
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.azure_subscription import (
    BLOBS,
    CREDENTIAL,
    ENDPOINT,
    GRANT,
    LINK,
    LOCK,
    READER,
    REGISTRY,
    SCOPE,
    SETTING,
    SUBNET,
    SUBSCRIPTION,
    ZONE,
    AzureSubscription,
    definition,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

GUEST = "8320afe4-786b-4bdf-a350-c64a36bde810"


@pytest.fixture
def azure(inventory: Inventory) -> Engine:
    return Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION})


@pytest.fixture
def subscription(azure: Engine) -> AzureSubscription:
    return AzureSubscription(azure)


def test_ranges_of_a_network_are_disjoint(subscription: AzureSubscription):
    with pytest.raises(Refused, match="overlaps another range"):
        subscription.network("10.0.0.0/16", "10.0.1.0/24")


def test_a_subnet_lies_in_its_networks_ranges(subscription: AzureSubscription):
    subscription.network("10.0.0.0/20")

    with pytest.raises(Refused, match=r"10.1.0.0/24 lies outside its address space"):
        subscription.subnet("nodes", "10.1.0.0/24")


def test_subnets_of_a_network_are_disjoint(subscription: AzureSubscription):
    subscription.network("10.0.0.0/20")
    subscription.subnet("nodes", "10.0.0.0/24")

    with pytest.raises(Refused, match=r"NetcfgSubnetRangesOverlap.*: 'nodes'"):
        subscription.subnet("api", "10.0.0.128/28")


def test_a_range_in_use_stays_in_the_network(subscription: AzureSubscription):
    network = subscription.network("10.0.0.0/20")
    subscription.subnet("nodes", "10.0.0.0/24")
    wider = {**network.inputs, "addressSpace": {"addressPrefixes": ["10.0.0.0/20", "10.1.0.0/20"]}}
    network = subscription.engine.update(network, **wider)

    with pytest.raises(Refused, match="the range of subnet 'nodes' is in use"):
        subscription.engine.update(network, **{**wider, "addressSpace": {"addressPrefixes": ["10.1.0.0/20"]}})


def test_a_nat_gateway_serves_one_network(subscription: AzureSubscription):
    gateway = {"natGateway": {"id": subscription.gateway().id}}
    subscription.network()
    subscription.network(name="other")
    subscription.subnet("nodes", "10.0.0.0/24", **gateway)
    subscription.subnet("more", "10.0.1.0/24", **gateway)

    with pytest.raises(Refused, match=r"is used by the subnet .*/virtualNetworks/vnet/subnets/"):
        subscription.subnet("nodes", "10.0.0.0/24", **gateway, virtualNetworkName="other")


def test_a_nat_gateway_takes_standard_addresses(subscription: AzureSubscription):
    with pytest.raises(Refused, match="is not of the Standard sku"):
        subscription.gateway(sku={"name": "Basic"})


def test_standard_addresses_are_static(subscription: AzureSubscription):
    with pytest.raises(Refused, match="must have AllocationMethod set to Static"):
        subscription.gateway(publicIPAllocationMethod="Dynamic")


def test_what_a_subnet_uses_cannot_be_deleted(subscription: AzureSubscription):
    gateway = subscription.gateway()
    subscription.network()
    subscription.subnet("nodes", "10.0.0.0/24", natGateway={"id": gateway.id})

    with pytest.raises(Refused, match=r"natGateways/nat' is already being used by .*/subnets/nodes"):
        subscription.engine.delete(gateway)


@pytest.fixture
def endpoint(subscription: AzureSubscription) -> dict[str, Any]:
    subscription.network()
    subnet = subscription.subnet("endpoints", "10.0.0.0/24")
    target = {"name": "blob", "privateLinkServiceId": subscription.account().id, "groupIds": ["blob"]}
    return {"privateEndpointName": "pe", "subnet": {"id": subnet.id}, "privateLinkServiceConnections": [target]}


def test_a_private_endpoint_leads_to_a_part_of_its_target(subscription: AzureSubscription, endpoint: dict[str, Any]):
    assert subscription.create(ENDPOINT, "pe", **endpoint).id.endswith("/privateEndpoints/pe")

    endpoint["privateLinkServiceConnections"][0]["groupIds"] = ["vault"]
    with pytest.raises(Refused, match=r"vault is no group of .*; one of blob, dfs"):
        subscription.create(ENDPOINT, "other", **{**endpoint, "privateEndpointName": "other"})


def test_a_private_endpoint_needs_its_target(subscription: AzureSubscription, endpoint: dict[str, Any]):
    endpoint["privateLinkServiceConnections"][0]["privateLinkServiceId"] += "none"

    with pytest.raises(Refused, match="storageAccounts/acmelogsnone' was not found"):
        subscription.create(ENDPOINT, "pe", **endpoint)


def test_a_subnet_with_a_private_endpoint_cannot_be_deleted(subscription: AzureSubscription, endpoint: dict[str, Any]):
    subscription.create(ENDPOINT, "pe", **endpoint)

    with pytest.raises(Refused, match=r"already being used by .*/privateEndpoints/pe"):
        subscription.engine.delete(State(SUBNET, "endpoints", endpoint["subnet"]["id"], {}, {}))


def test_private_zones_are_global(subscription: AzureSubscription):
    with pytest.raises(Refused, match="is 'global'"):
        subscription.create(ZONE, "zone", privateZoneName="acme.internal", location="westeurope")

    zone = subscription.create(ZONE, "zone", privateZoneName="acme.internal", location="global")
    link = {"privateZoneName": "acme.internal", "virtualNetwork": {"id": subscription.network().id}}
    with pytest.raises(Refused, match="is 'global'"):
        subscription.create(LINK, "link", **link)

    subscription.create(LINK, "link", location="global", **link)
    with pytest.raises(Refused, match=r"already being used by .*/virtualNetworkLinks/link"):
        subscription.engine.delete(zone)


def test_a_role_is_one_that_azure_has(subscription: AzureSubscription):
    with pytest.raises(Refused, match="RoleDefinitionDoesNotExist"):
        subscription.grant(GUEST, GUEST, SCOPE)
    with pytest.raises(Refused, match="RoleDefinitionDoesNotExist"):
        subscription.grant(GUEST, READER, SCOPE, roleDefinitionId="Reader")


def test_every_role_that_a_stack_grants_is_one_that_azure_has():
    granted = {name: value for name, value in vars(roles).items() if name.isupper() and isinstance(value, str)}

    known = {name: role_name(definition(role)) for name, role in granted.items()}

    assert known == {
        "ACR_PULL": "AcrPull",
        "ACR_PUSH": "AcrPush",
        "BLOB_DATA_CONTRIBUTOR": "Storage Blob Data Contributor",
        "BLOB_DATA_READER": "Storage Blob Data Reader",
        "CLUSTER_ADMIN": "Azure Kubernetes Service RBAC Cluster Admin",
        "CLUSTER_USER": "Azure Kubernetes Service Cluster User Role",
        "DNS_ZONE_CONTRIBUTOR": "DNS Zone Contributor",
        "IDENTITY_OPERATOR": "Managed Identity Operator",
        "KEY_VAULT_CONTRIBUTOR": "Key Vault Contributor",
        "KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER": "Key Vault Crypto Service Encryption User",
        "KEY_VAULT_CRYPTO_USER": "Key Vault Crypto User",
        "KEY_VAULT_SECRETS_USER": "Key Vault Secrets User",
        "NETWORK_CONTRIBUTOR": "Network Contributor",
        "READER": "Reader",
        "SERVICE_BUS_DATA_RECEIVER": "Azure Service Bus Data Receiver",
        "SERVICE_BUS_DATA_SENDER": "Azure Service Bus Data Sender",
    }


def test_a_role_is_granted_on_something_that_exists(subscription: AzureSubscription):
    with pytest.raises(Refused, match="resourceGroups/none' was not found"):
        subscription.grant(GUEST, READER, f"{SCOPE}/resourceGroups/none")


def test_a_role_is_granted_once(subscription: AzureSubscription):
    subscription.grant(GUEST, READER, SCOPE)

    with pytest.raises(Refused, match="RoleAssignmentExists"):
        subscription.engine.create(GRANT, "again", scope=SCOPE, principalId=GUEST, roleDefinitionId=definition(READER))


def test_a_grant_to_a_new_identity_says_that_it_is_one(subscription: AzureSubscription):
    identity = subscription.identity("loki")

    with pytest.raises(Refused, match="PrincipalNotFound"):
        subscription.grant(identity, READER, SCOPE, principalType=None)
    with pytest.raises(Refused, match="has the type 'ServicePrincipal', not 'Group'"):
        subscription.grant(identity, READER, SCOPE, principalType="Group")
    assert subscription.grant(identity, READER, SCOPE)["principalType"] == "ServicePrincipal"


def test_what_is_locked_cannot_be_deleted(subscription: AzureSubscription):
    account = subscription.account()
    lock = subscription.engine.create(LOCK, "lock", scope=account.id, level="CanNotDelete")

    for locked in (account, subscription.group):
        with pytest.raises(Refused, match="ScopeLocked"):
            subscription.engine.delete(locked)

    subscription.engine.delete(lock)
    subscription.engine.delete(account)
    assert subscription.engine.read(account).id == ""


def test_a_lock_is_on_something_that_exists(subscription: AzureSubscription):
    gone = f"{subscription.account().id}-gone"

    with pytest.raises(Refused, match=f"ResourceNotFound.*{gone}"):
        subscription.engine.create(LOCK, "lock", scope=gone, level="CanNotDelete")


@pytest.fixture
def credential(subscription: AzureSubscription) -> dict[str, Any]:
    subscription.identity("loki")
    given: dict[str, Any] = {"resourceName": "loki", "federatedIdentityCredentialResourceName": "one"}
    given |= {"issuer": "https://issuer/", "subject": "system:serviceaccount:a:b"}
    return {**given, "audiences": ["api://AzureADTokenExchange"]}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"issuer": "http://issuer/"}, "is an https URL"),
        ({"audiences": []}, "has exactly one audience"),
        ({"audiences": ["a", "b"]}, "has exactly one audience"),
    ],
)
def test_a_federated_credential_names_an_issuer_and_one_audience(
    subscription: AzureSubscription, credential: dict[str, Any], changes: dict[str, Any], refusal: str
):
    with pytest.raises(Refused, match=refusal):
        subscription.create(CREDENTIAL, "one", **{**credential, **changes})


def test_an_identity_trusts_a_service_account_once_and_twenty_at_most(
    subscription: AzureSubscription, credential: dict[str, Any]
):
    subscription.create(CREDENTIAL, "one", **credential)
    again = {**credential, "federatedIdentityCredentialResourceName": "two"}
    with pytest.raises(Refused, match="unique in its identity"):
        subscription.create(CREDENTIAL, "two", **again)

    for count in range(19):
        name = {"federatedIdentityCredentialResourceName": f"more-{count}", "subject": f"s{count}"}
        subscription.create(CREDENTIAL, f"more-{count}", **{**credential, **name})
    with pytest.raises(Refused, match="20 federated credentials at most"):
        subscription.create(CREDENTIAL, "two", **{**again, "subject": "s"})


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"policies": {"retentionPolicy": {"status": "enabled", "days": 7}}},
            "policies.retentionPolicy needs the Prem",
        ),
        ({"zoneRedundancy": "Enabled"}, "zoneRedundancy needs the Premium sku"),
        ({"publicNetworkAccess": "Disabled"}, "publicNetworkAccess needs the Premium sku"),
    ],
)
def test_a_cheap_registry_cannot_do_what_a_premium_one_can(
    subscription: AzureSubscription, changes: dict[str, Any], refusal: str
):
    with pytest.raises(Refused, match=refusal):
        subscription.create(REGISTRY, "images", registryName="acme", sku={"name": "Basic"}, **changes)

    made = subscription.create(REGISTRY, "images", registryName="acme", sku={"name": "Premium"}, **changes)
    assert made["loginServer"] == "acme.azurecr.io"


def test_a_registry_drops_or_keeps_what_is_deleted(subscription: AzureSubscription):
    policies = {"retentionPolicy": {"status": "enabled"}, "softDeletePolicy": {"status": "enabled"}}

    with pytest.raises(Refused, match="exclude each other"):
        subscription.create(REGISTRY, "images", registryName="acme", sku={"name": "Premium"}, policies=policies)


def test_purge_protection_is_never_taken_away(subscription: AzureSubscription):
    with pytest.raises(Refused, match="irreversible"):
        subscription.vault(enablePurgeProtection=False)

    vault = subscription.vault(enablePurgeProtection=True)
    with pytest.raises(Refused, match="irreversible"):
        subscription.engine.update(vault, **{**vault.inputs, "properties": {"enableRbacAuthorization": True}})


@pytest.mark.parametrize("days", [6, 91])
def test_a_vault_can_be_brought_back_for_a_week_to_three_months(subscription: AzureSubscription, days: int):
    with pytest.raises(Refused, match="between 7 and 90"):
        subscription.vault(softDeleteRetentionInDays=days)


@pytest.mark.parametrize("policy", ["deleteRetentionPolicy", "containerDeleteRetentionPolicy"])
def test_deleted_blobs_can_be_brought_back_for_a_year_at_most(subscription: AzureSubscription, policy: str):
    subscription.account()
    given = {"accountName": "acmelogs", "blobServicesName": "default"}

    for days in (0, 366):
        with pytest.raises(Refused, match=f"{policy}.days lies between 1 and 365"):
            subscription.create(BLOBS, "blobs", **given, **{policy: {"enabled": True, "days": days}})


def test_logs_are_taken_from_something_that_exists(subscription: AzureSubscription):
    with pytest.raises(Refused, match="managedClusters/none' was not found"):
        subscription.engine.create(
            SETTING,
            "audit",
            resourceUri=f"{SCOPE}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/none",
            logs=[],
        )


def test_the_tenant_is_the_one_that_the_provider_was_given(azure: Engine, subscription: AzureSubscription):
    azure.configure({"subscriptionId": SUBSCRIPTION, "tenantId": "acme"})

    assert subscription.identity("loki")["tenantId"] == "acme"
