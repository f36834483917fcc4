"""Who talked to whom in the network of an AKS stack."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.data_encryption import AksDataKey
from components.aks.identity import identity
from components.aks.object_store import AksObjectStore, AksObjectStoreArgs
from components.aks.resource_group import Place
from components.aks.roles import BLOB_DATA_CONTRIBUTOR, grant

WATCHERS = "NetworkWatcherRG"
"""Resource group of the network watchers, of which Azure makes one for each region of a subscription with the first
network there: https://learn.microsoft.com/azure/network-watcher/network-watcher-create"""


@dataclass(frozen=True, kw_only=True)
class AksFlowLogsArgs:
    place: Place
    """Where the network lies."""

    flow_log: str
    """Name of the flow log. Unique in the region's watcher, which stacks share."""

    network: pulumi.Input[str]
    """Id of the network."""

    account: str
    """Name of the storage account that the logs lie in. Unique among all storage accounts in the world."""

    zone_redundant: bool
    """Whether the logs are kept in three zones, or three times in one."""

    retention_days: int
    """Days that the logs are kept."""

    key: AksDataKey
    """What the logs are encrypted with."""


class AksFlowLogs(pulumi.ComponentResource):
    """Writes every flow of the network to a storage account of its own, by an identity and no key."""

    account: pulumi.Output[str]
    """Name of the storage account."""

    def __init__(self, name: str, args: AksFlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksFlowLogs", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        writer = identity(f"{name}-writer", args.place, child)
        store = AksObjectStore(f"{name}-store", store_args(args), child)
        writes = grant(
            f"{name}-writes",
            BLOB_DATA_CONTRIBUTOR,
            subscription_id=args.place.subscription_id,
            # Of the account, because the watcher makes the container itself.
            scope=store.account_id,
            principal_id=writer.principal_id,
            opts=child,
        )
        azure.network.FlowLog(
            f"{name}-flows",
            azure.network.FlowLogArgs(
                resource_group_name=WATCHERS,
                network_watcher_name=f"NetworkWatcher_{args.place.location}",
                flow_log_name=args.flow_log,
                location=args.place.location,
                target_resource_id=args.network,
                storage_id=store.account_id,
                enabled=True,
                format=azure.network.FlowLogFormatParametersArgs(type=azure.network.FlowLogFormatType.JSON, version=2),
                identity=azure.network.ManagedServiceIdentityArgs(
                    type=azure.network.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[writer.id]
                ),
                tags=args.place.tags,
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[writes],
                # It stays with its network, which azure-native takes for something that can be updated.
                replace_on_changes=["targetResourceId"],
                delete_before_replace=True,
            ),
        )

        self.account = store.account
        self.register_outputs({"account": self.account})


def store_args(args: AksFlowLogsArgs) -> AksObjectStoreArgs:
    """An account that the watcher alone gets into. A file is written again each minute: no version of it is kept."""
    return AksObjectStoreArgs(
        place=args.place,
        account=args.account,
        containers=(),
        zone_redundant=args.zone_redundant,
        public=False,
        trusted_services=True,
        expire_days=args.retention_days,
        noncurrent_days=None,
        protect=False,
        writers={},
        key=args.key,
    )
