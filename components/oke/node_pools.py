"""The node pools of an OKE cluster."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from stacks.clusters import OkeNodePool, Taint
from stacks.versions import OKE_KUBERNETES

EVICTION_GRACE = "PT30M"
"""How long the pods of a node that goes may take to end, budgets for disruption respected."""

START_SCRIPT = """\
#!/bin/bash
curl --fail -H "Authorization: Bearer Oracle" -L0 http://169.254.169.254/opc/v2/instance/metadata/oke_init_script \
| base64 --decode >/var/run/oke-init.sh
bash /var/run/oke-init.sh --kubelet-extra-args "--register-with-taints={taints}"
"""
"""OKE's own start of a node, with one more option. Node pools know labels and no taints:
https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengusingcustomcloudinitscripts.htm"""


@dataclass(frozen=True, kw_only=True)
class OkeNodePoolsArgs:
    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    compartment: str
    """OCID of the nodes' compartment."""

    pools: Mapping[str, OkeNodePool]
    """The pools, by name."""

    availability_domains: Sequence[str]
    """Availability domains that nodes run in."""

    image: str
    """OCID of the node image, built for the cluster's version of Kubernetes."""

    node_subnet: pulumi.Input[str]
    """OCID of the subnet of the nodes."""

    pod_subnet: pulumi.Input[str]
    """OCID of the subnet of the pods."""

    node_group: pulumi.Input[str]
    """OCID of the security group of the nodes."""

    pod_group: pulumi.Input[str]
    """OCID of the security group of the pods."""

    tags: Mapping[str, str]
    """Tags of the pools and of their nodes."""

    ready: Sequence[pulumi.Resource]
    """What nodes need to start: the rules that let them reach the API, and the way out for image pulls."""


class OkeNodePools(pulumi.ComponentResource):
    """Pools whose size the cluster autoscaler owns, and whose nodes are replaced one by one when the pool changes."""

    def __init__(self, name: str, args: OkeNodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeNodePools", name, {}, opts)
        # No `name`: a pool that has to be replaced is created anew, under a new name, before the old one is drained.
        self.pools = {
            pool_name: oci.containerengine.NodePool(
                f"{name}-{pool_name}",
                node_pool_args(args, pool),
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=list(args.ready), ignore_changes=["nodeConfigDetails.size"]
                ),
            )
            for pool_name, pool in args.pools.items()
        }
        self.register_outputs({})


def node_pool_args(args: OkeNodePoolsArgs, pool: OkeNodePool) -> oci.containerengine.NodePoolArgs:
    """One pool. A new image or shape reaches nodes by cycling them; without it only new nodes would have it."""
    engine = oci.containerengine
    return engine.NodePoolArgs(
        cluster_id=args.cluster,
        compartment_id=args.compartment,
        kubernetes_version=OKE_KUBERNETES,
        node_shape=pool.shape,
        node_shape_config=engine.NodePoolNodeShapeConfigArgs(ocpus=pool.ocpus, memory_in_gbs=pool.memory_gib),
        node_source_details=engine.NodePoolNodeSourceDetailsArgs(
            source_type="IMAGE", image_id=args.image, boot_volume_size_in_gbs=str(pool.disk_gib)
        ),
        node_config_details=node_config(args, pool),
        initial_node_labels=[
            engine.NodePoolInitialNodeLabelArgs(key=key, value=value) for key, value in pool.labels.items()
        ],
        node_metadata=node_metadata(pool.taints),
        node_eviction_node_pool_settings=engine.NodePoolNodeEvictionNodePoolSettingsArgs(
            eviction_grace_duration=EVICTION_GRACE, is_force_delete_after_grace_duration=True
        ),
        node_pool_cycling_details=engine.NodePoolNodePoolCyclingDetailsArgs(
            is_node_cycling_enabled=True, maximum_surge="1", maximum_unavailable="0"
        ),
        freeform_tags=args.tags,
    )


def node_config(args: OkeNodePoolsArgs, pool: OkeNodePool) -> oci.containerengine.NodePoolNodeConfigDetailsArgs:
    """Where the nodes and their pods are, and how many there are at first."""
    engine = oci.containerengine
    return engine.NodePoolNodeConfigDetailsArgs(
        size=pool.min_nodes,
        placement_configs=[placement(args, domain, spot=pool.spot) for domain in args.availability_domains],
        nsg_ids=[args.node_group],
        is_pv_encryption_in_transit_enabled=True,
        node_pool_pod_network_option_details=engine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgs(
            cni_type="OCI_VCN_IP_NATIVE", pod_subnet_ids=[args.pod_subnet], pod_nsg_ids=[args.pod_group]
        ),
        freeform_tags=args.tags,
    )


def placement(
    args: OkeNodePoolsArgs, domain: str, *, spot: bool
) -> oci.containerengine.NodePoolNodeConfigDetailsPlacementConfigArgs:
    """One availability domain, over all of its fault domains."""
    engine = oci.containerengine
    preemptible = engine.NodePoolNodeConfigDetailsPlacementConfigPreemptibleNodeConfigArgs(
        preemption_action=engine.NodePoolNodeConfigDetailsPlacementConfigPreemptibleNodeConfigPreemptionActionArgs(
            type="TERMINATE", is_preserve_boot_volume=False
        )
    )
    return engine.NodePoolNodeConfigDetailsPlacementConfigArgs(
        availability_domain=domain,
        subnet_id=args.node_subnet,
        preemptible_node_config=preemptible if spot else None,
    )


def node_metadata(taints: Sequence[Taint]) -> dict[str, str] | None:
    """The start of nodes that register with taints; OKE's own start for all others."""
    if not taints:
        return None
    listed = ",".join(f"{taint.key}={taint.value}:{taint.effect}" for taint in taints)
    return {"user_data": base64.b64encode(START_SCRIPT.format(taints=listed).encode()).decode()}
