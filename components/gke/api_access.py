"""Who reaches the Kubernetes API of a GKE cluster, and how: the cluster's endpoints and the kubeconfig for them."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_gcp as gcp

from components.address_plan import AddressPlan
from components.kubeconfig import render

Mode = Literal["dns", "allow-list", "private"]


@dataclass(frozen=True, kw_only=True)
class GkeEndpoints:
    """The one intent behind the several blocks of the cluster that must agree."""

    mode: Mode
    """By a name that IAM guards, by an address that a list guards, or from inside the network alone."""

    allowed_cidrs: tuple[str, ...]
    """Blocks that may reach a public address."""

    addresses: AddressPlan
    """Ranges of the network; the control plane has one of its own."""

    def private_cluster_config(self) -> gcp.container.ClusterPrivateClusterConfigArgs:
        """Nodes are always private; the API's address is unless a list guards it."""
        return gcp.container.ClusterPrivateClusterConfigArgs(
            enable_private_nodes=True,
            enable_private_endpoint=self.mode != "allow-list",
            master_ipv4_cidr_block=self.addresses.control_plane,
        )

    def control_plane_endpoints_config(self) -> gcp.container.ClusterControlPlaneEndpointsConfigArgs:
        """The name that IAM guards answers from outside only where that is the intent."""
        container = gcp.container
        return container.ClusterControlPlaneEndpointsConfigArgs(
            dns_endpoint_config=container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
                allow_external_traffic=self.mode == "dns"
            ),
            ip_endpoints_config=container.ClusterControlPlaneEndpointsConfigIpEndpointsConfigArgs(enabled=True),
        )

    def authorized_networks_config(self) -> gcp.container.ClusterMasterAuthorizedNetworksConfigArgs:
        """The list is always there, be it empty: a missing block means that everybody may connect."""
        return gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
            gcp_public_cidrs_access_enabled=False,
            cidr_blocks=[
                gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(
                    cidr_block=cidr, display_name=f"allowed-{index}"
                )
                for index, cidr in enumerate(self.allowed_cidrs)
            ],
        )


def kubeconfig(cluster: gcp.container.Cluster, mode: Mode) -> pulumi.Output[str]:
    """A kubeconfig that asks gke-gcloud-auth-plugin for a token at each use, and holds none."""
    if mode == "dns":
        # The name has a publicly trusted certificate: the cluster's own CA would not verify it.
        endpoint = cluster.control_plane_endpoints_config.dns_endpoint_config.apply(lambda dns: dns and dns.endpoint)
        return endpoint.apply(lambda name: render_kubeconfig(f"https://{name}", None))
    return pulumi.Output.all(cluster.endpoint, cluster.master_auth.cluster_ca_certificate).apply(
        lambda parts: render_kubeconfig(f"https://{parts[0]}", parts[1])
    )


def render_kubeconfig(server: str, ca_certificate: str | None) -> str:
    """A kubeconfig for a GKE server. `ca_certificate` is base64, as the API gives it."""
    plugin = {
        "command": "gke-gcloud-auth-plugin",
        "installHint": "Install gke-gcloud-auth-plugin: gcloud components install gke-gcloud-auth-plugin",
        "provideClusterInfo": True,
    }
    return render("gke", server, ca_certificate, plugin)


def access_command(cluster: str, project: str, region: str, mode: Mode) -> str:
    """Command that writes a person's kubeconfig for the cluster."""
    endpoint = {"dns": " --dns-endpoint", "allow-list": "", "private": " --internal-ip"}[mode]
    return f"gcloud container clusters get-credentials {cluster} --project {project} --location {region}{endpoint}"
