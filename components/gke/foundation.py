"""The foundation of a GKE stack: every contract, delivered in one project."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components import retention
from components.address_plan import plan_addresses
from components.contracts import (
    BACKUPS_WRITER,
    DATABASE_BACKUPS_WRITER,
    LOGS_WRITER,
    Capabilities,
    Cluster,
    Demands,
    Foundation,
    ManagedPostgres,
    ObjectStore,
    Registry,
    ServiceAccount,
    WorkloadIdentity,
)
from components.gke import contracts
from components.gke.api_access import GkeEndpoints
from components.gke.apis import APIS, POSTGRES_APIS, GkeApis, GkeApisArgs
from components.gke.cluster import GkeCluster, GkeClusterArgs
from components.gke.dns import GkeDns, GkeDnsArgs
from components.gke.encryption import GkeKey, GkeKeyArgs, GkeKeyRing, GkeKeyRingArgs
from components.gke.identity import GkeNodeIdentity, GkeNodeIdentityArgs, GkeWorkloadPool
from components.gke.network import GkeNetwork, GkeNetworkArgs
from components.gke.node_pools import GkeNodePools, GkeNodePoolsArgs
from components.gke.object_store import GkeObjectStore, GkeObjectStoreArgs
from components.gke.postgres import GkePostgresServer, GkePostgresServerArgs
from components.gke.private_services import GkePrivateServices, GkePrivateServicesArgs
from components.gke.registry import GkeRegistry, GkeRegistryArgs
from components.gke.secrets import GkeSecrets, GkeSecretsArgs
from components.naming import physical_name
from components.retention import Retention
from stacks.databases import GkePostgres
from stacks.settings import GkeStack

CAPABILITIES = Capabilities(
    storage_class="standard-rwo",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Dataplane V2 runs none
    cluster_dns="kube-dns",
    # A load balancer that passes packets on as they are, of the kind that Google recommends:
    # https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer
    load_balancer_annotations={"cloud.google.com/l4-rbs": "enabled"},
)


class GkeFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: GkeStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        self.project, self.region = stack.account.project, stack.account.region
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.labels = {"managed-by": "groundwork", "environment": stack.environment}
        self.provider = gcp.Provider("gcp", project=self.project, region=self.region, default_labels=self.labels)
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
        self.addresses = plan_addresses(stack.network.cidr)
        self.apis = GkeApis("apis", GkeApisArgs(apis=APIS + (POSTGRES_APIS if stack.postgres else ())), self.opts)
        self.ring = GkeKeyRing("encryption", self._key_ring(), self.opts)

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        nodes = GkeNodeIdentity("nodes", self._node_identity(), self.opts)
        network = GkeNetwork("network", self._network(), self.opts)
        registry = GkeRegistry("registry", self._registry({"nodes": nodes.member}), self.opts)
        cluster = GkeCluster("cluster", self._cluster(network, nodes), self.opts)
        ready = [network.nat, nodes.grant, *registry.grants]
        node_pools = GkeNodePools("pools", self._node_pools(cluster, nodes, ready), self.opts)
        pool = self._workload_pool(cluster)
        storage = self._key("storage", "storage")
        dns = GkeDns("dns", self._dns(pool), self.opts)
        secrets = GkeSecrets("secrets", self._secrets(pool), self.opts)
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=node_pools.pools,
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=self._store("logs", LOGS_WRITER, pool, storage, retention.of_logs(self.stack.logs.retention_days)),
            backups=self._store("backups", BACKUPS_WRITER, pool, storage, retention.BACKUPS),
            database_backups=self._store("database-backups", DATABASE_BACKUPS_WRITER, pool, storage, retention.BACKUPS),
            secrets=contracts.secret_store(self.project, secrets),
            dns=contracts.dns(self.project, self.zone, self.stack.domain, dns),
            postgres=self._postgres(network, self.stack.postgres) if self.stack.postgres else None,
            principals=contracts.principals(self.project, secrets),
            capabilities=CAPABILITIES,
        )

    @property
    def zone(self) -> str:
        """Name of the DNS zone."""
        return physical_name(self.stack.name, self.stack.environment)

    def _workload_pool(self, cluster: GkeCluster) -> GkeWorkloadPool:
        project = gcp.organizations.get_project_output(
            project_id=self.project,
            opts=pulumi.InvokeOutputOptions(provider=self.provider, depends_on=[self.apis["cloudresourcemanager"]]),
        )
        return GkeWorkloadPool(project=self.project, project_number=project.number, cluster=cluster.control_plane)

    def _key_ring(self) -> GkeKeyRingArgs:
        return GkeKeyRingArgs(key_ring=self.cluster_name, location=self.region, kms_api=self.apis["cloudkms"])

    def _key(self, name: str, service: str) -> GkeKey:
        args = GkeKeyArgs(ring=self.ring.ring_id, service=service, api=self.apis[service], protect=self.stack.protect)
        return GkeKey(f"{name}-encryption", args, self.opts)

    def _network(self) -> GkeNetworkArgs:
        return GkeNetworkArgs(addresses=self.addresses, region=self.region, compute_api=self.apis["compute"])

    def _node_identity(self) -> GkeNodeIdentityArgs:
        return GkeNodeIdentityArgs(
            cluster=self.cluster_name,
            project=self.project,
            iam_api=self.apis["iam"],
            resource_manager_api=self.apis["cloudresourcemanager"],
        )

    def _registry(self, readers: dict[str, pulumi.Input[str]]) -> GkeRegistryArgs:
        key = self._key("registry", "artifactregistry")
        return GkeRegistryArgs(
            project=self.project,
            location=self.region,
            repository=self.cluster_name,
            immutable_tags=self.stack.protect,
            readers=readers,
            pushers=self.stack.registry.pushers,
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            protect=self.stack.protect,
            api=self.apis["artifactregistry"],
            scanning_api=self.apis["containerscanning"],
        )

    def _cluster(self, network: GkeNetwork, nodes: GkeNodeIdentity) -> GkeClusterArgs:
        settings = self.stack.cluster
        key = self._key("cluster", "container")
        return GkeClusterArgs(
            cluster=self.cluster_name,
            project=self.project,
            region=self.region,
            zones=settings.zones,
            network=network.network_id,
            subnetwork=network.subnetwork_id,
            endpoints=GkeEndpoints(
                mode=settings.api_access.mode,
                allowed_cidrs=settings.api_access.allowed_cidrs,
                addresses=self.addresses,
            ),
            release_channel=settings.release_channel,
            node_service_account=nodes.email,
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            protect=self.stack.protect,
        )

    def _node_pools(
        self, cluster: GkeCluster, nodes: GkeNodeIdentity, ready: Sequence[pulumi.Resource]
    ) -> GkeNodePoolsArgs:
        return GkeNodePoolsArgs(
            cluster=cluster.cluster_id, pools=self.stack.cluster.node_pools, service_account=nodes.email, ready=ready
        )

    def _dns(self, pool: GkeWorkloadPool) -> GkeDnsArgs:
        return GkeDnsArgs(
            zone=self.zone,
            domain=self.stack.domain,
            pool=pool,
            protect=self.stack.protect,
            api=self.apis["dns"],
            resource_manager_api=self.apis["cloudresourcemanager"],
        )

    def _secrets(self, pool: GkeWorkloadPool) -> GkeSecretsArgs:
        return GkeSecretsArgs(
            pool=pool,
            principals=self.demands.principals,
            workloads=self.stack.workloads,
            api=self.apis["secretmanager"],
            resource_manager_api=self.apis["cloudresourcemanager"],
        )

    def _store(
        self, name: str, writer: ServiceAccount, pool: GkeWorkloadPool, key: GkeKey, kept: Retention
    ) -> ObjectStore:
        bucket = physical_name(self.project, self.cluster_name, name)
        store = GkeObjectStore(
            name,
            GkeObjectStoreArgs(
                bucket=bucket,
                location=self.region,
                expire_days=kept.expire_days,
                noncurrent_days=kept.noncurrent_days,
                protect=self.stack.protect,
                pool=pool,
                writer=writer,
                encryption_key=key.key_id,
                encryption_grant=key.grant,
                api=self.apis["storage"],
            ),
            self.opts,
        )
        return ObjectStore(
            bucket=store.bucket,
            kind="gcs",
            loki_storage={"type": "gcs", "bucketNames": {"chunks": bucket, "ruler": bucket}},
            identity=WorkloadIdentity(service_account=writer, grants=[store.grant]),
        )

    def _postgres(self, network: GkeNetwork, settings: GkePostgres) -> ManagedPostgres:
        key = self._key("postgres", "sqladmin")
        services = GkePrivateServicesArgs(
            network=network.network_id, cidr=self.addresses.private_services, api=self.apis["servicenetworking"]
        )
        private = GkePrivateServices("private-services", services, self.opts)
        server = GkePostgresServer(
            "postgres",
            GkePostgresServerArgs(
                settings=settings,
                region=self.region,
                standby=self.stack.high_availability,
                network=network.network_id,
                range_name=private.range_name,
                connection=private.connection,
                encryption_key=key.key_id,
                encryption_grant=key.grant,
                labels=self.labels,
                protect=self.stack.protect,
            ),
            self.opts,
        )
        return contracts.postgres(server)


def build_foundation(stack: GkeStack, demands: Demands) -> Foundation:
    """The foundation of a GKE stack."""
    return GkeFoundation(stack, demands).build()
