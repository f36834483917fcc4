"""The foundation of an OKE stack: every contract, delivered in one compartment."""

from components import retention
from components.address_plan import plan_addresses
from components.contracts import (
    BACKUPS_WRITER,
    LOGS_WRITER,
    Capabilities,
    Cluster,
    Demands,
    Foundation,
)
from components.oke.api_access import OkeEndpoint
from components.oke.autoscaler import Limits, OkeAutoscaler, OkeAutoscalerArgs
from components.oke.buckets import build_buckets
from components.oke.cluster import OkeCluster, OkeClusterArgs
from components.oke.cluster_network import cluster_network
from components.oke.dns import build_dns
from components.oke.encryption import OkeEncryption, OkeEncryptionArgs
from components.oke.load_balancers import ANNOTATIONS, OkeLoadBalancers, OkeLoadBalancersArgs
from components.oke.logs import OkeLogs, OkeLogsArgs
from components.oke.network import OkeNetwork, OkeNetworkArgs
from components.oke.node_pools import OkeNodePools, OkeNodePoolsArgs
from components.oke.object_store import build_store
from components.oke.people import build_people
from components.oke.postgres import build_postgres
from components.oke.principals import build_principals
from components.oke.queues import build_queues
from components.oke.registry import build_registry
from components.oke.secrets import build_secret_store
from components.oke.tenancy import OkeTenancy
from stacks.settings import OkeStack

CAPABILITIES = Capabilities(
    storage_class="oci-bv",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # an add-on of OKE, which serves its metrics on the loopback address
    # Its add-on would need the cert-manager of another add-on: https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengintroducingclusteraddons.htm
    metrics_server=False,
    cluster_dns="coredns",
    load_balancer_annotations={**ANNOTATIONS},
)


class OkeFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: OkeStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        self.tenancy = OkeTenancy(stack)
        self.addresses = plan_addresses(stack.network.cidr)
        access = stack.cluster.api_access
        self.endpoint = OkeEndpoint(
            mode="private" if access.mode == "private" else "allow-list",
            allowed_cidrs=access.allowed_cidrs,
            addresses=self.addresses,
        )

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        tenancy, opts = self.tenancy, self.tenancy.opts
        network = OkeNetwork("network", self._network(), opts)
        encryption = OkeEncryption("encryption", self._encryption(), opts)
        registry = build_registry(tenancy, self.demands.images)
        postgres = self.stack.postgres and build_postgres(tenancy, self.stack.postgres, network)
        cluster = OkeCluster("cluster", self._cluster(network, encryption), opts)
        pools = OkeNodePools("pools", self._node_pools(cluster, network), opts)
        OkeAutoscaler("autoscaler", self._autoscaler(cluster, pools), opts)
        OkeLoadBalancers("load-balancers", self._load_balancers(cluster), opts)
        OkeLogs("logs-of-oracle", self._logs(cluster, network), opts)
        build_people(tenancy)
        logs_kept = retention.of_logs(self.stack.logs.retention_days)
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=list(pools.pools.values()),
                access_command=cluster.access_command,
            ),
            registry=registry,
            logs=build_store("logs", [LOGS_WRITER], logs_kept, tenancy, encryption),
            backups=build_store("backups", [BACKUPS_WRITER], retention.BACKUPS, tenancy, encryption),
            database_backups=build_store(
                "database-backups", self.demands.database_backups, retention.BACKUPS, tenancy, encryption
            ),
            secrets=build_secret_store(tenancy, cluster.cluster_id, encryption.vault_id),
            dns=build_dns(tenancy, cluster.cluster_id),
            postgres=postgres,
            principals=build_principals(tenancy, cluster.cluster_id, encryption.vault_id, self.demands.principals),
            buckets=build_buckets(self.demands.buckets, tenancy, cluster.cluster_id, encryption),
            queues=build_queues(self.demands.queues, tenancy, cluster.cluster_id, encryption),
            capabilities=CAPABILITIES,
            network=cluster_network(self.addresses),
        )

    def _network(self) -> OkeNetworkArgs:
        return OkeNetworkArgs(
            compartment=self.tenancy.compartment,
            cluster=self.tenancy.cluster_name,
            addresses=self.addresses,
            public_api=self.endpoint.public,
            api_clients=self.endpoint.clients,
            databases=self.stack.postgres is not None,
        )

    def _encryption(self) -> OkeEncryptionArgs:
        return OkeEncryptionArgs(
            tenancy=self.tenancy.tenancy,
            compartment=self.tenancy.compartment,
            region=self.tenancy.region,
            cluster=self.tenancy.cluster_name,
            protect=self.stack.protect,
            home=self.tenancy.home,
        )

    def _cluster(self, network: OkeNetwork, encryption: OkeEncryption) -> OkeClusterArgs:
        return OkeClusterArgs(
            cluster=self.tenancy.cluster_name,
            compartment=self.tenancy.compartment,
            region=self.tenancy.region,
            vcn=network.vcn_id,
            api_subnet=network.subnet_ids["api"],
            api_group=network.firewall.group_ids["api"],
            balancer_subnet=network.subnet_ids["balancers"],
            node_group=network.firewall.group_ids["nodes"],
            services_cidr=self.addresses.services,
            endpoint=self.endpoint,
            encryption_key=encryption.cluster_key_id,
            encryption_grant=encryption.cluster_grant,
            tags=self.tenancy.tags,
            protect=self.stack.protect,
        )

    def _node_pools(self, cluster: OkeCluster, network: OkeNetwork) -> OkeNodePoolsArgs:
        settings = self.stack.cluster
        return OkeNodePoolsArgs(
            cluster=cluster.cluster_id,
            compartment=self.tenancy.compartment,
            pools=settings.node_pools,
            availability_domains=settings.availability_domains,
            image=settings.image_ocid,
            node_subnet=network.subnet_ids["nodes"],
            pod_subnet=network.subnet_ids["pods"],
            node_group=network.firewall.group_ids["nodes"],
            pod_group=network.firewall.group_ids["pods"],
            tags=self.tenancy.tags,
            ready=network.firewall.rules,
        )

    def _autoscaler(self, cluster: OkeCluster, pools: OkeNodePools) -> OkeAutoscalerArgs:
        limits = {
            name: Limits(pool=pools.pools[name].id, min_nodes=pool.min_nodes, max_nodes=pool.max_nodes)
            for name, pool in self.stack.cluster.node_pools.items()
        }
        return OkeAutoscalerArgs(
            compartment=self.tenancy.compartment,
            cluster_name=self.tenancy.cluster_name,
            cluster=cluster.cluster_id,
            limits=limits,
            home=self.tenancy.home,
        )

    def _load_balancers(self, cluster: OkeCluster) -> OkeLoadBalancersArgs:
        return OkeLoadBalancersArgs(
            compartment=self.tenancy.compartment,
            cluster_name=self.tenancy.cluster_name,
            cluster=cluster.cluster_id,
            home=self.tenancy.home,
        )

    def _logs(self, cluster: OkeCluster, network: OkeNetwork) -> OkeLogsArgs:
        return OkeLogsArgs(
            compartment=self.tenancy.compartment,
            cluster_name=self.tenancy.cluster_name,
            cluster=cluster.cluster_id,
            subnets={**network.subnet_ids},
            retention_days=self.stack.logs.retention_days,
        )


def build_foundation(stack: OkeStack, demands: Demands) -> Foundation:
    """The foundation of an OKE stack."""
    return OkeFoundation(stack, demands).build()
