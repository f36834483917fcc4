"""The image registry of an AKS stack, in Azure Container Registry."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from components.aks.roles import ACR_PULL, ACR_PUSH, grant

UNTAGGED_DAYS = 30
"""Days that an image is kept after its last tag was taken away."""

OLD_DAYS = 90
"""Days that every tag is kept."""

KEPT_TAGS = 10
"""How many of a service's tags that are older are kept all the same, the newest of them: what runs is one of these."""


@dataclass(frozen=True, kw_only=True)
class AksRegistryArgs:
    place: Place
    """Where the registry lies."""

    registry: str
    """Name of the registry. Unique among all registries in the world."""

    premium: bool
    """Whether the registry is replicated over zones and drops untagged images; the cheaper tiers cannot. Settled when
    it is created."""

    readers: Mapping[str, pulumi.Input[str]]
    """Principal ids of identities that may pull, by a name for the grant."""

    pushers: Sequence[str]
    """Object ids of applications and identities that may push."""


class AksRegistry(pulumi.ComponentResource):
    """A registry without passwords, which nodes pull from by their identity."""

    image_prefix: pulumi.Output[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    registry_id: pulumi.Output[str]
    """Id of the registry."""

    def __init__(self, name: str, args: AksRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksRegistry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        registry = azure.containerregistry.Registry(
            f"{name}-images",
            registry_args(args),
            # Zones are chosen when a registry is created, and both they and the days of untagged images need its tier:
            # https://learn.microsoft.com/azure/container-registry/zone-redundancy
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["policies", "sku.name", "zoneRedundancy"]),
        )
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
        for pusher in args.pushers:
            grant(
                f"{name}-{pusher[:8]}-pushes",
                ACR_PUSH,
                subscription_id=args.place.subscription_id,
                scope=registry.id,
                principal_id=pusher,
                opts=child,
            )
        azure.containerregistry.Task(f"{name}-clean-up", clean_up_args(args, registry.name), opts=child)

        # Known from the start, so that a first preview can check what is made of it.
        self.image_prefix = pulumi.Output.from_input(f"{args.registry}.azurecr.io")
        self.registry_id = registry.id
        self.register_outputs({"image_prefix": self.image_prefix, "registry_id": self.registry_id})


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


def clean_up_args(args: AksRegistryArgs, registry: pulumi.Input[str]) -> azure.containerregistry.TaskArgs:
    """Takes old tags away each Sunday, and images without one: https://learn.microsoft.com/azure/container-registry/container-registry-auto-purge"""
    acr = azure.containerregistry
    return acr.TaskArgs(
        resource_group_name=args.place.resource_group,
        registry_name=registry,
        task_name="clean-up",
        location=args.place.location,
        status=acr.TaskStatus.ENABLED,
        platform=acr.PlatformPropertiesArgs(os=acr.OS.LINUX, architecture=acr.Architecture.AMD64),
        step=acr.EncodedTaskStepArgs(
            type="EncodedTask", encoded_task_content=base64.b64encode(clean_up().encode()).decode()
        ),
        timeout=3600,
        trigger=acr.TriggerPropertiesArgs(
            timer_triggers=[acr.TimerTriggerArgs(name="weekly", schedule="0 3 * * 0", status=acr.TriggerStatus.ENABLED)]
        ),
        tags=args.place.tags,
    )


def clean_up() -> str:
    """The task that the registry runs, by rights of its own."""
    command = f"acr purge --filter '.*:.*' --ago {OLD_DAYS}d --keep {KEPT_TAGS} --untagged"
    return (
        f"version: v1.1.0\nsteps:\n  - cmd: {command}\n    disableWorkingDirectoryOverride: true\n    timeout: 3600\n"
    )
