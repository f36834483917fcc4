"""The node pools of a GKE cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from stacks.clusters import GkeNodePool


@dataclass(frozen=True, kw_only=True)
class GkeNodePoolsArgs:
    cluster: pulumi.Input[str]
    """Id of the cluster."""

    pools: Mapping[str, GkeNodePool]
    """The pools, by name."""

    service_account: pulumi.Input[str]
    """E-mail address of the service account that nodes run as."""

    ready: Sequence[pulumi.Resource]
    """What nodes need to start: the way out for image pulls, and the service account's grants."""


class GkeNodePools(pulumi.ComponentResource):
    """Pools of shielded nodes that scale between limits and are upgraded without falling below their number."""

    def __init__(self, name: str, args: GkeNodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeNodePools", name, {}, opts)
        # No `name`: a pool that has to be replaced is created anew, under a new name, before the old one is drained.
        self.pools = [
            gcp.container.NodePool(
                f"{name}-{pool_name}",
                node_pool_args(args, pool),
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=list(args.ready), ignore_changes=["initial_node_count"]
                ),
            )
            for pool_name, pool in args.pools.items()
        ]
        self.register_outputs({})


def node_pool_args(args: GkeNodePoolsArgs, pool: GkeNodePool) -> gcp.container.NodePoolArgs:
    """One pool. The autoscaler, not the program, owns the number of nodes."""
    container = gcp.container
    return container.NodePoolArgs(
        cluster=args.cluster,
        initial_node_count=1,
        autoscaling=container.NodePoolAutoscalingArgs(
            total_min_node_count=pool.min_nodes,
            total_max_node_count=pool.max_nodes,
            location_policy="ANY" if pool.spot else "BALANCED",
        ),
        management=container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
        upgrade_settings=upgrade_settings(pool),
        node_drain_configs=[container.NodePoolNodeDrainConfigArgs(respect_pdb_during_node_pool_deletion=True)],
        node_config=node_config(args.service_account, pool),
    )


def upgrade_settings(pool: GkeNodePool) -> gcp.container.NodePoolUpgradeSettingsArgs:
    """How nodes are upgraded, never below the number that is there."""
    container = gcp.container
    if pool.upgrades == "surge":
        return container.NodePoolUpgradeSettingsArgs(strategy="SURGE", max_surge=1, max_unavailable=0)
    return container.NodePoolUpgradeSettingsArgs(
        strategy="BLUE_GREEN",
        blue_green_settings=container.NodePoolUpgradeSettingsBlueGreenSettingsArgs(
            standard_rollout_policy=container.NodePoolUpgradeSettingsBlueGreenSettingsStandardRolloutPolicyArgs(
                batch_percentage=0.34, batch_soak_duration="60s"
            ),
            node_pool_soak_duration="3600s",
        ),
    )


def node_config(service_account: pulumi.Input[str], pool: GkeNodePool) -> gcp.container.NodePoolNodeConfigArgs:
    """What each node is: hardened, with the metadata server that gives pods their own identity."""
    container = gcp.container
    return container.NodePoolNodeConfigArgs(
        machine_type=pool.machine_type,
        disk_size_gb=pool.disk_gib,
        disk_type="pd-balanced",
        image_type="COS_CONTAINERD",
        spot=pool.spot,
        service_account=service_account,
        oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
        labels=dict(pool.labels),
        taints=[
            container.NodePoolNodeConfigTaintArgs(key=taint.key, value=taint.value, effect=GKE_EFFECTS[taint.effect])
            for taint in pool.taints
        ],
        metadata={"disable-legacy-endpoints": "true"},
        shielded_instance_config=container.NodePoolNodeConfigShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
        workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
        kubelet_config=container.NodePoolNodeConfigKubeletConfigArgs(insecure_kubelet_readonly_port_enabled="FALSE"),
    )


GKE_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
"""Effects of a taint, from Kubernetes' spelling to the GKE API's."""
