"""Who reaches the Kubernetes API of an AKS cluster, and how: the server's address and the kubeconfig for it."""

import base64
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_azure_native as azure

from components.kubeconfig import render, server_and_authority

Mode = Literal["allow-list", "private"]

SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that every AKS API server is in Entra ID: https://learn.microsoft.com/azure/aks/kubelogin-authentication"""


@dataclass(frozen=True, kw_only=True)
class AksEndpoint:
    """The one intent behind the settings of the API server that must agree."""

    mode: Mode
    """By an address that a list guards, or from inside the network alone."""

    allowed_cidrs: tuple[str, ...]
    """Blocks that may reach a public address."""

    subnet: pulumi.Input[str]
    """Id of the subnet that the API server has its address in, for nodes and for whoever is in the network."""

    def access_profile(self) -> azure.containerservice.ManagedClusterAPIServerAccessProfileArgs:
        """The API server stands in the network in any case: nodes then need no place on the list.

        A list and a private cluster exclude each other:
        https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges#limitations
        """
        private = self.mode == "private"
        return azure.containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_vnet_integration=True,
            subnet_id=self.subnet,
            enable_private_cluster=private,
            enable_private_cluster_public_fqdn=False if private else None,
            private_dns_zone="system" if private else None,
            authorized_ip_ranges=None if private else list(self.allowed_cidrs),
            # It lets whoever may use Azure's own API run commands in the cluster, past the network.
            disable_run_command=True,
        )


def kubeconfig(resource_group: pulumi.Input[str], cluster: azure.containerservice.ManagedCluster) -> pulumi.Output[str]:
    """A kubeconfig that asks kubelogin for a token at each use, and holds none.

    The server's certificate is signed by the cluster's own authority, which only the credentials' answer holds. Of the
    rest of that answer nothing is kept, and it counts as secret until it is reduced.
    """
    credentials = azure.containerservice.list_managed_cluster_user_credentials_output(
        format="exec",
        resource_group_name=resource_group,
        resource_name=cluster.name,
        opts=pulumi.InvokeOutputOptions(parent=cluster, depends_on=[cluster]),
    )
    return pulumi.Output.secret(credentials).apply(lambda answer: reduced(answer.kubeconfigs[0].value))


def reduced(encoded: str) -> str:
    """Server and authority of a kubeconfig, with our own way to a token in place of whatever credential it has."""
    return render_kubeconfig(*server_and_authority(base64.b64decode(encoded)))


def render_kubeconfig(server: str, ca_certificate: str) -> str:
    """A kubeconfig for an AKS server. `ca_certificate` is base64, as the API gives it.

    Whoever is logged in with the Azure CLI is whom the token is for: kubelogin's own default would wait for a browser.
    """
    plugin = {
        "command": "kubelogin",
        "args": ["get-token", "--login", "azurecli", "--server-id", SERVER_APPLICATION],
        "installHint": "Install kubelogin: az aks install-cli",
    }
    return render("aks", server, ca_certificate, plugin)


def access_command(cluster: str, subscription_id: str, resource_group: str) -> str:
    """Command that writes a person's kubeconfig for the cluster, with a token from the Azure CLI's login."""
    credentials = (
        f"az aks get-credentials --subscription {subscription_id} --resource-group {resource_group} --name {cluster}"
    )
    return f"{credentials} && kubelogin convert-kubeconfig -l azurecli"
