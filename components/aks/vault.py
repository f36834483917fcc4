"""A key vault of an AKS stack: identities and no access policies, and a name of its own in each incarnation."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_azure_native as azure
import pulumi_random as random

from components.aks.resource_group import Place
from components.naming import physical_name

RECOVERY_DAYS = 90
"""Days that a deleted vault, and what was in it, can be brought back. The vault keeps its name as long."""


@dataclass(frozen=True, kw_only=True)
class VaultSettings:
    """What one vault differs from another in."""

    place: Place
    """Where the vault lies."""

    name: tuple[str, ...]
    """First parts of the vault's name; 15 characters of them are kept."""

    private: bool
    """Whether the vault is closed to the internet."""

    trusted_services: bool = False
    """Whether services of Azure that act by an identity of the stack get into a closed vault."""

    protect: bool
    """Whether the vault refuses to be destroyed."""


def key_vault(name: str, settings: VaultSettings, parent: pulumi.Resource) -> azure.keyvault.Vault:
    """A vault. Its name is free in every incarnation of a stack, because that of a deleted vault is not for 90 days.

    https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
    """
    incarnation = random.RandomId(f"{name}-incarnation", byte_length=4, opts=pulumi.ResourceOptions(parent=parent))
    physical = pulumi.Output.format("{0}-{1}", physical_name(*settings.name, limit=15), incarnation.hex)
    return azure.keyvault.Vault(
        f"{name}-vault",
        vault_args(settings, physical),
        opts=pulumi.ResourceOptions(parent=parent, protect=settings.protect),
    )


def vault_uri(vault: azure.keyvault.Vault) -> pulumi.Output[str]:
    """Where the vault answers."""
    return pulumi.Output.format("https://{0}.vault.azure.net", vault.name)


def vault_args(settings: VaultSettings, name: pulumi.Input[str]) -> azure.keyvault.VaultArgs:
    """A vault that is never emptied by accident."""
    access: Literal["Enabled", "Disabled"] = "Disabled" if settings.private else "Enabled"
    return azure.keyvault.VaultArgs(
        resource_group_name=settings.place.resource_group,
        vault_name=name,
        location=settings.place.location,
        properties=azure.keyvault.VaultPropertiesArgs(
            tenant_id=settings.place.tenant_id,
            sku=azure.keyvault.SkuArgs(family="A", name=azure.keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            soft_delete_retention_in_days=RECOVERY_DAYS,
            # Azure takes a vault whose keys encrypt an account or a server only with it.
            enable_purge_protection=True,
            public_network_access=access,
            network_acls=closed_but_to_trusted_services() if settings.private and settings.trusted_services else None,
        ),
        tags=settings.place.tags,
    )


def closed_but_to_trusted_services() -> azure.keyvault.NetworkRuleSetArgs:
    """Nobody from outside, but services of Azure on behalf of the stack.

    https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints#trusted-services
    """
    return azure.keyvault.NetworkRuleSetArgs(
        bypass=azure.keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
        default_action=azure.keyvault.NetworkRuleAction.DENY,
    )
