"""Who reaches the Kubernetes API of an OKE cluster, and how: its endpoint and the kubeconfig for it."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_oci as oci

from components.address_plan import AddressPlan
from components.kubeconfig import render, server_and_authority

Mode = Literal["allow-list", "private"]

TOKEN_VERSION = "2.0.0"
"""The kubeconfig that asks a command for a token, and holds none. OKE makes no other any more."""


@dataclass(frozen=True, kw_only=True)
class OkeEndpoint:
    """The one intent behind the address, its subnet's routes and the rules that must agree."""

    mode: Mode
    """By a public address that a list guards, or from inside the network alone."""

    allowed_cidrs: tuple[str, ...]
    """Blocks that may reach a public address."""

    addresses: AddressPlan
    """Ranges of the network."""

    @property
    def public(self) -> bool:
        return self.mode == "allow-list"

    @property
    def clients(self) -> dict[str, str]:
        """Blocks that may connect, by a name for the rule: those allowed, or runners and bastions beside the nodes."""
        if self.public:
            return {f"allowed-{index}": cidr for index, cidr in enumerate(self.allowed_cidrs)}
        return {"runners": self.addresses.nodes}

    @property
    def kind(self) -> str:
        """What OKE calls the endpoint."""
        return "PUBLIC_ENDPOINT" if self.public else "PRIVATE_ENDPOINT"


def kubeconfig(
    cluster: pulumi.Output[str], region: str, endpoint: OkeEndpoint, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """A kubeconfig that asks the OCI command line for a token at each use.

    Only the server and its authority are taken from what OKE gives: the rest is the same for everybody.
    """
    given = oci.containerengine.get_cluster_kube_config_output(
        cluster_id=cluster,
        endpoint=endpoint.kind,
        token_version=TOKEN_VERSION,
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return pulumi.Output.all(given.content, cluster).apply(lambda parts: render_kubeconfig(parts[0], parts[1], region))


def render_kubeconfig(given: str, cluster: str, region: str) -> str:
    """A kubeconfig for an OKE cluster, with the server and the authority of the one that OKE gives."""
    plugin = {
        "command": "oci",
        "args": ["ce", "cluster", "generate-token", "--cluster-id", cluster, "--region", region],
        "installHint": "Install the OCI command line: https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm",
    }
    return render("oke", *server_and_authority(given), plugin)


def access_command(cluster: str, region: str, endpoint: OkeEndpoint) -> str:
    """Command that writes a person's kubeconfig for the cluster."""
    return (
        f"oci ce cluster create-kubeconfig --cluster-id {cluster} --region {region} "
        f"--token-version {TOKEN_VERSION} --kube-endpoint {endpoint.kind}"
    )
