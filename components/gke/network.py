"""The network of a GKE stack: one subnet with ranges for pods and services, egress through NAT, webhook firewall."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.address_plan import AddressPlan

PODS_RANGE = "pods"
SERVICES_RANGE = "services"

WEBHOOK_PORTS = ("4000", "6443", "8080", "8443", "9443", "10250", "19443")
"""Ports that the API server calls webhooks and extensions of its API on. GKE opens 443 and 10250 by itself:
prometheus-operator and cert-manager listen on 10250, Dapr's injector on 4000 and its operator on 19443, KEDA on 6443
and 9443, other operators on the rest."""


@dataclass(frozen=True, kw_only=True)
class GkeNetworkArgs:
    addresses: AddressPlan
    """Ranges of the subnet and of the control plane."""

    region: str
    """Region of the subnet and of its NAT gateway."""

    compute_api: pulumi.Resource
    """The Compute Engine API, switched on."""


class GkeNetwork(pulumi.ComponentResource):
    """A network of its own, in which nodes have private addresses only."""

    network_id: pulumi.Output[str]
    """Id of the network."""

    subnetwork_id: pulumi.Output[str]
    """Id of the subnet that nodes, pods and services take addresses from."""

    def __init__(self, name: str, args: GkeNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeNetwork", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        network = gcp.compute.Network(
            f"{name}-vpc",
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.compute_api]),
        )
        subnetwork = gcp.compute.Subnetwork(f"{name}-subnet", subnetwork_args(network.id, args), opts=child)
        router = gcp.compute.Router(f"{name}-router", network=network.id, region=args.region, opts=child)
        self.nat = gcp.compute.RouterNat(f"{name}-nat", nat_args(router.name, args.region), opts=child)
        gcp.compute.Firewall(f"{name}-webhook-firewall", webhook_firewall_args(network.id, args.addresses), opts=child)

        self.network_id = network.id
        self.subnetwork_id = subnetwork.id
        self.register_outputs({"network_id": self.network_id, "subnetwork_id": self.subnetwork_id})


def subnetwork_args(network_id: pulumi.Input[str], args: GkeNetworkArgs) -> gcp.compute.SubnetworkArgs:
    """The subnet, with flow logs, and Google's own APIs reached without leaving Google's network."""
    ranges = {PODS_RANGE: args.addresses.pods, SERVICES_RANGE: args.addresses.services}
    return gcp.compute.SubnetworkArgs(
        network=network_id,
        region=args.region,
        ip_cidr_range=args.addresses.nodes,
        secondary_ip_ranges=[
            gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=range_name, ip_cidr_range=cidr)
            for range_name, cidr in ranges.items()
        ],
        private_ip_google_access=True,
        log_config=gcp.compute.SubnetworkLogConfigArgs(
            aggregation_interval="INTERVAL_10_MIN", flow_sampling=0.5, metadata="INCLUDE_ALL_METADATA"
        ),
    )


def nat_args(router: pulumi.Input[str], region: str) -> gcp.compute.RouterNatArgs:
    """Egress for every address of the region, with as many ports a node as it needs.

    Dynamic port allocation excludes endpoint-independent mapping:
    https://cloud.google.com/nat/docs/ports-and-addresses#dynamic-port
    """
    return gcp.compute.RouterNatArgs(
        router=router,
        region=region,
        nat_ip_allocate_option="AUTO_ONLY",
        source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
        enable_dynamic_port_allocation=True,
        enable_endpoint_independent_mapping=False,
        min_ports_per_vm=64,
        max_ports_per_vm=4096,
        log_config=gcp.compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
    )


def webhook_firewall_args(network_id: pulumi.Input[str], addresses: AddressPlan) -> gcp.compute.FirewallArgs:
    """Lets the control plane call the webhooks that pods serve."""
    return gcp.compute.FirewallArgs(
        network=network_id,
        direction="INGRESS",
        source_ranges=[addresses.control_plane],
        allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=list(WEBHOOK_PORTS))],
        description="Admission and conversion webhooks, called by the control plane",
    )
