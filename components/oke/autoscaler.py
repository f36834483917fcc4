"""What sizes the node pools of an OKE cluster: the cluster autoscaler, as an add-on that OKE keeps up to date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.contracts import ServiceAccount
from components.naming import physical_name
from components.oke.identity import location, workload

AUTOSCALER = ServiceAccount(namespace="kube-system", name="cluster-autoscaler")
"""The service account that the add-on runs as."""

PERMISSIONS = (
    "manage cluster-node-pools",
    "manage instance-family",
    "use subnets",
    "read virtual-network-family",
    "use vnics",
    "inspect compartments",
)
"""What the add-on needs in the compartment:
https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengusingclusterautoscaler_topic-Working_with_Cluster_Autoscaler_as_Cluster_Add-on.htm"""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Between how many nodes a pool is scaled."""

    pool: pulumi.Input[str]
    """OCID of the pool."""

    min_nodes: int
    max_nodes: int


@dataclass(frozen=True, kw_only=True)
class OkeAutoscalerArgs:
    compartment: str
    """OCID of the compartment of the cluster and its nodes."""

    cluster_name: str
    """Name of the cluster."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    limits: Mapping[str, Limits]
    """The pools that are scaled, by name."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeAutoscaler(pulumi.ComponentResource):
    """The add-on, and the policy that lets its pods, and no others, change the node pools."""

    def __init__(self, name: str, args: OkeAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeAutoscaler", name, {}, opts)
        policy = oci.identity.Policy(
            f"{name}-policy",
            compartment_id=args.compartment,
            name=physical_name(args.cluster_name, "autoscaler", limit=100),
            description=f"The cluster autoscaler of {args.cluster_name} sizes its node pools",
            statements=pulumi.Output.from_input(args.cluster).apply(
                lambda cluster: autoscaler_statements(args.compartment, cluster)
            ),
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        oci.containerengine.Addon(
            f"{name}-addon",
            addon_name="ClusterAutoscaler",
            cluster_id=args.cluster,
            remove_addon_resources_on_delete=True,
            configurations=[
                oci.containerengine.AddonConfigurationArgs(key="authType", value="workload"),
                oci.containerengine.AddonConfigurationArgs(key="nodes", value=scaled_pools(list(args.limits.values()))),
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def autoscaler_statements(compartment: str, cluster: str) -> list[str]:
    """What the pods of the add-on may do."""
    who = workload(cluster, AUTOSCALER)
    return [f"Allow any-user to {permission} in {location(compartment)} where {who}" for permission in PERMISSIONS]


def scaled_pools(limits: Sequence[Limits]) -> pulumi.Output[str]:
    """The pools as the add-on lists them: fewest, most and OCID of each."""
    listed = [pulumi.Output.format("{0}:{1}:{2}", one.min_nodes, one.max_nodes, one.pool) for one in limits]
    return pulumi.Output.all(*listed).apply(",".join)
