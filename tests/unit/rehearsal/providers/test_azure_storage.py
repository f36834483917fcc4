"""What Azure refuses about encrypted accounts, vaults, flow logs, zones and the registry's tasks."""

from typing import Any

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.azure_subscription import (
    ACCOUNT,
    BLOB_CONTRIBUTOR,
    CRYPTO_SERVICE_USER,
    ENDPOINT,
    FLOW_LOG,
    LINK,
    PUBLIC_ZONE,
    REGISTRY,
    SUBSCRIPTION,
    TASK,
    ZONE,
    AzureSubscription,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State


@pytest.fixture
def subscription(inventory: Inventory) -> AzureSubscription:
    return AzureSubscription(Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION}))


class Encrypted:
    """An account that is encrypted with a key in a vault."""

    def __init__(self, subscription: AzureSubscription, **vault: Any) -> None:
        self.subscription = subscription
        self.user = subscription.identity("data")
        self.vault = subscription.vault(**{"enablePurgeProtection": True, **vault})
        self.key = subscription.key()
        self.use = subscription.grant(self.user, CRYPTO_SERVICE_USER, self.vault.id)

    def account(self, *, key: str = "secrets", identities: list[str] | None = None) -> State:
        return self.subscription.create(
            ACCOUNT,
            "acmelogs",
            accountName="acmelogs",
            identity={
                "type": "UserAssigned",
                "userAssignedIdentities": [self.user.id] if identities is None else identities,
            },
            encryption={
                "keySource": "Microsoft.Keyvault",
                "keyVaultProperties": {"keyName": key, "keyVaultUri": "https://acme.vault.azure.net/"},
                "encryptionIdentity": {"encryptionUserAssignedIdentity": self.user.id},
            },
        )


def test_an_account_is_encrypted_with_a_key_that_its_identity_may_use(subscription: AzureSubscription):
    encrypted = Encrypted(subscription)

    described = encrypted.account()["identity"]["userAssignedIdentities"]
    assert described[encrypted.user.id]["principalId"] == encrypted.user["principalId"]


def test_the_grant_on_the_key_comes_before_the_account(subscription: AzureSubscription):
    encrypted = Encrypted(subscription)
    subscription.engine.delete(encrypted.use)

    with pytest.raises(Refused, match=r"KeyVaultAuthenticationFailure.*Key Vault Crypto Service Encryption User"):
        encrypted.account()


def test_an_account_needs_a_key_that_is_there(subscription: AzureSubscription):
    with pytest.raises(Refused, match="keys/none does not exist"):
        Encrypted(subscription).account(key="none")


def test_an_account_uses_a_key_by_an_identity_of_its_own(subscription: AzureSubscription):
    with pytest.raises(Refused, match="is none of"):
        Encrypted(subscription).account(identities=[])


def test_the_vault_of_such_a_key_cannot_be_emptied(subscription: AzureSubscription):
    with pytest.raises(Refused, match="must have soft delete and purge protection"):
        Encrypted(subscription, enablePurgeProtection=None).account()


def test_a_closed_vault_has_to_let_azures_services_in(subscription: AzureSubscription):
    with pytest.raises(Refused, match="is closed and lets no trusted services"):
        Encrypted(subscription, publicNetworkAccess="Disabled").account()


def test_a_closed_vault_with_a_door_for_azures_services_will_do(subscription: AzureSubscription):
    acls = {"bypass": "AzureServices", "defaultAction": "Deny"}

    assert Encrypted(subscription, publicNetworkAccess="Disabled", networkAcls=acls).account()["name"] == "acmelogs"


def test_how_long_a_vault_can_be_brought_back_is_fixed(subscription: AzureSubscription):
    vault = subscription.vault(softDeleteRetentionInDays=90)

    properties = {**vault.inputs["properties"], "softDeleteRetentionInDays": 30}
    with pytest.raises(Refused, match="is fixed when a vault is created"):
        subscription.engine.update(vault, **{**vault.inputs, "properties": properties})


class Flows:
    """A network, an account that takes no keys, and an identity that writes to it."""

    def __init__(self, subscription: AzureSubscription, **account: Any) -> None:
        self.subscription = subscription
        self.vnet = subscription.network()
        given = {"accountName": "acmeflows", "allowSharedKeyAccess": False, **account}
        self.account = subscription.create(ACCOUNT, "acmeflows", **given)
        self.writer = subscription.identity("flows")

    def granted(self) -> "Flows":
        self.subscription.grant(self.writer, BLOB_CONTRIBUTOR, self.account.id)
        return self

    def log(self, **changes: Any) -> State:
        given = {
            "resourceGroupName": "NetworkWatcherRG",
            "networkWatcherName": "NetworkWatcher_westeurope",
            "flowLogName": "flows",
            "location": "westeurope",
            "targetResourceId": self.vnet.id,
            "storageId": self.account.id,
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self.writer.id]},
        }
        return self.subscription.engine.create(FLOW_LOG, "flows", **{**given, **changes})


def test_flows_are_written_under_the_watcher_that_azure_makes(subscription: AzureSubscription):
    assert (
        Flows(subscription)
        .granted()
        .log()
        .id.endswith(
            "/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_westeurope"
            "/flowLogs/flows"
        )
    )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"resourceGroupName": "none"}, "refers to the ResourceGroup 'none'"),
        ({"networkWatcherName": "NetworkWatcher_eastus"}, "of the network's region is 'NetworkWatcher_westeurope'"),
        ({"targetResourceId": "/subscriptions/none"}, "'/subscriptions/none' was not found"),
        ({"location": "northeurope"}, "lie in one region"),
    ],
)
def test_a_flow_log_is_refused_for(subscription: AzureSubscription, changes: dict[str, Any], refusal: str):
    flows = Flows(subscription).granted()

    with pytest.raises(Refused, match=refusal):
        flows.log(**changes)


def test_an_account_without_keys_takes_flows_from_an_identity_alone(subscription: AzureSubscription):
    with pytest.raises(Refused, match=r"takes no keys: .* Storage Blob Data Contributor"):
        Flows(subscription).log()


def test_a_closed_account_has_to_let_azures_services_in(subscription: AzureSubscription):
    flows = Flows(subscription, networkRuleSet={"defaultAction": "Deny", "bypass": "None"}).granted()

    with pytest.raises(Refused, match="is closed and lets no trusted services"):
        flows.log()


def test_public_zones_are_global(subscription: AzureSubscription):
    with pytest.raises(Refused, match="is 'global'"):
        subscription.create(PUBLIC_ZONE, "zone", zoneName="acme.example", location="westeurope")

    zone = subscription.create(PUBLIC_ZONE, "zone", zoneName="acme.example", location="global")
    assert len(zone["nameServers"]) == 4


@pytest.mark.parametrize("name", ["example", ".".join(["a"] * 35), f"{'a' * 64}.example"])
def test_a_zone_has_a_name_of_two_labels_or_more(subscription: AzureSubscription, name: str):
    with pytest.raises(Refused, match="has not 2 to 34 labels"):
        subscription.create(PUBLIC_ZONE, "zone", zoneName=name, location="global")


def test_a_network_asks_one_zone_of_a_name(subscription: AzureSubscription):
    subscription.create(ZONE, "zone", privateZoneName="acme.internal", location="global")
    link = {
        "privateZoneName": "acme.internal",
        "virtualNetwork": {"id": subscription.network().id},
        "location": "global",
    }
    subscription.create(LINK, "link", **link)

    with pytest.raises(Refused, match="is linked to a zone of this name already"):
        subscription.create(LINK, "again", **link)


def test_private_endpoints_lead_to_premium_registries(subscription: AzureSubscription):
    subscription.network()
    registry = subscription.create(REGISTRY, "acme", registryName="acme", sku={"name": "Basic"})
    target = {"name": "registry", "privateLinkServiceId": registry.id, "groupIds": ["registry"]}
    subnet = {"id": subscription.subnet("endpoints", "10.0.0.0/24").id}

    with pytest.raises(Refused, match="need the Premium sku"):
        subscription.create(ENDPOINT, "pe", subnet=subnet, privateLinkServiceConnections=[target])


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [
        ({"trigger": {"timerTriggers": [{"name": "weekly", "schedule": "weekly"}]}}, "'weekly' has not five fields"),
        ({"step": {"type": "EncodedTask", "encodedTaskContent": "steps:"}}, "is no base64"),
    ],
)
def test_a_task_is_one_that_the_registry_can_run(subscription: AzureSubscription, inputs: dict[str, Any], refusal: str):
    subscription.create(REGISTRY, "acme", registryName="acme", sku={"name": "Basic"})

    with pytest.raises(Refused, match=refusal):
        subscription.create(TASK, "clean-up", registryName="acme", taskName="clean-up", **inputs)


@pytest.mark.parametrize(("before", "after"), [("Standard_LRS", "Standard_ZRS"), ("Standard_ZRS", "Standard_LRS")])
def test_an_account_gets_and_loses_zones_by_a_conversion_and_no_update(
    subscription: AzureSubscription, before: str, after: str
):
    account = subscription.create(ACCOUNT, "acmelogs", accountName="acmelogs", sku={"name": before})

    with pytest.raises(Refused, match=f"goes from {before} to {after} by a conversion"):
        subscription.engine.update(account, **{**account.inputs, "sku": {"name": after}})


def test_a_registry_keeps_the_zones_that_it_was_created_with(subscription: AzureSubscription):
    premium = {"registryName": "acmeimages", "sku": {"name": "Premium"}}
    registry = subscription.create(REGISTRY, "acmeimages", **premium, zoneRedundancy="Enabled")

    with pytest.raises(Refused, match="zoneRedundancy cannot be changed after creation"):
        subscription.engine.update(registry, **{**registry.inputs, "zoneRedundancy": "Disabled"})
