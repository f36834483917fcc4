"""The GKE cluster: private nodes, Dataplane V2, encrypted Secrets, and a provider that holds no credential."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from components.gke.api_access import GkeEndpoints, access_command, kubeconfig
from components.gke.network import PODS_RANGE, SERVICES_RANGE
from stacks.versions import GKE_KUBERNETES


@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs:
    cluster: str
    """Name of the cluster."""

    project: str
    """Project of the cluster."""

    region: str
    """Region of the control plane, which is replicated over its zones."""

    zones: tuple[str, ...]
    """Zones that nodes run in."""

    network: pulumi.Input[str]
    """Id of the network."""

    subnetwork: pulumi.Input[str]
    """Id of the subnet that nodes, pods and services take addresses from."""

    endpoints: GkeEndpoints
    """Who reaches the Kubernetes API."""

    release_channel: str
    """Channel that upgrades come from."""

    node_service_account: pulumi.Input[str]
    """E-mail address of the service account that nodes run as."""

    encryption_key: pulumi.Input[str]
    """Id of the key that Secrets are encrypted with."""

    encryption_grant: pulumi.Resource
    """The grant that lets Kubernetes Engine use the key: creating the cluster fails without it."""

    security_group: str | None = None
    """Address of the group whose members' members the cluster's rules may name; none where they name no group."""

    protect: bool
    """Whether the cluster refuses to be destroyed."""


class GkeCluster(pulumi.ComponentResource):
    """A regional cluster without nodes, and the provider that reaches its API."""

    name: pulumi.Output[str]
    """Name of the cluster."""

    cluster_id: pulumi.Output[str]
    """Id of the cluster, which node pools are created in."""

    access_command: pulumi.Output[str]
    """Command that gives a person's kubectl access."""

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeCluster", name, {}, opts)
        cluster = gcp.container.Cluster(
            f"{name}-control-plane",
            cluster_args(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.encryption_grant],
                protect=args.protect,
                # The first pool is thrown away at creation; what the API then says of it is no change of ours.
                ignore_changes=["initial_node_count", "node_config"],
            ),
        )
        self.control_plane = cluster
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            kubeconfig=kubeconfig(cluster, args.endpoints.mode),
            # Unchanged by a new endpoint or CA, unknown while the cluster is replaced: its contents then go with it.
            # docs/decisions/replacing-a-cluster.md says why this and not replace_with.
            cluster_identifier=cluster.id,
            enable_secret_mutable=True,  # else a changed Secret is deleted before the new one is there
            opts=pulumi.ResourceOptions(parent=self, deleted_with=cluster),
        )

        self.name = cluster.name
        self.cluster_id = cluster.id
        self.access_command = pulumi.Output.from_input(
            access_command(args.cluster, args.project, args.region, args.endpoints.mode)
        )
        self.register_outputs({"name": self.name, "cluster_id": self.cluster_id, "access_command": self.access_command})


def cluster_args(args: GkeClusterArgs) -> gcp.container.ClusterArgs:
    """The cluster, without its node pools."""
    container = gcp.container
    return container.ClusterArgs(
        name=args.cluster,
        location=args.region,
        node_locations=list(args.zones),
        min_master_version=GKE_KUBERNETES,
        release_channel=container.ClusterReleaseChannelArgs(channel=args.release_channel),
        maintenance_policy=maintenance_policy(),
        network=args.network,
        subnetwork=args.subnetwork,
        networking_mode="VPC_NATIVE",
        datapath_provider="ADVANCED_DATAPATH",
        ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(
            cluster_secondary_range_name=PODS_RANGE, services_secondary_range_name=SERVICES_RANGE
        ),
        private_cluster_config=args.endpoints.private_cluster_config(),
        control_plane_endpoints_config=args.endpoints.control_plane_endpoints_config(),
        master_authorized_networks_config=args.endpoints.authorized_networks_config(),
        workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(
            workload_pool=f"{args.project}.svc.id.goog"
        ),
        database_encryption=container.ClusterDatabaseEncryptionArgs(state="ENCRYPTED", key_name=args.encryption_key),
        logging_config=container.ClusterLoggingConfigArgs(enable_components=["SYSTEM_COMPONENTS", "APISERVER"]),
        monitoring_config=monitoring_config(),
        cost_management_config=container.ClusterCostManagementConfigArgs(enabled=True),
        security_posture_config=container.ClusterSecurityPostureConfigArgs(mode="BASIC"),
        authenticator_groups_config=(
            container.ClusterAuthenticatorGroupsConfigArgs(security_group=args.security_group)
            if args.security_group
            else None
        ),
        rbac_binding_config=container.ClusterRbacBindingConfigArgs(
            enable_insecure_binding_system_authenticated=False,
            enable_insecure_binding_system_unauthenticated=False,
        ),
        remove_default_node_pool=True,
        initial_node_count=1,
        # Without it the pool that is thrown away would run as the project's default account, which policies forbid.
        node_config=container.ClusterNodeConfigArgs(service_account=args.node_service_account),
        deletion_protection=args.protect,
    )


def maintenance_policy() -> gcp.container.ClusterMaintenancePolicyArgs:
    """Upgrades at weekends, from 02:00 to 08:00 UTC: GKE asks for 48 hours in any 32 days."""
    return gcp.container.ClusterMaintenancePolicyArgs(
        recurring_window=gcp.container.ClusterMaintenancePolicyRecurringWindowArgs(
            start_time="2026-01-03T02:00:00Z", end_time="2026-01-03T08:00:00Z", recurrence="FREQ=WEEKLY;BYDAY=SA,SU"
        )
    )


def monitoring_config() -> gcp.container.ClusterMonitoringConfigArgs:
    """Google's own view of the control plane; what runs on the nodes is for the platform's Prometheus."""
    return gcp.container.ClusterMonitoringConfigArgs(
        enable_components=["SYSTEM_COMPONENTS"],
        managed_prometheus=gcp.container.ClusterMonitoringConfigManagedPrometheusArgs(enabled=False),
    )
