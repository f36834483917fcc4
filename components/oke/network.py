"""The network of an OKE stack: subnets for the API, nodes, pods and load balancers, and the ways out."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_oci as oci

from components.address_plan import AddressPlan
from components.oke.firewall import OkeFirewall, OkeFirewallArgs

SubnetName = Literal["api", "nodes", "pods", "balancers", "databases"]
"""A subnet, by what lives in it. Also its DNS label, which has 15 letters and digits at most."""

Service = oci.core.outputs.GetServicesServiceResult

LARGEST_BLOCK = 16
"""Prefix length of the largest block that a network may have:
https://docs.oracle.com/en-us/iaas/Content/Network/Tasks/Overview_of_VCNs_and_Subnets.htm"""


@dataclass(frozen=True, kw_only=True)
class OkeNetworkArgs:
    compartment: str
    """OCID of the compartment."""

    cluster: str
    """Name of the cluster, which the network is named after."""

    addresses: AddressPlan
    """Ranges of the subnets."""

    public_api: bool
    """Whether the Kubernetes API answers at a public address."""

    api_clients: Mapping[str, str]
    """Blocks from which the Kubernetes API is reached besides the cluster's own, by a name for the rule."""

    databases: bool
    """Whether databases that Oracle runs live in the network."""


class OkeNetwork(pulumi.ComponentResource):
    """A network of its own, in which nodes and pods have private addresses only."""

    vcn_id: pulumi.Output[str]
    """OCID of the network."""

    def __init__(self, name: str, args: OkeNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeNetwork", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name, self._args, self._child = name, args, child
        services = oci.core.get_services_output(opts=pulumi.InvokeOutputOptions(parent=self))
        everything = services.services.apply(all_services)
        vcn = oci.core.Vcn(
            f"{name}-vcn",
            compartment_id=args.compartment,
            display_name=args.cluster,
            dns_label="groundwork",
            cidr_blocks=vcn_blocks(args.addresses, databases=args.databases),
            opts=child,
        )
        self.vcn_id = vcn.id
        public, private = self._route_tables(everything)
        closed = oci.core.SecurityList(
            f"{name}-closed", compartment_id=args.compartment, vcn_id=vcn.id, display_name="closed", opts=child
        )
        self.subnet_ids: dict[SubnetName, pulumi.Output[str]] = {
            role: self._subnet(role, cidr, public if is_public else private, closed, is_public or role == "api")
            for role, (cidr, is_public) in subnets(
                args.addresses, public_api=args.public_api, databases=args.databases
            ).items()
        }
        self.firewall = OkeFirewall(
            f"{name}-firewall",
            OkeFirewallArgs(
                compartment=args.compartment,
                vcn=vcn.id,
                oracle_services=everything.apply(lambda service: service.cidr_block),
                api_clients=args.api_clients,
                databases=args.databases,
            ),
            child,
        )
        self.register_outputs({"vcn_id": self.vcn_id})

    def _route_tables(self, services: pulumi.Output[Service]) -> tuple[oci.core.RouteTable, oci.core.RouteTable]:
        """To the internet directly; and by way of NAT, with Oracle's services reached inside Oracle's network."""
        core, name, child = oci.core, self._name, self._child
        compartment, vcn = self._args.compartment, self.vcn_id
        internet = core.InternetGateway(
            f"{name}-internet", compartment_id=compartment, vcn_id=vcn, display_name="internet", opts=child
        )
        nat = core.NatGateway(f"{name}-nat", compartment_id=compartment, vcn_id=vcn, display_name="nat", opts=child)
        inside = core.ServiceGateway(
            f"{name}-services",
            core.ServiceGatewayArgs(
                compartment_id=compartment,
                vcn_id=vcn,
                display_name="services",
                services=[core.ServiceGatewayServiceArgs(service_id=services.apply(lambda service: service.id))],
            ),
            opts=child,
        )
        services_route = core.RouteTableRouteRuleArgs(
            network_entity_id=inside.id,
            destination=services.apply(lambda service: service.cidr_block),
            destination_type="SERVICE_CIDR_BLOCK",
        )
        public = core.RouteTable(
            f"{name}-public",
            compartment_id=compartment,
            vcn_id=vcn,
            display_name="public",
            route_rules=[default_route(internet.id)],
            opts=child,
        )
        private = core.RouteTable(
            f"{name}-private",
            compartment_id=compartment,
            vcn_id=vcn,
            display_name="private",
            route_rules=[default_route(nat.id), services_route],
            opts=child,
        )
        return public, private

    def _subnet(
        self, role: SubnetName, cidr: str, routes: oci.core.RouteTable, closed: oci.core.SecurityList, addressable: bool
    ) -> pulumi.Output[str]:
        """A subnet over all availability domains, in which only security groups let anything through."""
        return oci.core.Subnet(
            f"{self._name}-{role}",
            oci.core.SubnetArgs(
                compartment_id=self._args.compartment,
                vcn_id=self.vcn_id,
                display_name=role,
                dns_label=role,
                cidr_block=cidr,
                prohibit_public_ip_on_vnic=not addressable,
                route_table_id=routes.id,
                # The network's own list, which a subnet without one gets, lets SSH in from everywhere.
                security_list_ids=[closed.id],
            ),
            opts=self._child,
        ).id


def all_services(services: Sequence[Service]) -> Service:
    """The one entry that stands for all of Oracle's services of the region, object storage and registry included."""
    return next(service for service in services if service.cidr_block.startswith("all-"))


def default_route(gateway: pulumi.Input[str]) -> oci.core.RouteTableRouteRuleArgs:
    """Everything that no other route takes."""
    return oci.core.RouteTableRouteRuleArgs(
        network_entity_id=gateway, destination="0.0.0.0/0", destination_type="CIDR_BLOCK"
    )


def subnets(addresses: AddressPlan, *, public_api: bool, databases: bool) -> dict[SubnetName, tuple[str, bool]]:
    """The block of each subnet, and whether it is routed to the internet directly.

    The API's subnet may always hold public addresses, and has none unless the API is public: a cluster cannot move to
    another subnet, so that a change of who reaches the API would replace it.
    """
    always: dict[SubnetName, tuple[str, bool]] = {
        "api": (addresses.control_plane, public_api),
        "nodes": (addresses.nodes, False),
        "pods": (pod_block(addresses), False),
        "balancers": (addresses.load_balancers, True),
    }
    return {**always, "databases": (addresses.databases, False)} if databases else always


def vcn_blocks(addresses: AddressPlan, *, databases: bool) -> list[str]:
    """The blocks of the network, five at most. Cluster IPs lie outside of them, as OKE asks for."""
    blocks = [pod_block(addresses), addresses.nodes, addresses.control_plane, addresses.load_balancers]
    return [*blocks, addresses.databases] if databases else blocks


def pod_block(addresses: AddressPlan) -> str:
    """As much of the pods' range as one block of a network can hold."""
    pods = ipaddress.IPv4Network(addresses.pods)
    return str(next(pods.subnets(new_prefix=max(LARGEST_BLOCK, pods.prefixlen))))
