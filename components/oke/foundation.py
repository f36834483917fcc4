"""The foundation of an OKE stack: every contract, delivered in one compartment."""

import pulumi
import pulumi_oci as oci

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
    StaticKey,
    WorkloadIdentity,
)
from components.naming import physical_name
from components.oke.api_access import OkeEndpoint
from components.oke.autoscaler import Limits, OkeAutoscaler, OkeAutoscalerArgs
from components.oke.cluster import OkeCluster, OkeClusterArgs
from components.oke.encryption import OkeEncryption, OkeEncryptionArgs
from components.oke.logs import OkeLogs, OkeLogsArgs
from components.oke.network import OkeNetwork, OkeNetworkArgs
from components.oke.node_pools import OkeNodePools, OkeNodePoolsArgs
from components.oke.object_store import OkeObjectStore, OkeObjectStoreArgs
from components.oke.registry import OkeRegistry, OkeRegistryArgs
from components.retention import Retention
from stacks.settings import OkeStack

CAPABILITIES = Capabilities(
    storage_class="oci-bv",
    control_plane_metrics=False,
    kube_proxy_metrics=False,  # an add-on of OKE, which serves its metrics on the loopback address
    cluster_dns="coredns",
)


class OkeFoundation:
    """Builds the foundation of one stack, from what nothing waits for to what waits for the cluster."""

    def __init__(self, stack: OkeStack, demands: Demands) -> None:
        self.stack = stack
        self.demands = demands
        account = stack.account
        self.compartment = account.compartment_ocid
        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.tags = {"managed-by": "groundwork", "environment": stack.environment}
        self.provider = oci.Provider("oci", tenancy_ocid=account.tenancy_ocid, region=account.region)
        # Users, groups and policies are written in the tenancy's home region, and nowhere else.
        self.home = oci.Provider("oci-home", tenancy_ocid=account.tenancy_ocid, region=account.home_region)
        self.opts = pulumi.ResourceOptions(providers=[self.provider])
        self.addresses = plan_addresses(stack.network.cidr)
        access = stack.cluster.api_access
        self.endpoint = OkeEndpoint(
            mode="private" if access.mode == "private" else "allow-list",
            allowed_cidrs=access.allowed_cidrs,
            addresses=self.addresses,
        )

    def build(self) -> Foundation:
        """Registers every resource of the foundation."""
        account = self.stack.account
        namespace = oci.objectstorage.get_namespace_output(
            compartment_id=account.tenancy_ocid, opts=pulumi.InvokeOutputOptions(provider=self.provider)
        ).namespace
        network = OkeNetwork("network", self._network(), self.opts)
        encryption = OkeEncryption("encryption", self._encryption(), self.opts)
        registry = OkeRegistry("registry", self._registry(namespace), self.opts)
        cluster = OkeCluster("cluster", self._cluster(network, encryption), self.opts)
        pools = OkeNodePools("pools", self._node_pools(cluster, network), self.opts)
        OkeAutoscaler("autoscaler", self._autoscaler(cluster, pools), self.opts)
        OkeLogs("logs-of-oracle", self._logs(cluster, network), self.opts)
        return Foundation(
            cluster=Cluster(
                name=cluster.name,
                provider=cluster.provider,
                nodes=list(pools.pools.values()),
                access_command=cluster.access_command,
            ),
            registry=Registry(image_prefix=registry.image_prefix),
            logs=self._store("logs", LOGS_WRITER, namespace, retention.of_logs(self.stack.logs.retention_days)),
            backups=self._store("backups", BACKUPS_WRITER, namespace, retention.BACKUPS),
            capabilities=CAPABILITIES,
        )

    def _network(self) -> OkeNetworkArgs:
        return OkeNetworkArgs(
            compartment=self.compartment,
            cluster=self.cluster_name,
            addresses=self.addresses,
            public_api=self.endpoint.public,
            api_clients=self.endpoint.clients,
        )

    def _encryption(self) -> OkeEncryptionArgs:
        return OkeEncryptionArgs(
            tenancy=self.stack.account.tenancy_ocid,
            compartment=self.compartment,
            cluster=self.cluster_name,
            protect=self.stack.protect,
            home=self.home,
        )

    def _registry(self, namespace: pulumi.Output[str]) -> OkeRegistryArgs:
        return OkeRegistryArgs(
            compartment=self.compartment,
            region=self.stack.account.region,
            namespace=namespace,
            prefix=self.cluster_name,
            images=self.demands.images,
            immutable_tags=self.stack.protect,
        )

    def _cluster(self, network: OkeNetwork, encryption: OkeEncryption) -> OkeClusterArgs:
        return OkeClusterArgs(
            cluster=self.cluster_name,
            compartment=self.compartment,
            region=self.stack.account.region,
            vcn=network.vcn_id,
            api_subnet=network.subnet_ids["api"],
            api_group=network.firewall.group_ids["api"],
            balancer_subnet=network.subnet_ids["balancers"],
            node_group=network.firewall.group_ids["nodes"],
            services_cidr=self.addresses.services,
            endpoint=self.endpoint,
            encryption_key=encryption.key_id,
            encryption_grant=encryption.grant,
            tags=self.tags,
            protect=self.stack.protect,
        )

    def _node_pools(self, cluster: OkeCluster, network: OkeNetwork) -> OkeNodePoolsArgs:
        settings = self.stack.cluster
        return OkeNodePoolsArgs(
            cluster=cluster.cluster_id,
            compartment=self.compartment,
            pools=settings.node_pools,
            availability_domains=settings.availability_domains,
            image=settings.image_ocid,
            node_subnet=network.subnet_ids["nodes"],
            pod_subnet=network.subnet_ids["pods"],
            node_group=network.firewall.group_ids["nodes"],
            pod_group=network.firewall.group_ids["pods"],
            tags=self.tags,
            ready=network.firewall.rules,
        )

    def _autoscaler(self, cluster: OkeCluster, pools: OkeNodePools) -> OkeAutoscalerArgs:
        limits = {
            name: Limits(pool=pools.pools[name].id, min_nodes=pool.min_nodes, max_nodes=pool.max_nodes)
            for name, pool in self.stack.cluster.node_pools.items()
        }
        return OkeAutoscalerArgs(
            compartment=self.compartment,
            cluster_name=self.cluster_name,
            cluster=cluster.cluster_id,
            limits=limits,
            home=self.home,
        )

    def _logs(self, cluster: OkeCluster, network: OkeNetwork) -> OkeLogsArgs:
        return OkeLogsArgs(
            compartment=self.compartment,
            cluster_name=self.cluster_name,
            cluster=cluster.cluster_id,
            subnets={**network.subnet_ids},
            retention_days=self.stack.logs.retention_days,
        )

    def _store(self, name: str, writer: ServiceAccount, namespace: pulumi.Output[str], kept: Retention) -> ObjectStore:
        account = self.stack.account
        bucket = physical_name(self.cluster_name, name)
        store = OkeObjectStore(
            name,
            OkeObjectStoreArgs(
                tenancy=account.tenancy_ocid,
                compartment=self.compartment,
                region=account.region,
                namespace=namespace,
                bucket=bucket,
                email_domain=self.stack.domain,
                keys=self.stack.object_storage.keys,
                expire_days=kept.expire_days,
                noncurrent_days=kept.noncurrent_days,
                protect=self.stack.protect,
                tags=self.tags,
                home=self.home,
            ),
            self.opts,
        )
        return ObjectStore(
            bucket=store.bucket,
            kind="s3",
            loki_storage={
                "type": "s3",
                "bucketNames": {"chunks": bucket, "ruler": bucket},
                "s3": {
                    "endpoint": s3_endpoint(namespace, account.region),
                    "region": account.region,
                    "s3ForcePathStyle": True,
                },
            },
            identity=WorkloadIdentity(service_account=writer, grants=store.grants),
            key=StaticKey(
                generation=self.stack.object_storage.keys[0],
                access_key_id=store.access_key_id,
                secret_access_key=store.secret_access_key,
            ),
        )


def s3_endpoint(namespace: pulumi.Input[str], region: str) -> pulumi.Output[str]:
    """Where Object Storage speaks the S3 protocol:
    https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/s3compatibleapi.htm
    """
    return pulumi.Output.format("https://{0}.compat.objectstorage.{1}.oraclecloud.com", namespace, region)


def build_foundation(stack: OkeStack, demands: Demands) -> Foundation:
    """The foundation of an OKE stack."""
    return OkeFoundation(stack, demands).build()
