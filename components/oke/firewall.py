"""Who may talk to whom in the network of an OKE stack: network security groups and their rules.

The rules are Oracle's for clusters whose pods have addresses of the network:
https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_oci as oci

Group = Literal["api", "nodes", "pods", "databases"]

GROUPS: tuple[Group, ...] = ("api", "nodes", "pods")
"""Groups of every stack. That of databases is there with them; those of load balancers are the cluster's own."""

ANYWHERE = "0.0.0.0/0"

API_PORT = (6443, 6443)
CONTROL_PLANE_PORT = (12250, 12250)
KUBELET_PORT = (10250, 10250)
POSTGRES_PORT = (5432, 5432)

PROTOCOLS = {"all": "all", "icmp": "1", "tcp": "6"}
"""Protocols by the numbers that the API knows them by."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of traffic that is let through. What answers it is let through too."""

    group: Group
    """Group whose members the rule is for."""

    direction: Literal["INGRESS", "EGRESS"]

    peer: Group | Literal["oracle-services"] | str
    """The other end: a group, Oracle's own services of the region, or a block of addresses."""

    protocol: Literal["all", "icmp", "tcp"] = "all"
    ports: tuple[int, int] | None = None
    """First and last port at the destination; every port, if not given."""


PATH_DISCOVERY = "icmp"
"""ICMP type 3 code 4, fragmentation needed: without it large packets vanish."""

RULES: Mapping[str, Rule] = {
    "api-from-nodes": Rule(group="api", direction="INGRESS", peer="nodes", protocol="tcp", ports=API_PORT),
    "api-from-pods": Rule(group="api", direction="INGRESS", peer="pods", protocol="tcp", ports=API_PORT),
    "control-from-nodes": Rule(
        group="api", direction="INGRESS", peer="nodes", protocol="tcp", ports=CONTROL_PLANE_PORT
    ),
    "control-from-pods": Rule(group="api", direction="INGRESS", peer="pods", protocol="tcp", ports=CONTROL_PLANE_PORT),
    "api-path-from-nodes": Rule(group="api", direction="INGRESS", peer="nodes", protocol=PATH_DISCOVERY),
    "api-to-services": Rule(group="api", direction="EGRESS", peer="oracle-services", protocol="tcp", ports=(443, 443)),
    "api-to-kubelets": Rule(group="api", direction="EGRESS", peer="nodes", protocol="tcp", ports=KUBELET_PORT),
    "api-path-to-nodes": Rule(group="api", direction="EGRESS", peer="nodes", protocol=PATH_DISCOVERY),
    # Admission and conversion webhooks, on whatever port their pods listen: Dapr's injector on 4000, for one.
    "api-to-pods": Rule(group="api", direction="EGRESS", peer="pods"),
    "kubelets-from-api": Rule(group="nodes", direction="INGRESS", peer="api", protocol="tcp", ports=KUBELET_PORT),
    "nodes-from-nodes": Rule(group="nodes", direction="INGRESS", peer="nodes"),
    # Kubelets and exporters on the host network, and node ports of services, are called by pods.
    "nodes-from-pods": Rule(group="nodes", direction="INGRESS", peer="pods"),
    "nodes-path": Rule(group="nodes", direction="INGRESS", peer=ANYWHERE, protocol=PATH_DISCOVERY),
    # To the API, to pods, to Oracle's services and, for images and updates, to the internet by way of NAT.
    "nodes-out": Rule(group="nodes", direction="EGRESS", peer=ANYWHERE),
    "pods-from-api": Rule(group="pods", direction="INGRESS", peer="api"),
    "pods-from-nodes": Rule(group="pods", direction="INGRESS", peer="nodes"),
    "pods-from-pods": Rule(group="pods", direction="INGRESS", peer="pods"),
    # Which pod may call what is for NetworkPolicies to say.
    "pods-out": Rule(group="pods", direction="EGRESS", peer=ANYWHERE),
}
"""Every rule that does not depend on settings, by name. What load balancers need on nodes, the cluster adds itself."""

DATABASE_RULES: Mapping[str, Rule] = {
    "databases-from-pods": Rule(
        group="databases", direction="INGRESS", peer="pods", protocol="tcp", ports=POSTGRES_PORT
    ),
}
"""What is let through to databases that Oracle runs, by name."""


@dataclass(frozen=True, kw_only=True)
class OkeFirewallArgs:
    compartment: str
    """OCID of the compartment."""

    vcn: pulumi.Input[str]
    """OCID of the network."""

    oracle_services: pulumi.Input[str]
    """What stands for the addresses of Oracle's services of the region in rules."""

    api_clients: Mapping[str, str]
    """Blocks from which the Kubernetes API is reached besides the cluster's own, by a name for the rule."""

    databases: bool
    """Whether there are databases that Oracle runs."""


class OkeFirewall(pulumi.ComponentResource):
    """One security group for each kind of member, closed to all that no rule names."""

    def __init__(self, name: str, args: OkeFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeFirewall", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        groups: dict[Group, oci.core.NetworkSecurityGroup] = {
            group: oci.core.NetworkSecurityGroup(
                f"{name}-{group}", compartment_id=args.compartment, vcn_id=args.vcn, display_name=group, opts=child
            )
            for group in group_names(databases=args.databases)
        }
        self.group_ids: dict[Group, pulumi.Output[str]] = {group: resource.id for group, resource in groups.items()}
        everywhere = {**RULES, **api_client_rules(args.api_clients)}
        self.rules = [self._rule(name, rule_name, rule, args) for rule_name, rule in everywhere.items()]
        self.database_rules = [
            self._rule(name, rule_name, rule, args) for rule_name, rule in DATABASE_RULES.items() if args.databases
        ]
        self.register_outputs({})

    def _rule(self, name: str, rule_name: str, rule: Rule, args: OkeFirewallArgs) -> pulumi.Resource:
        return oci.core.NetworkSecurityGroupSecurityRule(
            f"{name}-{rule_name}",
            rule_args(rule_name, rule, self.group_ids, args.oracle_services),
            opts=pulumi.ResourceOptions(parent=self),
        )


def group_names(*, databases: bool) -> tuple[Group, ...]:
    """The groups that a stack has."""
    return (*GROUPS, "databases") if databases else GROUPS


def api_client_rules(clients: Mapping[str, str]) -> dict[str, Rule]:
    """The Kubernetes API has no allow-list of its own: its security group is one."""
    return {
        f"api-from-{client}": Rule(group="api", direction="INGRESS", peer=cidr, protocol="tcp", ports=API_PORT)
        for client, cidr in clients.items()
    }


def rule_args(
    name: str, rule: Rule, groups: Mapping[Group, pulumi.Input[str]], oracle_services: pulumi.Input[str]
) -> oci.core.NetworkSecurityGroupSecurityRuleArgs:
    """The rule as the API takes it."""
    peer, peer_type = peer_of(rule, groups, oracle_services)
    inward = rule.direction == "INGRESS"
    return oci.core.NetworkSecurityGroupSecurityRuleArgs(
        network_security_group_id=groups[rule.group],
        direction=rule.direction,
        protocol=PROTOCOLS[rule.protocol],
        description=name,
        source=peer if inward else None,
        source_type=peer_type if inward else None,
        destination=None if inward else peer,
        destination_type=None if inward else peer_type,
        icmp_options=oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs(type=3, code=4)
        if rule.protocol == PATH_DISCOVERY
        else None,
        tcp_options=tcp_options(rule.ports),
    )


def peer_of(
    rule: Rule, groups: Mapping[Group, pulumi.Input[str]], oracle_services: pulumi.Input[str]
) -> tuple[pulumi.Input[str], str]:
    """The other end of a rule, and what kind of end it is."""
    if rule.peer == "oracle-services":
        return oracle_services, "SERVICE_CIDR_BLOCK"
    for group, identity in groups.items():
        if group == rule.peer:
            return identity, "NETWORK_SECURITY_GROUP"
    return rule.peer, "CIDR_BLOCK"


def tcp_options(ports: tuple[int, int] | None) -> oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs | None:
    """The ports at the destination."""
    if ports is None:
        return None
    first, last = ports
    return oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs(
        destination_port_range=oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs(
            min=first, max=last
        )
    )
