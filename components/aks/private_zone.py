"""A private DNS zone, which the stack's network asks before the public one of the same name."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place


@dataclass(frozen=True, kw_only=True)
class AksPrivateZoneArgs:
    place: Place
    """Where the zone lies."""

    zone: str
    """Name of the zone."""

    network: pulumi.Input[str]
    """Id of the network that asks it."""


class AksPrivateZone(pulumi.ComponentResource):
    """A zone and its link to the network."""

    zone_id: pulumi.Output[str]
    """Id of the zone."""

    def __init__(self, name: str, args: AksPrivateZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksPrivateZone", name, {}, opts)
        place = args.place
        zone = azure.privatedns.PrivateZone(
            f"{name}-zone",
            resource_group_name=place.resource_group,
            private_zone_name=args.zone,
            location="global",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.link = azure.privatedns.VirtualNetworkLink(
            f"{name}-zone-link",
            resource_group_name=place.resource_group,
            private_zone_name=zone.name,
            location="global",
            registration_enabled=False,
            virtual_network=azure.privatedns.SubResourceArgs(id=args.network),
            tags=place.tags,
            # A link stays with its network, which azure-native takes for something that can be updated.
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["virtualNetwork"], delete_before_replace=True),
        )

        self.zone_id = zone.id
        self.register_outputs({"zone_id": self.zone_id})
