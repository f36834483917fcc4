"""The key that an AKS cluster encrypts its Secrets with."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from components.aks.roles import KEY_VAULT_CONTRIBUTOR, KEY_VAULT_CRYPTO_USER, grant
from components.aks.vault import VaultSettings, key_vault


@dataclass(frozen=True, kw_only=True)
class AksEncryptionArgs:
    place: Place
    """Where the vault lies."""

    vault: str
    """First part of the vault's name."""

    private: bool
    """Whether the vault is closed to the internet: the API server then reaches it from inside the network."""

    user: pulumi.Input[str]
    """Principal id of the control plane's identity, which uses the key."""

    protect: bool
    """Whether the key refuses to be destroyed. Without it, what it encrypted is lost."""


class AksEncryption(pulumi.ComponentResource):
    """A vault with one key, and the grants that let the control plane use it."""

    key_uri: pulumi.Output[str]
    """Address of the key's one version. AKS takes no other form and follows no rotation by itself:
    https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption"""

    vault_id: pulumi.Output[str]
    """Id of the vault."""

    def __init__(self, name: str, args: AksEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksEncryption", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        vault = key_vault(name, vault_settings(args), self)
        key = azure.keyvault.Key(
            f"{name}-key",
            key_args(args.place, vault.name),
            # It goes with its vault. To delete it alone would need rights on its content that nobody else needs.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, deleted_with=vault),
        )
        self.grants = [
            grant(
                f"{name}-{role}",
                role_id,
                subscription_id=args.place.subscription_id,
                scope=vault.id,
                principal_id=args.user,
                opts=child,
            )
            for role, role_id in needed_roles(private=args.private)
        ]

        self.key_uri = key.key_uri_with_version
        self.vault_id = vault.id
        self.register_outputs({"key_uri": self.key_uri, "vault_id": self.vault_id})


def needed_roles(*, private: bool) -> Sequence[tuple[str, str]]:
    """What the control plane does with the vault: use the key and, to a closed vault, lay a private link of its own."""
    use = ("uses-key", KEY_VAULT_CRYPTO_USER)
    return [use, ("links", KEY_VAULT_CONTRIBUTOR)] if private else [use]


def vault_settings(args: AksEncryptionArgs) -> VaultSettings:
    """AKS works with an open vault or a closed one, with nothing in between."""
    return VaultSettings(place=args.place, name=(args.vault,), private=args.private, protect=args.protect)


def key_args(place: Place, vault: pulumi.Input[str]) -> azure.keyvault.KeyArgs:
    """The key, without a rotation policy: a new version would leave the cluster with the old one."""
    return azure.keyvault.KeyArgs(
        resource_group_name=place.resource_group,
        vault_name=vault,
        key_name="secrets",
        properties=azure.keyvault.KeyPropertiesArgs(kty="RSA", key_size=2048),
        tags=place.tags,
    )
