"""The OKE cluster: an enhanced one, with pods in the network, encrypted Secrets, and a provider without credentials."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_oci as oci

from components.oke.api_access import OkeEndpoint, access_command, kubeconfig
from stacks.versions import OKE_KUBERNETES


@dataclass(frozen=True, kw_only=True)
class OkeClusterArgs:
    cluster: str
    """Name of the cluster."""

    compartment: str
    """OCID of the cluster's compartment."""

    region: str
    """Region of the cluster."""

    vcn: pulumi.Input[str]
    """OCID of the network."""

    api_subnet: pulumi.Input[str]
    """OCID of the subnet that the Kubernetes API answers in."""

    api_group: pulumi.Input[str]
    """OCID of the security group that says who reaches the Kubernetes API."""

    balancer_subnet: pulumi.Input[str]
    """OCID of the subnet that load balancers of services are put in."""

    node_group: pulumi.Input[str]
    """OCID of the nodes' security group, which load balancers of services may add rules to."""

    services_cidr: str
    """Block of cluster IPs, outside of the network."""

    endpoint: OkeEndpoint
    """Who reaches the Kubernetes API."""

    encryption_key: pulumi.Input[str]
    """OCID of the key that Secrets are encrypted with."""

    encryption_grant: pulumi.Resource
    """The policy that lets the cluster use the key: creating the cluster fails without it."""

    tags: Mapping[str, str]
    """Tags of the cluster, and of the volumes and load balancers that it brings: what costs are told apart by."""

    protect: bool
    """Whether the cluster refuses to be destroyed. OKE has no such guard, so Pulumi's stands alone."""


class OkeCluster(pulumi.ComponentResource):
    """A cluster without nodes, and the provider that reaches its API."""

    name: pulumi.Output[str]
    """Name of the cluster."""

    cluster_id: pulumi.Output[str]
    """OCID of the cluster, which node pools are created in."""

    access_command: pulumi.Output[str]
    """Command that gives a person's kubectl access."""

    def __init__(self, name: str, args: OkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeCluster", name, {}, opts)
        cluster = oci.containerengine.Cluster(
            f"{name}-control-plane",
            cluster_args(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.encryption_grant], protect=args.protect),
        )
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            kubeconfig=kubeconfig(cluster.id, args.region, args.endpoint, self),
            # Unchanged by a new endpoint or CA, unknown while the cluster is replaced: its contents then go with it.
            # docs/decisions/replacing-a-cluster.md says why this and not replace_with.
            cluster_identifier=cluster.id,
            enable_secret_mutable=True,  # else a changed Secret is deleted before the new one is there
            opts=pulumi.ResourceOptions(parent=self, deleted_with=cluster),
        )

        self.name = cluster.name
        self.cluster_id = cluster.id
        self.access_command = cluster.id.apply(lambda identity: access_command(identity, args.region, args.endpoint))
        self.register_outputs({"name": self.name, "cluster_id": self.cluster_id, "access_command": self.access_command})


def cluster_args(args: OkeClusterArgs) -> oci.containerengine.ClusterArgs:
    """The cluster, without its node pools. Workload identity and add-ons need the enhanced type."""
    engine = oci.containerengine
    return engine.ClusterArgs(
        compartment_id=args.compartment,
        name=args.cluster,
        type="ENHANCED_CLUSTER",
        kubernetes_version=OKE_KUBERNETES,
        vcn_id=args.vcn,
        cluster_pod_network_options=[engine.ClusterClusterPodNetworkOptionArgs(cni_type="OCI_VCN_IP_NATIVE")],
        endpoint_config=engine.ClusterEndpointConfigArgs(
            subnet_id=args.api_subnet, is_public_ip_enabled=args.endpoint.public, nsg_ids=[args.api_group]
        ),
        kms_key_id=args.encryption_key,
        options=cluster_options(args),
        freeform_tags=args.tags,
    )


def cluster_options(args: OkeClusterArgs) -> oci.containerengine.ClusterOptionsArgs:
    """Cluster IPs, and what the cluster creates on behalf of claims and services."""
    engine = oci.containerengine
    return engine.ClusterOptionsArgs(
        kubernetes_network_config=engine.ClusterOptionsKubernetesNetworkConfigArgs(services_cidr=args.services_cidr),
        service_lb_subnet_ids=[args.balancer_subnet],
        service_lb_config=engine.ClusterOptionsServiceLbConfigArgs(
            backend_nsg_ids=[args.node_group], freeform_tags=args.tags
        ),
        persistent_volume_config=engine.ClusterOptionsPersistentVolumeConfigArgs(freeform_tags=args.tags),
    )
