"""The key that a region's data at rest is encrypted with: storage accounts, databases and queues."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.identity import identity
from components.aks.resource_group import Place
from components.aks.roles import KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER, grant
from components.aks.vault import VaultSettings, key_vault, vault_uri

KEY = "data"

ROTATION = "P1Y"
"""How old the key's newest version gets. Azure encrypts with the next one by itself; none expires, so that copies which
are older than a version can always be read."""


@dataclass(frozen=True, kw_only=True)
class AksDataKey:
    """A key for data at rest, and who uses it."""

    identity_id: pulumi.Input[str]
    """Id of the identity that accounts and servers use the key by."""

    vault_uri: pulumi.Input[str]
    """Address of the vault."""

    key_name: str
    """Name of the key in it."""

    key_uri: pulumi.Input[str]
    """Address of the key, of none of its versions: the newest is used."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before the key is used."""

    def of_storage(self) -> azure.storage.EncryptionArgs:
        """How a storage account is told."""
        storage = azure.storage
        return storage.EncryptionArgs(
            key_source=storage.KeySource.MICROSOFT_KEYVAULT,
            key_vault_properties=storage.KeyVaultPropertiesArgs(key_name=self.key_name, key_vault_uri=self.vault_uri),
            encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=self.identity_id),
            services=storage.EncryptionServicesArgs(blob=storage.EncryptionServiceArgs(enabled=True)),
        )


@dataclass(frozen=True, kw_only=True)
class AksDataEncryptionArgs:
    place: Place
    """Where the vault lies: in the region of the data."""

    vault: tuple[str, ...]
    """First parts of the vault's name."""

    private: bool
    """Whether the vault is closed to the internet. Azure's own services use the key in any case."""

    protect: bool
    """Whether the key refuses to be destroyed. Without it, what it encrypted is lost."""


class AksDataEncryption(pulumi.ComponentResource):
    """A vault with one key, an identity that uses it, and the grant that has to come first."""

    vault_id: pulumi.Output[str]
    """Id of the vault."""

    def __init__(self, name: str, args: AksDataEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksDataEncryption", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        user = identity(f"{name}-user", args.place, child)
        vault = key_vault(
            name,
            VaultSettings(
                place=args.place, name=args.vault, private=args.private, trusted_services=True, protect=args.protect
            ),
            self,
        )
        key = azure.keyvault.Key(
            f"{name}-key",
            key_args(args.place, vault.name),
            # It goes with its vault, which keeps both for as long as they can be brought back.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, deleted_with=vault),
        )
        use = grant(
            f"{name}-uses-key",
            KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
            subscription_id=args.place.subscription_id,
            scope=vault.id,
            principal_id=user.principal_id,
            opts=child,
        )
        self.key = AksDataKey(
            identity_id=user.id, vault_uri=vault_uri(vault), key_name=KEY, key_uri=key.key_uri, ready=[key, use]
        )

        self.vault_id = vault.id
        self.register_outputs({"vault_id": self.vault_id})


def key_args(place: Place, vault: pulumi.Input[str]) -> azure.keyvault.KeyArgs:
    """The key, with a new version every year."""
    vaults = azure.keyvault
    return vaults.KeyArgs(
        resource_group_name=place.resource_group,
        vault_name=vault,
        key_name=KEY,
        properties=vaults.KeyPropertiesArgs(
            kty="RSA",
            key_size=3072,
            rotation_policy=vaults.RotationPolicyArgs(
                lifetime_actions=[
                    vaults.LifetimeActionArgs(
                        action=vaults.ActionArgs(type=vaults.KeyRotationPolicyActionType.ROTATE),
                        trigger=vaults.TriggerArgs(time_after_create=ROTATION),
                    )
                ]
            ),
        ),
        tags=place.tags,
    )
