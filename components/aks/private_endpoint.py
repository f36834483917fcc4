"""An address inside the network for one of Azure's services: a storage account's blobs, a vault, a registry, queues."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place

Group = Literal["blob", "vault", "registry", "namespace"]
"""What of a service an endpoint leads to, as Azure calls it."""

ZONES: dict[Group, str] = {
    "blob": "privatelink.blob.core.windows.net",
    "vault": "privatelink.vaultcore.azure.net",
    "registry": "privatelink.azurecr.io",
    "namespace": "privatelink.servicebus.windows.net",
}
"""Where Azure's own names of services lead while their private endpoints are linked:
https://learn.microsoft.com/azure/private-link/private-endpoint-dns"""


@dataclass(frozen=True, kw_only=True)
class AksPrivateEndpointArgs:
    place: Place
    """Where the endpoint lies."""

    target: pulumi.Input[str]
    """Id of the account, vault, registry or namespace of queues."""

    group: Group
    """What of the target is reached."""

    subnet: pulumi.Input[str]
    """Id of the subnet that the address comes from."""

    zone: pulumi.Input[str]
    """Id of the private zone that names the address."""

    link: pulumi.Resource
    """What makes the network ask the zone."""


class AksPrivateEndpoint(pulumi.ComponentResource):
    """A private endpoint, and the record without which pods would go on to the closed public address."""

    def __init__(self, name: str, args: AksPrivateEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksPrivateEndpoint", name, {}, opts)
        place = args.place
        endpoint = azure.network.PrivateEndpoint(
            f"{name}-endpoint",
            azure.network.PrivateEndpointArgs(
                resource_group_name=place.resource_group,
                location=place.location,
                subnet=azure.network.SubnetArgs(id=args.subnet),
                private_link_service_connections=[
                    azure.network.PrivateLinkServiceConnectionArgs(
                        name=args.group, private_link_service_id=args.target, group_ids=[args.group]
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
                azure.network.PrivateDnsZoneConfigArgs(name=args.group, private_dns_zone_id=args.zone)
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.link]),
        )
        self.register_outputs({})
