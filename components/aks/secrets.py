"""Vaults for the values that people keep out of the code, and who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aks.resource_group import Place
from components.aks.roles import KEY_VAULT_SECRETS_USER, grant
from components.aks.subscription import AksSubscription
from components.aks.vault import VaultSettings, key_vault, vault_uri
from components.contracts import SECRETS_READER, SecretStore


@dataclass(frozen=True, kw_only=True)
class AksSecretsArgs:
    place: Place
    """Where the vault lies."""

    vault: tuple[str, ...]
    """First parts of the vault's name."""

    private: bool
    """Whether the vault is closed to the internet: secrets are then put in from inside the network."""

    readers: Mapping[str, pulumi.Input[str]]
    """Principal ids of identities that read every secret in the vault, by a name for the grant."""

    protect: bool
    """Whether the vault refuses to be destroyed."""


class AksSecrets(pulumi.ComponentResource):
    """A vault for secrets.

    Azure grants by vault and by secret, not by the beginning of a name: who is to read other secrets has another vault.
    """

    name: pulumi.Output[str]
    """Name of the vault."""

    vault_id: pulumi.Output[str]
    """Id of the vault."""

    uri: pulumi.Output[str]
    """Address of the vault."""

    def __init__(self, name: str, args: AksSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksSecrets", name, {}, opts)
        settings = VaultSettings(place=args.place, name=args.vault, private=args.private, protect=args.protect)
        vault = key_vault(name, settings, self)
        self.grants = {
            reader: grant(
                f"{name}-{reader}-reads",
                KEY_VAULT_SECRETS_USER,
                subscription_id=args.place.subscription_id,
                scope=vault.id,
                principal_id=principal,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for reader, principal in args.readers.items()
        }

        self.name = vault.name
        self.vault_id = vault.id
        self.uri = vault_uri(vault)
        self.register_outputs({"name": self.name, "vault_id": self.vault_id, "uri": self.uri})


def build_secret_store(subscription: AksSubscription, issuer: pulumi.Input[str]) -> SecretStore:
    """Registers the platform's vault, and lets External Secrets read it."""
    reader = subscription.identity("secrets-reader", SECRETS_READER, issuer)
    vault = build_vault(
        subscription, "secrets", ("secrets", subscription.cluster_name), {"external-secrets": reader.principal_id}
    )
    return SecretStore(
        vault=vault.name,
        provider={
            "azurekv": {
                "authType": "WorkloadIdentity",
                "environmentType": "PublicCloud",
                "tenantId": subscription.place.tenant_id,
                "vaultUrl": vault.uri,
                "serviceAccountRef": {"name": SECRETS_READER.name, "namespace": SECRETS_READER.namespace},
            }
        },
        reader=reader.contract([*vault.grants.values(), *subscription.endpoint("secrets", "vault", vault.vault_id)]),
    )


def build_vault(
    subscription: AksSubscription, name: str, physical: tuple[str, ...], readers: Mapping[str, pulumi.Input[str]]
) -> AksSecrets:
    """Registers a vault of the stack, with the first parts of its physical name."""
    args = AksSecretsArgs(
        place=subscription.place,
        vault=physical,
        private=subscription.private,
        readers=readers,
        protect=subscription.stack.protect,
    )
    return AksSecrets(name, args, subscription.opts)
