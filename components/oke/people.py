"""The groups of people that may reach the Kubernetes API of an OKE stack. What they may do there is the platform's."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.naming import physical_name
from components.oke.identity import location
from components.oke.tenancy import OkeTenancy


@dataclass(frozen=True, kw_only=True)
class OkePeopleArgs:
    compartment: str
    """OCID of the compartment of the cluster."""

    cluster_name: str
    """Name of the cluster, which the policy is named after."""

    groups: Sequence[str]
    """OCIDs of the groups."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkePeople(pulumi.ComponentResource):
    """Lets groups get as far as the cluster's own rules."""

    def __init__(self, name: str, args: OkePeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkePeople", name, {}, opts)
        oci.identity.Policy(
            f"{name}-policy",
            compartment_id=args.compartment,
            name=physical_name(args.cluster_name, "people", limit=100),
            description=f"Groups that use {args.cluster_name}",
            statements=[use_statement(args.compartment, group) for group in args.groups],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        self.register_outputs({})


def use_statement(compartment: str, group: str) -> str:
    """What lets a group connect to the clusters of the compartment.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutaccesscontrol.htm
    """
    return f"Allow group id {group} to use clusters in {location(compartment)}"


def build_people(tenancy: OkeTenancy) -> None:
    """Registers the policy of the groups that the stack names, if it names any."""
    groups = tenancy.stack.access.groups
    if groups:
        args = OkePeopleArgs(
            compartment=tenancy.compartment, cluster_name=tenancy.cluster_name, groups=groups, home=tenancy.home
        )
        OkePeople("people", args, tenancy.opts)
