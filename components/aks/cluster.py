"""The AKS cluster: private nodes, Cilium, encrypted Secrets, and a provider that holds no credential."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

from components.address_plan import AddressPlan
from components.aks.api_access import AksEndpoint, access_command, kubeconfig
from components.aks.identity import AksClusterIdentity
from components.aks.resource_group import Place
from components.aks.upgrades import MAINTENANCE, drifting, maintenance_window


@dataclass(frozen=True, kw_only=True)
class AksEncryptionKey:
    """What Secrets are encrypted with."""

    key_uri: pulumi.Input[str]
    """Address of one version of the key."""

    vault_id: pulumi.Input[str]
    """Id of the vault that the key is in."""

    private: bool
    """Whether the vault is closed to the internet."""

    def profile(self) -> azure.containerservice.AzureKeyVaultKmsArgs:
        """The vault is named only where it is closed: Azure refuses its id beside an open one."""
        access = azure.containerservice.KeyVaultNetworkAccessTypes
        return azure.containerservice.AzureKeyVaultKmsArgs(
            enabled=True,
            key_id=self.key_uri,
            key_vault_network_access=access.PRIVATE if self.private else access.PUBLIC,
            key_vault_resource_id=self.vault_id if self.private else None,
        )


@dataclass(frozen=True, kw_only=True)
class AksClusterArgs:
    cluster: str
    """Name of the cluster."""

    place: Place
    """Where the cluster lies."""

    addresses: AddressPlan
    """Ranges of pods and services."""

    endpoint: AksEndpoint
    """Who reaches the Kubernetes API."""

    identity: AksClusterIdentity
    """Identities of control plane and nodes."""

    encryption: AksEncryptionKey
    """What Secrets are encrypted with."""

    system_pool: azure.containerservice.ManagedClusterAgentPoolProfileArgs
    """The pool that the cluster is created with."""

    kubernetes_version: str
    """Minor version of Kubernetes; the newest patch of it is what a new cluster gets."""

    upgrade_channel: str
    """Channel that upgrades come from."""

    standard_tier: bool
    """Whether the control plane has an SLA, and costs are shown by namespace."""

    grants: Sequence[pulumi.Resource]
    """Grants that creating the cluster or its first pods fails without."""

    api_grants: Sequence[pulumi.Resource]
    """Grants that let administrators, and so this provider, use the Kubernetes API."""

    protect: bool
    """Whether the cluster refuses to be destroyed."""


class AksCluster(pulumi.ComponentResource):
    """A cluster with its system pool, and the provider that reaches its API."""

    name: pulumi.Output[str]
    """Name of the cluster."""

    cluster_id: pulumi.Output[str]
    """Id of the cluster."""

    issuer: pulumi.Output[str]
    """Issuer of the service accounts' tokens, with the slash at its end."""

    access_command: pulumi.Output[str]
    """Command that gives a person's kubectl access."""

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksCluster", name, {}, opts)
        place = args.place
        cluster = control_plane(
            f"{name}-control-plane",
            args,
            pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.grants),
                protect=args.protect,
                ignore_changes=drifting(args.upgrade_channel),
                # Neither nodes nor the API server move to another subnet, which azure-native takes for an update.
                replace_on_changes=["agentPoolProfiles[*].vnetSubnetID", "apiServerAccessProfile.subnetId"],
                # Its name is taken until then.
                delete_before_replace=True,
            ),
        )
        for config in MAINTENANCE:
            azure.containerservice.MaintenanceConfiguration(
                f"{name}-{config}",
                resource_group_name=place.resource_group,
                resource_name_=cluster.name,
                config_name=config,
                maintenance_window=maintenance_window(),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.control_plane = cluster
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            kubeconfig=kubeconfig(place.resource_group, cluster),
            # Unchanged by a new endpoint or CA, unknown while the cluster is replaced: its contents then go with it.
            # docs/decisions/replacing-a-cluster.md says why this and not replace_with.
            cluster_identifier=cluster.id,
            enable_secret_mutable=True,  # else a changed Secret is deleted before the new one is there
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.api_grants), deleted_with=cluster),
        )

        self.name = cluster.name
        self.cluster_id = cluster.id
        self.issuer = cluster.oidc_issuer_profile.apply(lambda issued: issued.issuer_url if issued else "")
        self.access_command = pulumi.Output.from_input(place.resource_group).apply(
            lambda group: access_command(args.cluster, place.subscription_id, group)
        )
        self.register_outputs(
            {
                "name": self.name,
                "cluster_id": self.cluster_id,
                "issuer": self.issuer,
                "access_command": self.access_command,
            }
        )


def control_plane(
    name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions
) -> azure.containerservice.ManagedCluster:
    """The cluster, with no pool but the system pool."""
    service = azure.containerservice
    tiers = service.ManagedClusterSKUTier
    return service.ManagedCluster(
        name,
        resource_group_name=args.place.resource_group,
        resource_name_=args.cluster,
        location=args.place.location,
        tags=args.place.tags,
        dns_prefix=args.cluster,
        kubernetes_version=args.kubernetes_version,
        sku=service.ManagedClusterSKUArgs(
            name=service.ManagedClusterSKUName.BASE, tier=tiers.STANDARD if args.standard_tier else tiers.FREE
        ),
        identity=service.ManagedClusterIdentityArgs(
            type=service.ResourceIdentityType.USER_ASSIGNED,
            user_assigned_identities=[args.identity.control_plane_id],
        ),
        identity_profile={
            "kubeletidentity": service.UserAssignedIdentityArgs(
                resource_id=args.identity.nodes_id,
                client_id=args.identity.nodes_client,
                object_id=args.identity.nodes_principal,
            )
        },
        agent_pool_profiles=[args.system_pool],
        node_resource_group=f"{args.cluster}-nodes",
        node_resource_group_profile=service.ManagedClusterNodeResourceGroupProfileArgs(
            restriction_level=service.RestrictionLevel.READ_ONLY
        ),
        network_profile=network_profile(args.addresses),
        api_server_access_profile=args.endpoint.access_profile(),
        aad_profile=service.ManagedClusterAADProfileArgs(
            managed=True, enable_azure_rbac=True, tenant_id=args.place.tenant_id
        ),
        disable_local_accounts=True,
        enable_rbac=True,
        oidc_issuer_profile=service.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
        security_profile=security_profile(args.encryption),
        auto_upgrade_profile=service.ManagedClusterAutoUpgradeProfileArgs(
            upgrade_channel=args.upgrade_channel, node_os_upgrade_channel=service.NodeOSUpgradeChannel.NODE_IMAGE
        ),
        metrics_profile=service.ManagedClusterMetricsProfileArgs(
            # The free tier refuses it: https://learn.microsoft.com/azure/aks/cost-analysis
            cost_analysis=service.ManagedClusterCostAnalysisArgs(enabled=args.standard_tier)
        ),
        workload_auto_scaler_profile=service.ManagedClusterWorkloadAutoScalerProfileArgs(
            # The platform brings its own KEDA, the same on every cloud.
            keda=service.ManagedClusterWorkloadAutoScalerProfileKedaArgs(enabled=False)
        ),
        opts=opts,
    )


def network_profile(addresses: AddressPlan) -> azure.containerservice.ContainerServiceNetworkProfileArgs:
    """Pods in an overlay, Cilium for routes, services and policies, and egress through the subnet's own NAT gateway."""
    service = azure.containerservice
    return service.ContainerServiceNetworkProfileArgs(
        network_plugin=service.NetworkPlugin.AZURE,
        network_plugin_mode=service.NetworkPluginMode.OVERLAY,
        network_dataplane=service.NetworkDataplane.CILIUM,
        network_policy=service.NetworkPolicy.CILIUM,
        pod_cidr=addresses.pods,
        service_cidr=addresses.services,
        dns_service_ip=str(ipaddress.IPv4Network(addresses.services)[10]),
        load_balancer_sku=service.LoadBalancerSku.STANDARD,
        outbound_type=service.OutboundType.USER_ASSIGNED_NAT_GATEWAY,
    )


def security_profile(encryption: AksEncryptionKey) -> azure.containerservice.ManagedClusterSecurityProfileArgs:
    """Identities for pods, encrypted Secrets, and nodes cleared weekly of images that nothing runs."""
    service = azure.containerservice
    return service.ManagedClusterSecurityProfileArgs(
        workload_identity=service.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
        azure_key_vault_kms=encryption.profile(),
        image_cleaner=service.ManagedClusterSecurityProfileImageCleanerArgs(enabled=True, interval_hours=168),
    )
