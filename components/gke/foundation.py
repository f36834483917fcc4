"""The foundation of a GKE stack: every contract, delivered in one project."""

from collections.abc import Mapping

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
    Registry,
)
from components.gke.api_access import GkeEndpoints
from components.gke.buckets import build_buckets
from components.gke.cluster import GkeCluster, GkeClusterArgs
from components.gke.cluster_network import cluster_network
from components.gke.dns import build_dns
from components.gke.identity import GkeNodeIdentity, GkeNodeIdentityArgs, GkeWorkloadPool
from components.gke.network import GkeNetwork, GkeNetworkArgs
from components.gke.node_pools import GkeNodePools, GkeNodePoolsArgs
from components.gke.object_store import build_store
from components.gke.people import build_people
from components.gke.postgres import build_postgres
from components.gke.principals import principals
from components.gke.project import GkeProject
from components.gke.queues import build_queues
from components.gke.registry import GkeRegistry, GkeRegistryArgs
from components.gke.secrets import GkeSecrets, GkeSecretsArgs, secret_store
from stacks.settings import GkeStack

CAPABILITIES = Capabilities(
    storage_class="standard-rwo",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # Dataplane V2 runs none
    metrics_server=True,
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
        self.project = GkeProject(stack, queues=bool(demands.queues))
        self.addresses = plan_addresses(stack.network.cidr)

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        project, opts = self.project, self.project.opts
        nodes = GkeNodeIdentity("nodes", self._node_identity(), opts)
        network = GkeNetwork("network", self._network(), opts)
        registry = GkeRegistry("registry", self._registry({"nodes": nodes.member}), opts)
        postgres = self.stack.postgres and build_postgres(
            project, self.stack.postgres, network, self.addresses.private_services
        )
        cluster = GkeCluster("cluster", self._cluster(network, nodes), opts)
        node_pools = GkeNodePools("pools", self._node_pools(cluster, nodes, network, registry), opts)
        build_people(project)
        pool = self._workload_pool(cluster)
        secrets = GkeSecrets("secrets", self._secrets(pool), opts)
        key, logs_kept = project.key("storage", "storage"), retention.of_logs(self.stack.logs.retention_days)
        database_writers = {f"-{account.in_one_word}": account for account in self.demands.database_backups}
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=node_pools.pools,
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=build_store("logs", {"": LOGS_WRITER}, logs_kept, project, pool, key),
            backups=build_store("backups", {"": BACKUPS_WRITER}, retention.BACKUPS, project, pool, key),
            database_backups=build_store(
                "database-backups", database_writers, retention.BACKUPS, project, pool, key, asked_for=True
            ),
            secrets=secret_store(project.project, secrets),
            dns=build_dns(project, pool),
            postgres=postgres,
            principals=principals(project.project, secrets),
            buckets=build_buckets(self.demands.buckets, project, pool, key),
            queues=build_queues(self.demands.queues, project, pool),
            capabilities=CAPABILITIES,
            network=cluster_network(self.addresses),
        )

    def _workload_pool(self, cluster: GkeCluster) -> GkeWorkloadPool:
        project = gcp.organizations.get_project_output(
            project_id=self.project.project,
            opts=pulumi.InvokeOutputOptions(
                provider=self.project.provider, depends_on=[self.project.apis["cloudresourcemanager"]]
            ),
        )
        return GkeWorkloadPool(
            project=self.project.project, project_number=project.number, cluster=cluster.control_plane
        )

    def _network(self) -> GkeNetworkArgs:
        return GkeNetworkArgs(
            addresses=self.addresses, region=self.project.region, compute_api=self.project.apis["compute"]
        )

    def _node_identity(self) -> GkeNodeIdentityArgs:
        return GkeNodeIdentityArgs(
            cluster=self.project.cluster_name,
            project=self.project.project,
            iam_api=self.project.apis["iam"],
            resource_manager_api=self.project.apis["cloudresourcemanager"],
        )

    def _registry(self, readers: Mapping[str, pulumi.Input[str]]) -> GkeRegistryArgs:
        key = self.project.key("registry", "artifactregistry")
        return GkeRegistryArgs(
            project=self.project.project,
            location=self.project.region,
            repository=self.project.cluster_name,
            immutable_tags=self.stack.protect,
            readers=readers,
            pushers=self.stack.registry.pushers,
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            protect=self.stack.protect,
            api=self.project.apis["artifactregistry"],
            scanning_api=self.project.apis["containerscanning"],
        )

    def _cluster(self, network: GkeNetwork, nodes: GkeNodeIdentity) -> GkeClusterArgs:
        settings = self.stack.cluster
        key = self.project.key("cluster", "container")
        return GkeClusterArgs(
            cluster=self.project.cluster_name,
            project=self.project.project,
            region=self.project.region,
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
            security_group=self.stack.access.security_group,
            protect=self.stack.protect,
        )

    def _node_pools(
        self, cluster: GkeCluster, nodes: GkeNodeIdentity, network: GkeNetwork, registry: GkeRegistry
    ) -> GkeNodePoolsArgs:
        return GkeNodePoolsArgs(
            cluster=cluster.cluster_id,
            pools=self.stack.cluster.node_pools,
            service_account=nodes.email,
            ready=[network.nat, nodes.grant, *registry.grants],
        )

    def _secrets(self, pool: GkeWorkloadPool) -> GkeSecretsArgs:
        return GkeSecretsArgs(
            pool=pool,
            principals=self.demands.principals,
            workloads=list(self.stack.workloads),
            api=self.project.apis["secretmanager"],
            resource_manager_api=self.project.apis["cloudresourcemanager"],
        )


def build_foundation(stack: GkeStack, demands: Demands) -> Foundation:
    """The foundation of a GKE stack."""
    return GkeFoundation(stack, demands).build()
