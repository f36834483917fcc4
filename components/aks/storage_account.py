"""A storage account of an AKS stack, that knows identities and no keys, and what it does to its blobs by itself."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.data_encryption import AksDataKey
from components.aks.locks import delete_lock
from components.aks.resource_group import Place


@dataclass(frozen=True, kw_only=True)
class AksStorageAccountArgs:
    place: Place
    """Where the account lies."""

    account: str
    """Name of the storage account. Unique among all storage accounts in the world."""

    zone_redundant: bool
    """Whether blobs are kept in three zones, or three times in one. Settled when the account is created."""

    public: bool
    """Whether the account answers outside the network too; to identities alone in any case."""

    trusted_services: bool = False
    """Whether Azure's own services get in where the public does not."""

    expire_days: int | None = None
    """Age in days at which blobs are deleted; never, if not given."""

    noncurrent_days: int | None
    """Days that an overwritten or deleted blob can be brought back; not at all, if not given."""

    protect: bool
    """Whether the account refuses to be destroyed; else it is destroyed with what it holds."""

    key: AksDataKey
    """What the blobs are encrypted with."""


def build_account(name: str, args: AksStorageAccountArgs, parent: pulumi.Resource) -> azure.storage.StorageAccount:
    """Registers the account, and the rules by which it keeps and clears its blobs."""
    child = pulumi.ResourceOptions(parent=parent)
    account = azure.storage.StorageAccount(
        f"{name}-account",
        account_args(args),
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=args.protect,
            depends_on=list(args.key.ready),
            # Azure adds zones to an account, and takes them away, by a conversion that is asked for, not by an
            # update: https://learn.microsoft.com/azure/storage/common/redundancy-migration
            ignore_changes=["sku.name"],
        ),
    )
    if args.protect:
        delete_lock(f"{name}-lock", account.id, child)
    azure.storage.BlobServiceProperties(f"{name}-blobs", blob_service_args(args, account.name), opts=child)
    if args.expire_days is not None or args.noncurrent_days is not None:
        azure.storage.ManagementPolicy(f"{name}-lifecycle", lifecycle_args(args, account.name), opts=child)
    return account


def account_args(args: AksStorageAccountArgs) -> azure.storage.StorageAccountArgs:
    """The account: no shared keys, nothing anonymous, no copies to other tenants."""
    storage = azure.storage
    return storage.StorageAccountArgs(
        resource_group_name=args.place.resource_group,
        account_name=args.account,
        location=args.place.location,
        kind=storage.Kind.STORAGE_V2,
        sku=storage.SkuArgs(name=storage.SkuName.STANDARD_ZRS if args.zone_redundant else storage.SkuName.STANDARD_LRS),
        access_tier=storage.AccessTier.HOT,
        allow_shared_key_access=False,
        default_to_o_auth_authentication=True,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        enable_https_traffic_only=True,
        identity=storage.IdentityArgs(
            type=storage.IdentityType.USER_ASSIGNED, user_assigned_identities=[args.key.identity_id]
        ),
        encryption=args.key.of_storage(),
        # Trusted services come by the public address: it answers them, and nobody else.
        public_network_access=(
            storage.PublicNetworkAccess.ENABLED
            if args.public or args.trusted_services
            else storage.PublicNetworkAccess.DISABLED
        ),
        network_rule_set=storage.NetworkRuleSetArgs(
            default_action=storage.DefaultAction.ALLOW if args.public else storage.DefaultAction.DENY,
            bypass=storage.Bypass.AZURE_SERVICES if args.trusted_services else storage.Bypass.NONE,
        ),
        tags=args.place.tags,
    )


def blob_service_args(
    args: AksStorageAccountArgs, account: pulumi.Input[str]
) -> azure.storage.BlobServicePropertiesArgs:
    """Old versions are kept, and what is deleted can be brought back for a while."""
    kept = azure.storage.DeleteRetentionPolicyArgs(enabled=args.noncurrent_days is not None, days=args.noncurrent_days)
    return azure.storage.BlobServicePropertiesArgs(
        resource_group_name=args.place.resource_group,
        account_name=account,
        blob_services_name="default",
        is_versioning_enabled=args.noncurrent_days is not None,
        delete_retention_policy=kept,
        container_delete_retention_policy=kept,
    )


def lifecycle_args(args: AksStorageAccountArgs, account: pulumi.Input[str]) -> azure.storage.ManagementPolicyArgs:
    """What is deleted when: blobs by age, and their old versions."""
    storage = azure.storage
    rules: list[azure.storage.ManagementPolicyRuleArgs] = []
    if args.expire_days is not None:
        expired = storage.ManagementPolicyBaseBlobArgs(
            delete=storage.DateAfterModificationArgs(days_after_modification_greater_than=args.expire_days)
        )
        rules.append(_rule("expired", storage.ManagementPolicyActionArgs(base_blob=expired)))
    if args.noncurrent_days is not None:
        old_versions = storage.ManagementPolicyVersionArgs(
            delete=storage.DateAfterCreationArgs(days_after_creation_greater_than=args.noncurrent_days)
        )
        rules.append(_rule("old-versions", storage.ManagementPolicyActionArgs(version=old_versions)))
    return storage.ManagementPolicyArgs(
        resource_group_name=args.place.resource_group,
        account_name=account,
        management_policy_name="default",
        policy=storage.ManagementPolicySchemaArgs(rules=rules),
    )


def _rule(name: str, actions: azure.storage.ManagementPolicyActionArgs) -> azure.storage.ManagementPolicyRuleArgs:
    storage = azure.storage
    return storage.ManagementPolicyRuleArgs(
        name=name,
        type=storage.RuleType.LIFECYCLE,
        enabled=True,
        definition=storage.ManagementPolicyDefinitionArgs(
            actions=actions, filters=storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"])
        ),
    )
