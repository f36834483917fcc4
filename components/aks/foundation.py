"""The foundation of an AKS stack: every contract, delivered in one resource group."""

import pulumi

from components import retention
from components.aks.api_access import AksEndpoint, Mode
from components.aks.audit_logs import AksAuditLogs, AksAuditLogsArgs
from components.aks.buckets import build_buckets
from components.aks.cluster import AksCluster, AksClusterArgs, AksEncryptionKey
from components.aks.cluster_network import cluster_network
from components.aks.data_encryption import AksDataEncryption, AksDataEncryptionArgs, AksDataKey
from components.aks.dns import build_dns
from components.aks.encryption import AksEncryption, AksEncryptionArgs
from components.aks.flow_logs import AksFlowLogs, AksFlowLogsArgs
from components.aks.identity import AksClusterIdentity, AksClusterIdentityArgs
from components.aks.node_pools import AksNodePools, AksNodePoolsArgs, system_pool
from components.aks.object_store import LOG_CONTAINERS, build_store
from components.aks.people import build_people
from components.aks.postgres import build_postgres
from components.aks.principals import build_identities, build_principals
from components.aks.queues import build_queues
from components.aks.registry import AksRegistry, AksRegistryArgs
from components.aks.secrets import build_secret_store
from components.aks.subscription import AksSubscription
from components.aks.upgrades import follows_minor_versions
from components.contracts import (
    BACKUPS_WRITER,
    LOGS_WRITER,
    Capabilities,
    Cluster,
    Demands,
    Foundation,
    Registry,
)
from stacks.clusters import AKS_SYSTEM_POOL
from stacks.settings import AksStack
from stacks.versions import AKS_KUBERNETES

CAPABILITIES = Capabilities(
    storage_class="managed-csi",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Cilium stands in its place
    metrics_server=True,
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
        self.subscription = AksSubscription(stack)

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        subscription, opts = self.subscription, self.subscription.opts
        identity = AksClusterIdentity("identity", self._identity(), opts)
        encryption = AksEncryption("encryption", self._encryption(identity), opts)
        key = AksDataEncryption("data-encryption", self._data_encryption(), opts).key
        AksFlowLogs("flow-logs", self._flow_logs(key), opts)
        registry = AksRegistry("registry", self._registry({"nodes": identity.nodes_principal}), opts)
        images = [*registry.grants, *subscription.endpoint("images", "registry", registry.registry_id)]
        cluster = AksCluster("cluster", self._cluster(identity, encryption), opts)
        AksAuditLogs("audit-logs", self._audit_logs(cluster), opts)
        build_people(subscription, cluster.cluster_id)
        pools = AksNodePools("pools", self._node_pools(cluster, images), opts)
        issuer, logs_kept = cluster.issuer, retention.of_logs(self.stack.logs.retention_days)
        identities = build_identities(subscription, issuer, self.demands.principals)
        database_writers = {f"-{account.in_one_word}": account for account in self.demands.database_backups}
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=[cluster.control_plane, *pools.pools, *images],
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=build_store("logs", {"": LOGS_WRITER}, logs_kept, subscription, issuer, key, LOG_CONTAINERS),
            backups=build_store("backups", {"": BACKUPS_WRITER}, retention.BACKUPS, subscription, issuer, key),
            database_backups=build_store(
                "database-backups", database_writers, retention.BACKUPS, subscription, issuer, key
            ),
            secrets=build_secret_store(subscription, issuer),
            dns=build_dns(subscription, issuer),
            postgres=build_postgres(subscription, key),
            principals=build_principals(subscription, identities),
            buckets=build_buckets(self.demands.buckets, subscription, identities, key),
            queues=build_queues(self.demands.queues, subscription, identities, key),
            capabilities=CAPABILITIES,
            network=cluster_network(subscription.addresses),
        )

    def _identity(self) -> AksClusterIdentityArgs:
        return AksClusterIdentityArgs(place=self.subscription.place, network=self.subscription.network.network_id)

    def _encryption(self, identity: AksClusterIdentity) -> AksEncryptionArgs:
        return AksEncryptionArgs(
            place=self.subscription.place,
            vault=self.subscription.cluster_name,
            private=self.subscription.private,
            user=identity.control_plane_principal,
            protect=self.stack.protect,
        )

    def _data_encryption(self) -> AksDataEncryptionArgs:
        return AksDataEncryptionArgs(
            place=self.subscription.place,
            vault=("data", self.subscription.cluster_name),
            private=self.subscription.private,
            protect=self.stack.protect,
        )

    def _flow_logs(self, key: AksDataKey) -> AksFlowLogsArgs:
        return AksFlowLogsArgs(
            place=self.subscription.place,
            flow_log=self.subscription.cluster_name,
            network=self.subscription.network.network_id,
            account=self.subscription.global_name("flows"),
            zone_redundant=self.stack.high_availability,
            retention_days=self.stack.logs.retention_days,
            key=key,
        )

    def _registry(self, readers: dict[str, pulumi.Input[str]]) -> AksRegistryArgs:
        return AksRegistryArgs(
            place=self.subscription.place,
            registry=self.subscription.global_name("images"),
            # Only the premium tier has private endpoints.
            premium=self.stack.high_availability or self.subscription.private,
            readers=readers,
            pushers=self.stack.registry.pushers,
        )

    def _cluster(self, identity: AksClusterIdentity, encryption: AksEncryption) -> AksClusterArgs:
        settings, pools = self.stack.cluster, self.stack.cluster.node_pools
        mode: Mode = "private" if settings.api_access.mode == "private" else "allow-list"
        return AksClusterArgs(
            cluster=self.subscription.cluster_name,
            place=self.subscription.place,
            addresses=self.subscription.addresses,
            endpoint=AksEndpoint(
                mode=mode,
                allowed_cidrs=settings.api_access.allowed_cidrs,
                subnet=self.subscription.network.api_subnet_id,
            ),
            identity=identity,
            encryption=AksEncryptionKey(
                key_uri=encryption.key_uri,
                vault_id=encryption.vault_id,
                private=self.subscription.private,
            ),
            system_pool=system_pool(
                AKS_SYSTEM_POOL,
                pools[AKS_SYSTEM_POOL],
                alone=len(pools) == 1,
                zones=settings.zones,
                subnet=self.subscription.network.nodes_subnet_id,
                kubernetes_version=self._node_version(),
                tags=self.subscription.tags,
            ),
            kubernetes_version=AKS_KUBERNETES,
            upgrade_channel=settings.upgrade_channel,
            standard_tier=self.stack.high_availability,
            grants=[*identity.grants, *encryption.grants],
            api_grants=self.subscription.group.admin_grants,
            protect=self.stack.protect,
        )

    def _audit_logs(self, cluster: AksCluster) -> AksAuditLogsArgs:
        return AksAuditLogsArgs(
            place=self.subscription.place, cluster=cluster.cluster_id, retention_days=self.stack.logs.retention_days
        )

    def _node_version(self) -> str | None:
        return None if follows_minor_versions(self.stack.cluster.upgrade_channel) else AKS_KUBERNETES

    def _node_pools(self, cluster: AksCluster, ready: list[pulumi.Resource]) -> AksNodePoolsArgs:
        return AksNodePoolsArgs(
            place=self.subscription.place,
            cluster=cluster.name,
            pools={name: pool for name, pool in self.stack.cluster.node_pools.items() if name != AKS_SYSTEM_POOL},
            zones=self.stack.cluster.zones,
            subnet=self.subscription.network.nodes_subnet_id,
            kubernetes_version=self._node_version(),
            ready=ready,
        )


def build_foundation(stack: AksStack, demands: Demands) -> Foundation:
    """The foundation of an AKS stack."""
    return AksFoundation(stack, demands).build()
