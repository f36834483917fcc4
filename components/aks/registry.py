"""The image registry of an AKS stack, in Azure Container Registry."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from components.aks.roles import ACR_PULL, grant

UNTAGGED_DAYS = 30
"""Days that an image is kept after its last tag was taken away."""


@dataclass(frozen=True, kw_only=True)
class AksRegistryArgs:
    place: Place
    """Where the registry lies."""

    registry: str
    """Name of the registry. Unique among all registries in the world."""

    premium: bool
    """Whether the registry is replicated over zones and drops untagged images; the cheaper tiers cannot."""

    readers: Mapping[str, pulumi.Input[str]]
    """Principal ids of identities that may pull, by a name for the grant."""


class AksRegistry(pulumi.ComponentResource):
    """A registry without passwords, which nodes pull from by their identity."""

    image_prefix: pulumi.Output[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    def __init__(self, name: str, args: AksRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksRegistry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        registry = azure.containerregistry.Registry(f"{name}-images", registry_args(args), opts=child)
        self.grants = [
            grant(
                f"{name}-{reader}-pulls",
                ACR_PULL,
                subscription_id=args.place.subscription_id,
                scope=registry.id,
                principal_id=principal,
                opts=child,
            )
            for reader, principal in args.readers.items()
        ]

        # Known from the start, so that a first preview can check what is made of it.
        self.image_prefix = pulumi.Output.from_input(f"{args.registry}.azurecr.io")
        self.register_outputs({"image_prefix": self.image_prefix})


def registry_args(args: AksRegistryArgs) -> azure.containerregistry.RegistryArgs:
    """A registry that nobody uses without an identity. It answers publicly, because images are pushed from outside."""
    acr = azure.containerregistry
    return acr.RegistryArgs(
        resource_group_name=args.place.resource_group,
        registry_name=args.registry,
        location=args.place.location,
        sku=acr.SkuArgs(name=acr.SkuName.PREMIUM if args.premium else acr.SkuName.BASIC),
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        public_network_access=acr.PublicNetworkAccess.ENABLED,
        zone_redundancy=acr.ZoneRedundancy.ENABLED if args.premium else acr.ZoneRedundancy.DISABLED,
        policies=acr.PoliciesArgs(retention_policy=acr.RetentionPolicyArgs(days=UNTAGGED_DAYS, status="enabled"))
        if args.premium
        else None,
        tags=args.place.tags,
    )
