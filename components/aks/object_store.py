"""A storage account of an AKS stack, its containers, and who may use them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.aks.data_encryption import AksDataKey
from components.aks.locks import delete_lock
from components.aks.resource_group import Place
from components.aks.roles import BLOB_DATA_CONTRIBUTOR, BLOB_DATA_READER, grant
from components.aks.subscription import AksSubscription
from components.contracts import ObjectStore, ServiceAccount
from components.retention import Retention

LOG_CONTAINERS = ("chunks", "ruler")
BACKUP_CONTAINERS = ("backups",)


@dataclass(frozen=True, kw_only=True)
class AksObjectStoreArgs:
    place: Place
    """Where the account lies."""

    account: str
    """Name of the storage account. Unique among all storage accounts in the world."""

    containers: tuple[str, ...]
    """Names of the containers in it."""

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

    writers: Mapping[str, pulumi.Input[str]]
    """Principal ids of the identities that may use the blobs, by the name of the grant."""

    readers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Principal ids of the identities that may read the blobs and no more, by the name of the grant."""

    key: AksDataKey
    """What the blobs are encrypted with."""


class AksObjectStore(pulumi.ComponentResource):
    """A private storage account that knows identities and no keys, with a grant for each user of a container."""

    account: pulumi.Output[str]
    """Name of the storage account."""

    account_id: pulumi.Output[str]
    """Id of the storage account."""

    def __init__(self, name: str, args: AksObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksObjectStore", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = azure.storage.StorageAccount(
            f"{name}-account",
            account_args(args),
            opts=pulumi.ResourceOptions(
                parent=self,
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
        self.grants = {
            granted: given
            for container in args.containers
            for granted, given in self._container(name, container, account, args)
        }

        self.account = account.name
        self.account_id = account.id
        self.register_outputs({"account": self.account, "account_id": self.account_id})

    def _container(
        self, name: str, container: str, account: azure.storage.StorageAccount, args: AksObjectStoreArgs
    ) -> Iterator[tuple[str, azure.authorization.RoleAssignment]]:
        """The container, and the grants on it by their names."""
        made = azure.storage.BlobContainer(
            f"{name}-{container}",
            resource_group_name=args.place.resource_group,
            account_name=account.name,
            container_name=container,
            public_access=azure.storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        for role, principals in ((BLOB_DATA_CONTRIBUTOR, args.writers), (BLOB_DATA_READER, args.readers)):
            for granted, principal in principals.items():
                given = grant(
                    f"{name}-{container}-{granted}",
                    role,
                    subscription_id=args.place.subscription_id,
                    scope=made.id,
                    principal_id=principal,
                    opts=pulumi.ResourceOptions(parent=self),
                )
                yield f"{container}-{granted}", given


def account_args(args: AksObjectStoreArgs) -> azure.storage.StorageAccountArgs:
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


def blob_service_args(args: AksObjectStoreArgs, account: pulumi.Input[str]) -> azure.storage.BlobServicePropertiesArgs:
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


def lifecycle_args(args: AksObjectStoreArgs, account: pulumi.Input[str]) -> azure.storage.ManagementPolicyArgs:
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


def build_store(
    name: str,
    writers: Mapping[str, ServiceAccount],
    kept: Retention,
    subscription: AksSubscription,
    issuer: pulumi.Input[str],
    key: AksDataKey,
    containers: tuple[str, ...] = BACKUP_CONTAINERS,
) -> ObjectStore:
    """Registers a storage account, and the identity that each of its writers uses it as, named by what that ends in."""
    account = subscription.global_name(name)
    identities = {
        suffix: subscription.identity(f"{name}-writer{suffix}", writer, issuer) for suffix, writer in writers.items()
    }
    store = AksObjectStore(
        name,
        AksObjectStoreArgs(
            place=subscription.place,
            account=account,
            containers=containers,
            zone_redundant=subscription.stack.high_availability,
            public=not subscription.private,
            expire_days=kept.expire_days,
            noncurrent_days=kept.noncurrent_days,
            protect=subscription.stack.protect,
            writers={f"access{suffix}": identity.principal_id for suffix, identity in identities.items()},
            key=key,
        ),
        subscription.opts,
    )
    reached = subscription.endpoint(name, "blob", store.account_id)
    return ObjectStore(
        bucket=f"{account}/{containers[0]}",
        kind="azure",
        loki_storage={
            "type": "azure",
            "bucketNames": {"chunks": containers[0], "ruler": containers[-1]},
            "azure": {"accountName": account, "useFederatedToken": True},
        },
        velero_location=velero_location(account, containers[0]),
        url=f"https://{account}.blob.core.windows.net/{containers[0]}",
        writers={
            writers[suffix]: identity.contract(
                [*(store.grants[f"{container}-access{suffix}"] for container in containers), *reached]
            )
            for suffix, identity in identities.items()
        },
    )


def velero_location(account: str, container: str) -> dict[str, Any]:
    """How Velero's plugin finds the container: by its pods' own identity, without asking for the account's keys.

    https://github.com/vmware-tanzu/velero-plugin-for-microsoft-azure/blob/main/backupstoragelocation.md
    """
    config = {
        "storageAccount": account,
        "storageAccountURI": f"https://{account}.blob.core.windows.net",
        "useAAD": "true",
    }
    return {"provider": "azure", "bucket": container, "config": config}
