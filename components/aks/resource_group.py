"""Where an AKS stack lies: its resource group, and who administers what runs in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.roles import CLUSTER_ADMIN, grant


@dataclass(frozen=True, kw_only=True)
class Place:
    """What every resource of a stack has in common."""

    subscription_id: str
    """Id of the subscription."""

    tenant_id: str
    """Id of the Entra tenant that the subscription trusts."""

    location: str
    """Region, in Azure's short form."""

    resource_group: pulumi.Input[str]
    """Name of the resource group."""

    tags: Mapping[str, str]
    """Tags that say whose a resource is."""


@dataclass(frozen=True, kw_only=True)
class AksResourceGroupArgs:
    subscription_id: str
    """Id of the subscription."""

    resource_group: str
    """Name of the resource group."""

    location: str
    """Region, in Azure's short form."""

    tags: Mapping[str, str]
    """Tags that say whose the group is."""

    admin_group_ids: Sequence[str]
    """Object ids of the Entra groups whose members administer the cluster."""

    protect: bool
    """Whether the group refuses to be destroyed: it takes everything that is in it along."""


class AksResourceGroup(pulumi.ComponentResource):
    """A resource group for one stack, and the administrators of the clusters in it."""

    name: pulumi.Output[str]
    """Name of the resource group."""

    def __init__(self, name: str, args: AksResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksResourceGroup", name, {}, opts)
        group = azure.resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args.resource_group,
            location=args.location,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        # Granted on the group and not on the cluster: a grant takes minutes to take effect, and the cluster's own
        # contents are created as soon as its API answers.
        self.admin_grants = [
            grant(
                f"{name}-admins-{group_id[:8]}",
                CLUSTER_ADMIN,
                subscription_id=args.subscription_id,
                scope=group.id,
                principal_id=group_id,
                principal_type="Group",
                opts=pulumi.ResourceOptions(parent=self),
            )
            for group_id in args.admin_group_ids
        ]

        self.name = group.name
        self.register_outputs({"name": self.name})
