"""Load balancers that an OKE cluster makes for its services, and what lets it guard them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.naming import physical_name
from components.oke.identity import location

ANNOTATIONS: Mapping[str, str] = {
    # A network load balancer hands packets through with the client's address; the service needs the traffic policy
    # Local for it.
    "oci.oraclecloud.com/load-balancer-type": "nlb",
    "oci-network-load-balancer.oraclecloud.com/is-preserve-source": "true",
    # By default the cluster writes into the security lists of subnets, which then differ from the program's.
    "oci.oraclecloud.com/security-rule-management-mode": "NSG",
    # Milliseconds: a node without a pod of the service is out after ten seconds or so.
    "oci-network-load-balancer.oraclecloud.com/health-check-interval": "5000",
    "oci-network-load-balancer.oraclecloud.com/health-check-timeout": "3000",
    "oci-network-load-balancer.oraclecloud.com/health-check-retries": "2",
}
"""What a Service of type LoadBalancer that faces the internet is annotated with:
https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md"""

NETWORK_PERMISSIONS = ("VCN_READ", "VCN_ATTACH", "VCN_DETACH")
"""What making and deleting a security group asks of its network:
https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/corepolicyreference.htm"""


@dataclass(frozen=True, kw_only=True)
class OkeLoadBalancersArgs:
    compartment: str
    """OCID of the compartment of the cluster and its network."""

    cluster_name: str
    """Name of the cluster, which the policy is named after."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeLoadBalancers(pulumi.ComponentResource):
    """The policy that lets the cluster make a security group for each of its load balancers, and open nodes to them."""

    def __init__(self, name: str, args: OkeLoadBalancersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeLoadBalancers", name, {}, opts)
        oci.identity.Policy(
            f"{name}-policy",
            compartment_id=args.compartment,
            name=physical_name(args.cluster_name, "load-balancers", limit=100),
            description=f"{args.cluster_name} guards its load balancers",
            statements=pulumi.Output.from_input(args.cluster).apply(
                lambda cluster: balancer_statements(args.compartment, cluster)
            ),
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        self.register_outputs({})


def balancer_statements(compartment: str, cluster: str) -> list[str]:
    """What the cluster itself, which is a principal too, may do in the compartment.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengconfiguringloadbalancersnetworkloadbalancers-subtopic.htm
    """
    itself = f"request.principal.type = 'cluster', request.principal.id = '{cluster}'"
    permitted = ", ".join(f"request.permission = '{permission}'" for permission in NETWORK_PERMISSIONS)
    return [
        f"Allow any-user to manage network-security-groups in {location(compartment)} where ALL {{{itself}}}",
        f"Allow any-user to manage vcns in {location(compartment)} where ALL {{{itself}, ANY {{{permitted}}}}}",
    ]
