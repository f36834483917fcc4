"""An address inside the network for the blobs of a storage account."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place


@dataclass(frozen=True, kw_only=True)
class AksBlobEndpointArgs:
    place: Place
    """Where the endpoint lies."""

    account: pulumi.Input[str]
    """Id of the storage account."""

    subnet: pulumi.Input[str]
    """Id of the subnet that the address comes from."""

    zone: pulumi.Input[str]
    """Id of the private zone that names the address."""

    link: pulumi.Resource
    """What makes the network ask the zone."""


class AksBlobEndpoint(pulumi.ComponentResource):
    """A private endpoint, and the record without which pods would go on to the closed public address."""

    def __init__(self, name: str, args: AksBlobEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksBlobEndpoint", name, {}, opts)
        place = args.place
        endpoint = azure.network.PrivateEndpoint(
            f"{name}-endpoint",
            azure.network.PrivateEndpointArgs(
                resource_group_name=place.resource_group,
                location=place.location,
                subnet=azure.network.SubnetArgs(id=args.subnet),
                private_link_service_connections=[
                    azure.network.PrivateLinkServiceConnectionArgs(
                        name="blob", private_link_service_id=args.account, group_ids=["blob"]
                    )
                ],
                tags=place.tags,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.record = azure.network.PrivateDnsZoneGroup(
            f"{name}-record",
            resource_group_name=place.resource_group,
            private_endpoint_name=endpoint.name,
            private_dns_zone_group_name="default",
            private_dns_zone_configs=[
                azure.network.PrivateDnsZoneConfigArgs(name="blob", private_dns_zone_id=args.zone)
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.link]),
        )
        self.register_outputs({})
