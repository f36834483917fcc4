"""The containers of a storage account of an AKS stack, and who may use them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.aks.data_encryption import AksDataKey
from components.aks.roles import BLOB_DATA_CONTRIBUTOR, BLOB_DATA_READER, grant
from components.aks.storage_account import AksStorageAccountArgs, build_account
from components.aks.subscription import AksSubscription
from components.contracts import ObjectStore, ServiceAccount
from components.retention import Retention

LOG_CONTAINERS = ("chunks", "ruler")
BACKUP_CONTAINERS = ("backups",)


@dataclass(frozen=True, kw_only=True)
class AksObjectStoreArgs(AksStorageAccountArgs):
    containers: tuple[str, ...]
    """Names of the containers in it."""

    writers: Mapping[str, pulumi.Input[str]]
    """Principal ids of the identities that may use the blobs, by the name of the grant."""

    readers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Principal ids of the identities that may read the blobs and no more, by the name of the grant."""


class AksObjectStore(pulumi.ComponentResource):
    """A private storage account that knows identities and no keys, with a grant for each user of a container."""

    account: pulumi.Output[str]
    """Name of the storage account."""

    account_id: pulumi.Output[str]
    """Id of the storage account."""

    def __init__(self, name: str, args: AksObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksObjectStore", name, {}, opts)
        account = build_account(name, args, self)
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
