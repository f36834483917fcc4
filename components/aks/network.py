"""The network of an AKS stack: subnets for nodes, the API server, endpoints and databases, and egress through NAT."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.address_plan import AddressPlan
from components.aks.resource_group import Place

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
"""The service that a subnet for PostgreSQL servers is delegated to, and that then is alone in it."""


@dataclass(frozen=True, kw_only=True)
class AksNetworkArgs:
    place: Place
    """Where the network lies."""

    addresses: AddressPlan
    """Ranges of the subnets. That of the pods is an overlay and no part of the network."""

    databases: bool
    """Whether databases that Azure runs have a subnet in it."""


class AksNetwork(pulumi.ComponentResource):
    """A network of its own, in which nodes have private addresses only."""

    network_id: pulumi.Output[str]
    """Id of the virtual network."""

    nodes_subnet_id: pulumi.Output[str]
    """Id of the subnet that nodes and internal load balancers take addresses from. Behind NAT as soon as it exists."""

    api_subnet_id: pulumi.Output[str]
    """Id of the subnet that the API server has its address in."""

    endpoints_subnet_id: pulumi.Output[str]
    """Id of the subnet for private endpoints."""

    def __init__(self, name: str, args: AksNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksNetwork", name, {}, opts)
        self._name, self._args = name, args
        network = azure.network.VirtualNetwork(
            f"{name}-vnet",
            network_args(args),
            # Azure moves no range that is in use: a block elsewhere means another network.
            opts=pulumi.ResourceOptions(
                parent=self,
                # Subnets are resources of their own here; the network would otherwise take them for foreign ones.
                ignore_changes=["subnets"],
                replacement_trigger=args.addresses.nodes,
            ),
        )
        self._network = network.name
        # One after the other: the network takes one change at a time and refuses a second meanwhile.
        nodes = self._subnet("nodes", args.addresses.nodes, nat_gateway=self._nat_gateway())
        api = self._subnet("api", args.addresses.control_plane, delegations=[api_delegation()], after=nodes)
        endpoints = self._subnet("endpoints", args.addresses.private_endpoints, after=api)
        # Nobody else waits for it: the cluster is created meanwhile.
        self.databases = self._databases(after=endpoints) if args.databases else None

        self.network_id = network.id
        self.nodes_subnet_id = nodes.id
        self.api_subnet_id = api.id
        self.endpoints_subnet_id = endpoints.id
        self.register_outputs(
            {
                "network_id": self.network_id,
                "nodes_subnet_id": self.nodes_subnet_id,
                "api_subnet_id": self.api_subnet_id,
                "endpoints_subnet_id": self.endpoints_subnet_id,
            }
        )

    def _nat_gateway(self) -> azure.network.SubResourceArgs:
        place = self._args.place
        # A gateway serves one network, and an address one gateway: another network brings its own.
        child = pulumi.ResourceOptions(parent=self, replacement_trigger=self._args.addresses.nodes)
        address = azure.network.PublicIPAddress(f"{self._name}-egress", address_args(place), opts=child)
        gateway = azure.network.NatGateway(f"{self._name}-nat", nat_gateway_args(place, address.id), opts=child)
        return azure.network.SubResourceArgs(id=gateway.id)

    def _subnet(
        self,
        role: str,
        cidr: str,
        *,
        nat_gateway: azure.network.SubResourceArgs | None = None,
        delegations: list[azure.network.DelegationArgs] | None = None,
        service_endpoints: list[azure.network.ServiceEndpointPropertiesFormatArgs] | None = None,
        after: pulumi.Resource | None = None,
    ) -> azure.network.Subnet:
        return azure.network.Subnet(
            f"{self._name}-{role}",
            azure.network.SubnetInitArgs(
                resource_group_name=self._args.place.resource_group,
                virtual_network_name=self._network,
                subnet_name=role,
                address_prefix=cidr,
                nat_gateway=nat_gateway,
                delegations=delegations,
                service_endpoints=service_endpoints,
                default_outbound_access=False,
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[after] if after else [],
                # In another network its name is free, and here it is in use until the cluster is gone.
                delete_before_replace=False,
            ),
        )

    def _databases(self, after: pulumi.Resource) -> azure.network.Subnet:
        return self._subnet(
            "databases",
            self._args.addresses.databases,
            delegations=[azure.network.DelegationArgs(name="postgresql", service_name=POSTGRES)],
            # Servers keep their log in Azure's storage: the shortest way there, and one that no gateway counts.
            service_endpoints=[azure.network.ServiceEndpointPropertiesFormatArgs(service="Microsoft.Storage")],
            after=after,
        )


def network_args(args: AksNetworkArgs) -> azure.network.VirtualNetworkInitArgs:
    """The network: the ranges of its subnets alone, so that those of pods and services stay outside."""
    addresses = args.addresses
    # That of databases in any case: Azure gives up no range before the subnet in it is gone.
    ranges = [addresses.nodes, addresses.control_plane, addresses.private_endpoints, addresses.databases]
    return azure.network.VirtualNetworkInitArgs(
        resource_group_name=args.place.resource_group,
        location=args.place.location,
        address_space=azure.network.AddressSpaceArgs(address_prefixes=ranges),
        tags=args.place.tags,
    )


def address_args(place: Place) -> azure.network.PublicIPAddressInitArgs:
    """The address that everything in the network is seen under from outside."""
    return azure.network.PublicIPAddressInitArgs(
        resource_group_name=place.resource_group,
        location=place.location,
        public_ip_allocation_method=azure.network.IPAllocationMethod.STATIC,
        public_ip_address_version=azure.network.IPVersion.I_PV4,
        sku=azure.network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
        tags=place.tags,
    )


def nat_gateway_args(place: Place, address: pulumi.Input[str]) -> azure.network.NatGatewayInitArgs:
    """Egress for a subnet, with idle connections given up as early as Azure allows: 64,512 ports are shared."""
    return azure.network.NatGatewayInitArgs(
        resource_group_name=place.resource_group,
        location=place.location,
        sku=azure.network.NatGatewaySkuArgs(name="Standard"),
        public_ip_addresses=[azure.network.SubResourceArgs(id=address)],
        idle_timeout_in_minutes=4,
        tags=place.tags,
    )


def api_delegation() -> azure.network.DelegationArgs:
    """Lets AKS put the API server into a subnet.

    https://learn.microsoft.com/azure/aks/api-server-vnet-integration
    """
    return azure.network.DelegationArgs(name="aks", service_name="Microsoft.ContainerService/managedClusters")
