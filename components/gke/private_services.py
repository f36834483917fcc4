"""The way from a GKE stack's network to what Google runs in a network of its own, such as Cloud SQL."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp


@dataclass(frozen=True, kw_only=True)
class GkePrivateServicesArgs:
    network: pulumi.Input[str]
    """Id of the network."""

    cidr: str
    """The range that Google's network takes addresses from. Part of the stack's block, used by nothing else."""

    api: pulumi.Resource
    """The Service Networking API, switched on."""


class GkePrivateServices(pulumi.ComponentResource):
    """A range lent to Google's network, and the peering with it."""

    range_name: pulumi.Output[str]
    """Name of the range."""

    def __init__(self, name: str, args: GkePrivateServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkePrivateServices", name, {}, opts)
        address, _, length = args.cidr.partition("/")
        lent = gcp.compute.GlobalAddress(
            f"{name}-range",
            network=args.network,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=address,
            prefix_length=int(length),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.connection = gcp.servicenetworking.Connection(
            f"{name}-connection",
            network=args.network,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[lent.name],
            # Google keeps what a deleted database stood on for days and refuses to delete the connection as long;
            # the peering would then keep the network: https://github.com/hashicorp/terraform-provider-google/issues/19908
            deletion_policy="REMOVE_PEERING",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.api]),
        )

        self.range_name = lent.name
        self.register_outputs({"range_name": self.range_name})
