"""The foundation of an AKS stack: every contract, delivered in one resource group."""

import pulumi
import pulumi_azure_native as azure

from components import retention
from components.address_plan import plan_addresses
from components.aks.api_access import AksEndpoint, Mode
from components.aks.audit_logs import AksAuditLogs, AksAuditLogsArgs
from components.aks.cluster import AksCluster, AksClusterArgs, AksEncryptionKey, follows_minor_versions
from components.aks.encryption import AksEncryption, AksEncryptionArgs
from components.aks.identity import (
    CLIENT_ID,
    USE,
    AksClusterIdentity,
    AksClusterIdentityArgs,
    AksWorkloadIdentity,
    AksWorkloadIdentityArgs,
)
from components.aks.network import AksNetwork, AksNetworkArgs
from components.aks.node_pools import AksNodePools, AksNodePoolsArgs, system_pool
from components.aks.object_store import AksObjectStore, AksObjectStoreArgs
from components.aks.private_endpoint import AksBlobEndpoint, AksBlobEndpointArgs
from components.aks.registry import AksRegistry, AksRegistryArgs
from components.aks.resource_group import AksResourceGroup, AksResourceGroupArgs, Place
from components.contracts import (
    BACKUPS_WRITER,
    LOGS_WRITER,
    Capabilities,
    Cluster,
    Demands,
    Foundation,
    ObjectStore,
    Registry,
    ServiceAccount,
    WorkloadIdentity,
)
from components.naming import compact_name, physical_name
from components.retention import Retention
from components.versions import AKS_KUBERNETES
from stacks.clusters import AKS_SYSTEM_POOL
from stacks.settings import AksStack

CHUNKS, RULER, BACKUPS = "chunks", "ruler", "backups"

CAPABILITIES = Capabilities(
    storage_class="managed-csi",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Cilium stands in its place
    cluster_dns="coredns",
)


class AksFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: AksStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.provider = azure.Provider(
            "azure", subscription_id=stack.account.subscription_id, tenant_id=stack.account.tenant_id
        )
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
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

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        identity = AksClusterIdentity(
            "identity", AksClusterIdentityArgs(place=self.place, network=self.network.network_id), self.opts
        )
        encryption = AksEncryption("encryption", self._encryption(identity), self.opts)
        registry = AksRegistry("registry", self._registry({"nodes": identity.nodes_principal}), self.opts)
        grants = [*identity.grants, *encryption.grants]
        cluster = AksCluster("cluster", self._cluster(identity, encryption, grants), self.opts)
        AksAuditLogs(
            "audit-logs",
            AksAuditLogsArgs(
                place=self.place, cluster=cluster.cluster_id, retention_days=self.stack.logs.retention_days
            ),
            self.opts,
        )
        pools = AksNodePools("pools", self._node_pools(cluster, registry.grants), self.opts)
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=[cluster.control_plane, *pools.pools, *registry.grants],
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=self._store(
                "logs", (CHUNKS, RULER), LOGS_WRITER, cluster, retention.of_logs(self.stack.logs.retention_days)
            ),
            backups=self._store("backups", (BACKUPS,), BACKUPS_WRITER, cluster, retention.BACKUPS),
            capabilities=CAPABILITIES,
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
        return AksNetworkArgs(
            place=self.place, addresses=self.addresses, private_endpoints=self.stack.network.private_endpoints
        )

    def _encryption(self, identity: AksClusterIdentity) -> AksEncryptionArgs:
        return AksEncryptionArgs(
            place=self.place,
            vault=self.cluster_name,
            private=self.stack.network.private_endpoints,
            user=identity.control_plane_principal,
            protect=self.stack.protect,
        )

    def _registry(self, readers: dict[str, pulumi.Input[str]]) -> AksRegistryArgs:
        return AksRegistryArgs(
            place=self.place,
            registry=self._world_name("images"),
            premium=self.stack.high_availability,
            readers=readers,
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
                private=self.stack.network.private_endpoints,
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

    def _node_pools(self, cluster: AksCluster, ready: list[azure.authorization.RoleAssignment]) -> AksNodePoolsArgs:
        return AksNodePoolsArgs(
            place=self.place,
            cluster=cluster.name,
            pools={name: pool for name, pool in self.stack.cluster.node_pools.items() if name != AKS_SYSTEM_POOL},
            zones=self.stack.cluster.zones,
            subnet=self.network.nodes_subnet_id,
            kubernetes_version=self._node_version(),
            ready=ready,
        )

    def _store(
        self,
        name: str,
        containers: tuple[str, ...],
        writer: ServiceAccount,
        cluster: AksCluster,
        kept: Retention,
    ) -> ObjectStore:
        account = self._world_name(name)
        identity = AksWorkloadIdentity(
            f"{name}-writer",
            AksWorkloadIdentityArgs(place=self.place, service_account=writer, issuer=cluster.issuer),
            self.opts,
        )
        store = AksObjectStore(
            name,
            AksObjectStoreArgs(
                place=self.place,
                account=account,
                containers=containers,
                zone_redundant=self.stack.high_availability,
                public=not self.stack.network.private_endpoints,
                expire_days=kept.expire_days,
                noncurrent_days=kept.noncurrent_days,
                protect=self.stack.protect,
                writer=identity.principal_id,
            ),
            self.opts,
        )
        return ObjectStore(
            bucket=f"{account}/{containers[0]}",
            kind="azure",
            loki_storage={
                "type": "azure",
                "bucketNames": {"chunks": containers[0], "ruler": containers[-1]},
                "azure": {"accountName": account, "useFederatedToken": True},
            },
            identity=WorkloadIdentity(
                service_account=writer,
                annotations={CLIENT_ID: identity.client_id},
                pod_labels={USE: "true"},
                grants=[identity.credential, *store.grants, *self._endpoint(name, store)],
            ),
        )

    def _endpoint(self, name: str, store: AksObjectStore) -> list[pulumi.Resource]:
        """What the store's users wait for besides, where it is closed to the internet."""
        zone = self.network.blob_zone
        if zone is None:
            return []
        args = AksBlobEndpointArgs(
            place=self.place,
            account=store.account_id,
            subnet=self.network.endpoints_subnet_id,
            zone=zone.zone_id,
            link=zone.link,
        )
        return [AksBlobEndpoint(f"{name}-blob", args, self.opts).record]

    def _world_name(self, purpose: str) -> str:
        account = self.stack.account
        return compact_name(purpose, self.cluster_name, owner=account.subscription_id)


def build_foundation(stack: AksStack, demands: Demands) -> Foundation:
    """The foundation of an AKS stack."""
    return AksFoundation(stack, demands).build()
