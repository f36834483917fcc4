"""The node pools of an AKS cluster: the system pool that it is created with, and the pools beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from stacks.clusters import AksNodePool

SYSTEM_ONLY = "CriticalAddonsOnly=true:NoSchedule"
"""Keeps all but the cluster's own pods off: https://learn.microsoft.com/azure/aks/use-system-pools"""

SPOT_ONLY = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
"""What AKS puts on spot nodes, said here too so that the pool reads back as it was written:
https://learn.microsoft.com/azure/aks/spot-node-pool"""

FIXED = ("availabilityZones", "osDiskSizeGB", "scaleSetPriority", "vnetSubnetID")
"""What AKS changes in no pool that exists, and azure-native takes for an update."""

DRAIN_MINUTES = 30
"""How long an upgrade waits for the pods of a node to move."""


@dataclass(frozen=True, kw_only=True)
class AksNodePoolsArgs:
    place: Place
    """Where the cluster lies."""

    cluster: pulumi.Input[str]
    """Name of the cluster."""

    pools: Mapping[str, AksNodePool]
    """The pools beside the system pool, by name."""

    zones: tuple[str, ...]
    """Zones that nodes run in."""

    subnet: pulumi.Input[str]
    """Id of the subnet that nodes take addresses from."""

    kubernetes_version: str | None
    """Version of the nodes; that of the cluster at their creation if not given."""

    ready: Sequence[pulumi.Resource]
    """What nodes need to start: the grants of their identity."""


class AksNodePools(pulumi.ComponentResource):
    """Pools of shielded nodes that scale between limits and are upgraded with surge."""

    def __init__(self, name: str, args: AksNodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksNodePools", name, {}, opts)
        self.pools = [
            node_pool(
                f"{name}-{pool_name}",
                args,
                pool_name,
                pool,
                pulumi.ResourceOptions(
                    parent=self,
                    depends_on=list(args.ready),
                    ignore_changes=["count"],
                    replace_on_changes=list(FIXED),
                    # Its name is taken until then.
                    delete_before_replace=True,
                ),
            )
            for pool_name, pool in args.pools.items()
        ]
        self.register_outputs({})


def node_pool(
    name: str, args: AksNodePoolsArgs, pool_name: str, pool: AksNodePool, opts: pulumi.ResourceOptions
) -> azure.containerservice.AgentPool:
    """One pool beside the system pool. The autoscaler, not the program, owns the number of nodes."""
    service = azure.containerservice
    return service.AgentPool(
        name,
        resource_group_name=args.place.resource_group,
        resource_name_=args.cluster,
        agent_pool_name=pool_name,
        mode=service.AgentPoolMode.USER,
        type=service.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
        orchestrator_version=args.kubernetes_version,
        vm_size=pool.vm_size,
        availability_zones=list(args.zones),
        vnet_subnet_id=args.subnet,
        count=max(pool.min_nodes, 1),
        enable_auto_scaling=True,
        min_count=pool.min_nodes,
        max_count=pool.max_nodes,
        os_type=service.OSType.LINUX,
        os_sku=service.OSSKU.AZURE_LINUX,
        os_disk_type=service.OSDiskType.MANAGED,
        os_disk_size_gb=pool.disk_gib,
        node_labels=dict(pool.labels),
        node_taints=taints(pool),
        scale_set_priority=service.ScaleSetPriority.SPOT if pool.spot else service.ScaleSetPriority.REGULAR,
        scale_set_eviction_policy=service.ScaleSetEvictionPolicy.DELETE if pool.spot else None,
        # Up to the regular price: a pool is taken back for want of capacity only.
        spot_max_price=-1 if pool.spot else None,
        security_profile=shielded(),
        # AKS refuses surge on spot pools: their nodes are replaced as they are taken back.
        upgrade_settings=None if pool.spot else surge(),
        tags=args.place.tags,
        opts=opts,
    )


def system_pool(
    name: str,
    pool: AksNodePool,
    *,
    alone: bool,
    zones: Sequence[str],
    subnet: pulumi.Input[str],
    kubernetes_version: str | None,
    tags: Mapping[str, str],
) -> azure.containerservice.ManagedClusterAgentPoolProfileArgs:
    """The pool that a cluster cannot be created without. Where there are others, it keeps all but system pods off."""
    service = azure.containerservice
    return service.ManagedClusterAgentPoolProfileArgs(
        name=name,
        mode=service.AgentPoolMode.SYSTEM,
        type=service.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
        orchestrator_version=kubernetes_version,
        vm_size=pool.vm_size,
        availability_zones=list(zones),
        vnet_subnet_id=subnet,
        count=pool.min_nodes,
        enable_auto_scaling=True,
        min_count=pool.min_nodes,
        max_count=pool.max_nodes,
        os_type=service.OSType.LINUX,
        os_sku=service.OSSKU.AZURE_LINUX,
        os_disk_type=service.OSDiskType.MANAGED,
        os_disk_size_gb=pool.disk_gib,
        node_labels=dict(pool.labels),
        node_taints=[*taints(pool), *([] if alone else [SYSTEM_ONLY])],
        security_profile=shielded(),
        upgrade_settings=surge(),
        tags=tags,
    )


def taints(pool: AksNodePool) -> list[str]:
    """Taints of a pool, as AKS spells them."""
    own = [f"{taint.key}={taint.value}:{taint.effect}" for taint in pool.taints]
    return [*own, *([SPOT_ONLY] if pool.spot else [])]


def shielded() -> azure.containerservice.AgentPoolSecurityProfileArgs:
    """Measured boot, and no way into a node by SSH."""
    return azure.containerservice.AgentPoolSecurityProfileArgs(
        enable_secure_boot=True, enable_vtpm=True, ssh_access=azure.containerservice.AgentPoolSSHAccess.DISABLED
    )


def surge() -> azure.containerservice.AgentPoolUpgradeSettingsArgs:
    """Upgrades bring one new node before they drain an old one, and wait for disruption budgets."""
    return azure.containerservice.AgentPoolUpgradeSettingsArgs(
        max_surge="1", drain_timeout_in_minutes=DRAIN_MINUTES, undrainable_node_behavior="Cordon"
    )
