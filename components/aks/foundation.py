"""The foundation of an AKS stack: every contract, delivered in one resource group."""

import pulumi
import pulumi_azure_native as azure

from components.account_move import replaced_on_move
from components.address_plan import plan_addresses
from components.aks.api_access import AksEndpoint, Mode
from components.aks.audit_logs import AksAuditLogs, AksAuditLogsArgs
from components.aks.cluster import AksCluster, AksClusterArgs, AksEncryptionKey, follows_minor_versions
from components.aks.data_encryption import AksDataEncryption, AksDataEncryptionArgs, AksDataKey
from components.aks.dns import dns
from components.aks.encryption import AksEncryption, AksEncryptionArgs
from components.aks.flow_logs import AksFlowLogs, AksFlowLogsArgs
from components.aks.identity import AksClusterIdentity, AksClusterIdentityArgs
from components.aks.network import AksNetwork, AksNetworkArgs
from components.aks.node_pools import AksNodePools, AksNodePoolsArgs, system_pool
from components.aks.postgres import managed_postgres
from components.aks.principals import principals
from components.aks.private_endpoint import ZONES
from components.aks.private_zone import AksPrivateZone, AksPrivateZoneArgs
from components.aks.registry import AksRegistry, AksRegistryArgs
from components.aks.resource_group import AksResourceGroup, AksResourceGroupArgs, Place
from components.aks.secrets import secret_store
from components.aks.site import Site
from components.aks.stores import AksStores
from components.aks.type_aliases import without_versioned_aliases
from components.contracts import Capabilities, Cluster, Demands, Foundation, Registry
from components.naming import physical_name
from stacks.clusters import AKS_SYSTEM_POOL
from stacks.settings import AksStack
from stacks.versions import AKS_KUBERNETES

CAPABILITIES = Capabilities(
    storage_class="managed-csi",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Cilium stands in its place
    cluster_dns="coredns",
    load_balancer_annotations={
        # Azure's longest. After four minutes, its default, streams and long polls without traffic would be cut.
        # Nothing is said of health probes: with `externalTrafficPolicy: Local`, which keeps the client's address, Azure
        # asks the node itself for its pods: https://learn.microsoft.com/azure/aks/load-balancer-standard
        "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "30",
    },
)


class AksFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: AksStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        account = stack.account
        place = f"{account.tenant_id}/{account.subscription_id}"
        self.provider = azure.Provider(
            "azure",
            subscription_id=account.subscription_id,
            tenant_id=account.tenant_id,
            # Replaced too, so that whatever is in the old place is still deleted there.
            opts=pulumi.ResourceOptions(replacement_trigger=place),
        )
        self.opts = pulumi.ResourceOptions(
            providers=[self.provider],
            transformations=[without_versioned_aliases, replaced_on_move({"azure-native:": place})],
        )
        self.addresses = plan_addresses(stack.network.cidr)
        self.tags = {"managed-by": "groundwork", "environment": stack.environment}
        self.group = AksResourceGroup("resource-group", self._resource_group(), self.opts)
        self.place = Place(
            subscription_id=stack.account.subscription_id,
            tenant_id=stack.account.tenant_id,
            location=stack.account.location,
            resource_group=self.group.name,
            tags=self.tags,
        )
        self.network = AksNetwork("network", self._network(), self.opts)
        self.site = self._site()

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        identity = AksClusterIdentity(
            "identity", AksClusterIdentityArgs(place=self.place, network=self.network.network_id), self.opts
        )
        encryption = AksEncryption("encryption", self._encryption(identity), self.opts)
        key = AksDataEncryption("data-encryption", self._data_encryption(), self.opts).key
        AksFlowLogs("flow-logs", self._flow_logs(key), self.opts)
        registry = AksRegistry("registry", self._registry({"nodes": identity.nodes_principal}), self.opts)
        images = [*registry.grants, *self.site.endpoint("images", "registry", registry.registry_id)]
        grants = [*identity.grants, *encryption.grants]
        cluster = AksCluster("cluster", self._cluster(identity, encryption, grants), self.opts)
        AksAuditLogs(
            "audit-logs",
            AksAuditLogsArgs(
                place=self.place, cluster=cluster.cluster_id, retention_days=self.stack.logs.retention_days
            ),
            self.opts,
        )
        pools = AksNodePools("pools", self._node_pools(cluster, images), self.opts)
        stores = AksStores(self.site, cluster.issuer, key)
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=[cluster.control_plane, *pools.pools, *images],
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=stores.logs,
            backups=stores.backups,
            database_backups=stores.database_backups,
            secrets=secret_store(self.site, cluster.issuer),
            dns=dns(self.site, cluster.issuer),
            postgres=managed_postgres(self.site, key),
            principals=principals(self.site, cluster.issuer, self.demands.principals),
            capabilities=CAPABILITIES,
        )

    def _site(self) -> Site:
        def zone(name: str) -> AksPrivateZoneArgs:
            return AksPrivateZoneArgs(place=self.place, zone=name, network=self.network.network_id)

        private = self.stack.network.private_endpoints
        return Site(
            stack=self.stack,
            place=self.place,
            cluster_name=self.cluster_name,
            network=self.network,
            zones={group: AksPrivateZone(f"network-{group}", zone(name), self.opts) for group, name in ZONES.items()}
            if private
            else {},
            opts=self.opts,
        )

    def _resource_group(self) -> AksResourceGroupArgs:
        account = self.stack.account
        return AksResourceGroupArgs(
            subscription_id=account.subscription_id,
            resource_group=self.cluster_name,
            location=account.location,
            tags=self.tags,
            admin_group_ids=account.admin_group_ids,
            protect=self.stack.protect,
        )

    def _network(self) -> AksNetworkArgs:
        return AksNetworkArgs(place=self.place, addresses=self.addresses, databases=self.stack.postgres is not None)

    def _encryption(self, identity: AksClusterIdentity) -> AksEncryptionArgs:
        return AksEncryptionArgs(
            place=self.place,
            vault=self.cluster_name,
            private=self.site.private,
            user=identity.control_plane_principal,
            protect=self.stack.protect,
        )

    def _data_encryption(self) -> AksDataEncryptionArgs:
        return AksDataEncryptionArgs(
            place=self.place,
            vault=("data", self.cluster_name),
            private=self.site.private,
            protect=self.stack.protect,
        )

    def _flow_logs(self, key: AksDataKey) -> AksFlowLogsArgs:
        return AksFlowLogsArgs(
            place=self.place,
            flow_log=self.cluster_name,
            network=self.network.network_id,
            account=self.site.world_name("flows"),
            zone_redundant=self.stack.high_availability,
            retention_days=self.stack.logs.retention_days,
            key=key,
        )

    def _registry(self, readers: dict[str, pulumi.Input[str]]) -> AksRegistryArgs:
        return AksRegistryArgs(
            place=self.place,
            registry=self.site.world_name("images"),
            # Only the premium tier has private endpoints.
            premium=self.stack.high_availability or self.site.private,
            readers=readers,
            pushers=self.stack.registry.pushers,
        )

    def _cluster(
        self, identity: AksClusterIdentity, encryption: AksEncryption, grants: list[azure.authorization.RoleAssignment]
    ) -> AksClusterArgs:
        settings, pools = self.stack.cluster, self.stack.cluster.node_pools
        mode: Mode = "private" if settings.api_access.mode == "private" else "allow-list"
        return AksClusterArgs(
            cluster=self.cluster_name,
            place=self.place,
            addresses=self.addresses,
            endpoint=AksEndpoint(
                mode=mode, allowed_cidrs=settings.api_access.allowed_cidrs, subnet=self.network.api_subnet_id
            ),
            identity=identity,
            encryption=AksEncryptionKey(
                key_uri=encryption.key_uri,
                vault_id=encryption.vault_id,
                private=self.site.private,
            ),
            system_pool=system_pool(
                AKS_SYSTEM_POOL,
                pools[AKS_SYSTEM_POOL],
                alone=len(pools) == 1,
                zones=settings.zones,
                subnet=self.network.nodes_subnet_id,
                kubernetes_version=self._node_version(),
                tags=self.tags,
            ),
            kubernetes_version=AKS_KUBERNETES,
            upgrade_channel=settings.upgrade_channel,
            standard_tier=self.stack.high_availability,
            grants=grants,
            api_grants=self.group.admin_grants,
            protect=self.stack.protect,
        )

    def _node_version(self) -> str | None:
        return None if follows_minor_versions(self.stack.cluster.upgrade_channel) else AKS_KUBERNETES

    def _node_pools(self, cluster: AksCluster, ready: list[pulumi.Resource]) -> AksNodePoolsArgs:
        return AksNodePoolsArgs(
            place=self.place,
            cluster=cluster.name,
            pools={name: pool for name, pool in self.stack.cluster.node_pools.items() if name != AKS_SYSTEM_POOL},
            zones=self.stack.cluster.zones,
            subnet=self.network.nodes_subnet_id,
            kubernetes_version=self._node_version(),
            ready=ready,
        )


def build_foundation(stack: AksStack, demands: Demands) -> Foundation:
    """The foundation of an AKS stack."""
    return AksFoundation(stack, demands).build()
