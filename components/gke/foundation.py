"""The foundation of a GKE stack: every contract, delivered in one project."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components import retention
from components.address_plan import plan_addresses
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
from components.gke.api_access import GkeEndpoints
from components.gke.apis import GkeApis, GkeApisArgs
from components.gke.cluster import GkeCluster, GkeClusterArgs
from components.gke.encryption import GkeEncryption, GkeEncryptionArgs
from components.gke.identity import GkeNodeIdentity, GkeNodeIdentityArgs, workload_principal
from components.gke.network import GkeNetwork, GkeNetworkArgs
from components.gke.node_pools import GkeNodePools, GkeNodePoolsArgs
from components.gke.object_store import GkeObjectStore, GkeObjectStoreArgs
from components.gke.registry import GkeRegistry, GkeRegistryArgs
from components.naming import physical_name
from components.retention import Retention
from stacks.settings import GkeStack

CAPABILITIES = Capabilities(
    storage_class="standard-rwo",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Dataplane V2 runs none
    cluster_dns="kube-dns",
)


class GkeFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: GkeStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.provider = gcp.Provider(
            "gcp",
            project=stack.account.project,
            region=stack.account.region,
            default_labels={"managed-by": "groundwork", "environment": stack.environment},
        )
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
        self.addresses = plan_addresses(stack.network.cidr)
        self.apis = GkeApis("apis", GkeApisArgs(), self.opts)

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        account = self.stack.account
        nodes = GkeNodeIdentity("nodes", self._node_identity(), self.opts)
        network = GkeNetwork("network", self._network(), self.opts)
        encryption = GkeEncryption("encryption", self._encryption(), self.opts)
        registry = GkeRegistry("registry", self._registry({"nodes": nodes.member}), self.opts)
        cluster = GkeCluster("cluster", self._cluster(network, encryption, nodes), self.opts)
        ready = [network.nat, nodes.grant, *registry.grants]
        pools = GkeNodePools("pools", self._node_pools(cluster, nodes, ready), self.opts)
        project = gcp.organizations.get_project_output(
            project_id=account.project,
            opts=pulumi.InvokeOutputOptions(provider=self.provider, depends_on=[self.apis["cloudresourcemanager"]]),
        )
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=pools.pools,
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=self._store(
                "logs", LOGS_WRITER, project.number, cluster, retention.of_logs(self.stack.logs.retention_days)
            ),
            backups=self._store("backups", BACKUPS_WRITER, project.number, cluster, retention.BACKUPS),
            capabilities=CAPABILITIES,
        )

    def _network(self) -> GkeNetworkArgs:
        return GkeNetworkArgs(
            addresses=self.addresses, region=self.stack.account.region, compute_api=self.apis["compute"]
        )

    def _node_identity(self) -> GkeNodeIdentityArgs:
        return GkeNodeIdentityArgs(
            cluster=self.cluster_name,
            project=self.stack.account.project,
            iam_api=self.apis["iam"],
            resource_manager_api=self.apis["cloudresourcemanager"],
        )

    def _encryption(self) -> GkeEncryptionArgs:
        return GkeEncryptionArgs(
            key_ring=self.cluster_name,
            location=self.stack.account.region,
            protect=self.stack.protect,
            kms_api=self.apis["cloudkms"],
            container_api=self.apis["container"],
        )

    def _registry(self, readers: dict[str, pulumi.Input[str]]) -> GkeRegistryArgs:
        return GkeRegistryArgs(
            project=self.stack.account.project,
            location=self.stack.account.region,
            repository=self.cluster_name,
            immutable_tags=self.stack.protect,
            readers=readers,
            protect=self.stack.protect,
            api=self.apis["artifactregistry"],
            scanning_api=self.apis["containerscanning"],
        )

    def _cluster(self, network: GkeNetwork, encryption: GkeEncryption, nodes: GkeNodeIdentity) -> GkeClusterArgs:
        settings = self.stack.cluster
        return GkeClusterArgs(
            cluster=self.cluster_name,
            project=self.stack.account.project,
            region=self.stack.account.region,
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
            encryption_key=encryption.key_id,
            encryption_grant=encryption.grant,
            protect=self.stack.protect,
        )

    def _node_pools(
        self, cluster: GkeCluster, nodes: GkeNodeIdentity, ready: Sequence[pulumi.Resource]
    ) -> GkeNodePoolsArgs:
        return GkeNodePoolsArgs(
            cluster=cluster.cluster_id, pools=self.stack.cluster.node_pools, service_account=nodes.email, ready=ready
        )

    def _store(
        self,
        name: str,
        writer: ServiceAccount,
        project_number: pulumi.Output[str],
        cluster: GkeCluster,
        kept: Retention,
    ) -> ObjectStore:
        account, protect = self.stack.account, self.stack.protect
        bucket = physical_name(account.project, self.cluster_name, name)
        store = GkeObjectStore(
            name,
            GkeObjectStoreArgs(
                bucket=bucket,
                location=account.region,
                expire_days=kept.expire_days,
                noncurrent_days=kept.noncurrent_days,
                protect=protect,
                member=project_number.apply(lambda number: workload_principal(account.project, number, writer)),
                api=self.apis["storage"],
                identity_pool=cluster.control_plane,
            ),
            self.opts,
        )
        return ObjectStore(
            bucket=store.bucket,
            kind="gcs",
            loki_storage={"type": "gcs", "bucketNames": {"chunks": bucket, "ruler": bucket}},
            identity=WorkloadIdentity(service_account=writer, grants=[store.grant]),
        )


def build_foundation(stack: GkeStack, demands: Demands) -> Foundation:
    """The foundation of a GKE stack."""
    return GkeFoundation(stack, demands).build()
