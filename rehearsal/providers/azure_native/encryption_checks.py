"""What Azure refuses about keys that data at rest is encrypted with."""

from rehearsal.providers import paths
from rehearsal.providers.azure_native.roles import IDENTITY, holds_role
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"

WRAPPING_ROLES = ("Key Vault Crypto Service Encryption User", "Key Vault Crypto User", "Key Vault Crypto Officer")


def check_account(subject: Subject, inventory: Inventory) -> None:
    """Source: learn.microsoft.com/azure/storage/common/customer-managed-keys-configure-new-account."""
    if paths.first(subject.inputs, "encryption.keySource") != "Microsoft.Keyvault":
        return
    uri = paths.first(subject.inputs, "encryption.keyVaultProperties.keyVaultUri")
    name = paths.first(subject.inputs, "encryption.keyVaultProperties.keyName")
    identity = paths.first(subject.inputs, "encryption.encryptionIdentity.encryptionUserAssignedIdentity")
    if not (uri and name):
        raise CloudError('Status=400 Code="InvalidValues": keySource Microsoft.Keyvault needs keyVaultUri and keyName.')
    check_use(f"{str(uri).rstrip('/')}/keys/{name}", identity, subject, inventory)


def check_use(key: str, identity: str | None, subject: Subject, inventory: Inventory) -> None:
    """The key is there, in a vault that nobody empties, and the identity, which is the subject's, may wrap with it.

    Sources: learn.microsoft.com/azure/storage/common/customer-managed-keys-overview#key-vault-requirements;
    learn.microsoft.com/azure/postgresql/security/security-data-encryption#cmk-requirements.
    """
    vault = _vault_of(key, inventory)
    if vault is None:
        raise CloudError(f'Status=400 Code="KeyVaultKeyNotFound": the key {key} does not exist.')
    if not paths.first(vault.inputs, "properties.enablePurgeProtection"):
        raise CloudError(
            f'Status=400 Code="KeyVaultPolicyRequirement": the vault {vault.name} must have soft delete and purge '
            "protection enabled."
        )
    if _is_closed(vault) and paths.first(vault.inputs, "properties.networkAcls.bypass") != "AzureServices":
        raise CloudError(
            f'Status=403 Code="KeyVaultAccessForbidden": the vault {vault.name} is closed and lets no trusted services '
            "of Azure in."
        )
    row = inventory.get(IDENTITY, str(identity).rstrip("/"))
    if row is None or identity not in _identities(subject):
        raise CloudError(f'Status=400 Code="InvalidIdentity": the identity {identity} is none of {subject.id}.')
    if not holds_role(row.outputs["principalId"], WRAPPING_ROLES, vault.id, inventory, account=subject.account):
        raise CloudError(
            f'Status=403 Code="KeyVaultAuthenticationFailure": the identity {row.name} needs the role '
            f"{WRAPPING_ROLES[0]} on {vault.id}."
        )


def location_of(key: str, inventory: Inventory) -> str | None:
    """The region that a key's vault lies in."""
    vault = _vault_of(key, inventory)
    return str(vault.outputs.get("location")) if vault else None


def _vault_of(key: str, inventory: Inventory) -> Resource | None:
    """The vault of a key that exists, named with or without a version."""
    known = [
        row for row in inventory.list(type=KEY, retained=False) if f"{key}/".startswith(f"{row.outputs['keyUri']}/")
    ]
    host = key.split("/")[2].split(".")[0] if key.startswith("https://") else ""
    vaults = [row for row in inventory.list(type=VAULT, retained=False) if row.name == host]
    return vaults[0] if known and vaults else None


def _is_closed(vault: Resource) -> bool:
    return (
        paths.first(vault.inputs, "properties.publicNetworkAccess") == "Disabled"
        or paths.first(vault.inputs, "properties.networkAcls.defaultAction") == "Deny"
    )


def _identities(subject: Subject) -> list[str]:
    """Azure takes a list from some types and a map from others."""
    given = paths.first(subject.inputs, "identity.userAssignedIdentities") or []
    return [str(identity) for identity in given]
