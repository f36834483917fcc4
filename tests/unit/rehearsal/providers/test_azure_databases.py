"""What Azure refuses about PostgreSQL servers."""

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.azure_subscription import (
    CRYPTO_SERVICE_USER,
    LINK,
    SERVER,
    SUBSCRIPTION,
    ZONE,
    AzureSubscription,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

DELEGATION = {"name": "postgresql", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}


@pytest.fixture
def subscription(inventory: Inventory) -> AzureSubscription:
    return AzureSubscription(Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION}))


class ServerGround:
    """All that a server in a network, encrypted with a key of its own, stands on."""

    def __init__(self, subscription: AzureSubscription) -> None:
        self.subscription = subscription
        self.vnet = subscription.network()
        self.subnet = subscription.subnet("databases", "10.0.16.0/24", delegations=[DELEGATION])
        self.zone = self.private_zone("acme.private.postgres.database.azure.com")
        self.link = self.linked("acme.private.postgres.database.azure.com")
        self.user = subscription.identity("data")
        self.vault = subscription.vault(enablePurgeProtection=True)
        self.key = subscription.key()
        self.use = subscription.grant(self.user, CRYPTO_SERVICE_USER, self.vault.id)

    def private_zone(self, name: str) -> State:
        return self.subscription.create(ZONE, name, privateZoneName=name, location="global")

    def linked(self, zone: str) -> State:
        target = {"id": self.vnet.id}
        return self.subscription.create(LINK, zone, privateZoneName=zone, location="global", virtualNetwork=target)

    def network(self, **changes: Any) -> dict[str, Any]:
        usual = {"delegatedSubnetResourceId": self.subnet.id, "privateDnsZoneArmResourceId": self.zone.id}
        return {key: value for key, value in {**usual, **changes}.items() if value is not None}

    def encryption(self, **changes: Any) -> dict[str, Any]:
        usual = {
            "type": "AzureKeyVault",
            "primaryKeyURI": self.key["keyUri"],
            "primaryUserAssignedIdentityId": self.user.id,
        }
        return {**usual, **changes}

    def inputs(self, **changes: Any) -> dict[str, Any]:
        """Inputs of a server that Azure accepts, with changes by top-level property."""
        given = {
            "serverName": "acme",
            "location": "westeurope",
            "version": "17",
            "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
            "storage": {"storageSizeGB": 128},
            "administratorLogin": "acme",
            "administratorLoginPassword": "correctHorse1",
            "backup": {"backupRetentionDays": 14},
            "highAvailability": {"mode": "ZoneRedundant"},
            "network": self.network(),
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {self.user.id: {}}},
            "dataEncryption": self.encryption(),
        }
        return {**given, **changes}

    def server(self, **changes: Any) -> State:
        return self.subscription.create(SERVER, "acme", **self.inputs(**changes))


@pytest.fixture
def ground(subscription: AzureSubscription) -> ServerGround:
    return ServerGround(subscription)


def test_a_server_in_a_network_is_known_by_azures_name(ground: ServerGround):
    assert ground.server()["fullyQualifiedDomainName"] == "acme.postgres.database.azure.com"


Change = Callable[[ServerGround], dict[str, Any]]

REFUSALS: list[tuple[str, Change, str]] = [
    (
        "a SKU of another tier",
        lambda ground: {"sku": {"name": "Standard_E2ds_v5", "tier": "GeneralPurpose"}},
        "Standard_E2ds_v5 is none of the tier GeneralPurpose",
    ),
    (
        "a standby of a burstable server",
        lambda ground: {"sku": {"name": "Standard_B2s", "tier": "Burstable"}},
        "the tier Burstable has no standby",
    ),
    ("a size that no disk has", lambda ground: {"storage": {"storageSizeGB": 100}}, "storageSizeGB 100 is none of 32"),
    ("backups of a day", lambda ground: {"backup": {"backupRetentionDays": 1}}, "lies between 7 and 35"),
    ("a reserved name", lambda ground: {"administratorLogin": "Admin"}, "the administrator login Admin is reserved"),
    ("a name of PostgreSQL's own", lambda ground: {"administratorLogin": "pg_acme"}, "pg_acme is reserved"),
    ("a simple password", lambda ground: {"administratorLoginPassword": "horsehorse"}, "three kinds at least"),
    (
        "a subnet without a zone",
        lambda ground: {"network": ground.network(privateDnsZoneArmResourceId=None)},
        "has a subnet and a private zone",
    ),
    (
        "public access from a network",
        lambda ground: {"network": ground.network(publicNetworkAccess="Enabled")},
        "has no public access",
    ),
    (
        "a subnet that is not its own",
        lambda ground: {
            "network": ground.network(delegatedSubnetResourceId=ground.subscription.subnet("nodes", "10.0.0.0/24").id)
        },
        "is not delegated to Microsoft.DBforPostgreSQL/flexibleServers",
    ),
    (
        "a small subnet",
        lambda ground: {
            "network": ground.network(
                delegatedSubnetResourceId=ground.subscription.subnet(
                    "small", "10.0.0.0/29", delegations=[DELEGATION]
                ).id
            )
        },
        "smaller than /28",
    ),
    (
        "a zone of another service",
        lambda ground: {"network": ground.network(privateDnsZoneArmResourceId=ground.private_zone("acme.internal").id)},
        "ends in .postgres.database.azure.com",
    ),
    (
        "a zone of the server's own name",
        lambda ground: {
            "network": ground.network(
                privateDnsZoneArmResourceId=ground.private_zone("acme.postgres.database.azure.com").id
            )
        },
        "after another name than the server's",
    ),
    (
        "a zone that the network does not ask",
        lambda ground: {
            "network": ground.network(
                privateDnsZoneArmResourceId=ground.private_zone("b.private.postgres.database.azure.com").id
            )
        },
        "is not linked to the network",
    ),
    (
        "a key that is not there",
        lambda ground: {"dataEncryption": ground.encryption(primaryKeyURI="https://acme.vault.azure.net/keys/none")},
        "keys/none does not exist",
    ),
    ("a user that is not the server's", lambda ground: {"identity": {"type": "UserAssigned"}}, "is none of"),
    (
        "copies without a key for them",
        lambda ground: {"backup": {"geoRedundantBackup": "Enabled"}},
        "geoBackupKeyURI goes with geo-redundant backups",
    ),
    (
        "copies with a key of the same region",
        lambda ground: {
            "backup": {"geoRedundantBackup": "Enabled"},
            "dataEncryption": ground.encryption(
                geoBackupKeyURI=ground.key["keyUri"], geoBackupUserAssignedIdentityId=ground.user.id
            ),
        },
        "lies in the paired region",
    ),
]


@pytest.mark.parametrize(("change", "refusal"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_a_server_is_refused_for(ground: ServerGround, change: Change, refusal: str):
    with pytest.raises(Refused, match=refusal):
        ground.server(**change(ground))


def test_a_server_waits_for_the_grant_on_its_key(ground: ServerGround):
    ground.subscription.engine.delete(ground.use)

    with pytest.raises(Refused, match="needs the role Key Vault Crypto Service Encryption User on"):
        ground.server()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"storage": {"storageSizeGB": 64}}, "the storage of a server never goes down, from 128 to 64"),
        ({"version": "16"}, "the version of a server never goes down, from 17 to 16"),
    ],
)
def test_a_server_only_grows(ground: ServerGround, change: dict[str, Any], refusal: str):
    server = ground.server()

    with pytest.raises(Refused, match=refusal):
        ground.subscription.engine.update(server, **{**server.inputs, **change})

    larger = {**server.inputs, "storage": {"storageSizeGB": 256}}
    assert ground.subscription.engine.update(server, **larger)["storage"] == {"storageSizeGB": 256}


def test_the_subnet_of_a_server_cannot_be_deleted(ground: ServerGround):
    ground.server()

    with pytest.raises(Refused, match=r"already being used by .*/flexibleServers/acme"):
        ground.subscription.engine.delete(ground.subnet)
