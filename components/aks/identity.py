"""Who acts in an AKS stack: the cluster's control plane, its nodes, and the pods of service accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from components.aks.roles import IDENTITY_OPERATOR, NETWORK_CONTRIBUTOR, grant
from components.contracts import ServiceAccount, WorkloadIdentity

AUDIENCE = "api://AzureADTokenExchange"
"""Whom the tokens of service accounts are meant for: https://learn.microsoft.com/azure/aks/workload-identity-overview"""

CLIENT_ID = "azure.workload.identity/client-id"
"""Annotation of a service account: which identity its pods take on."""

USE = "azure.workload.identity/use"
"""Label of the pods that take on an identity. Without it they get no token."""


@dataclass(frozen=True, kw_only=True)
class AksClusterIdentityArgs:
    place: Place
    """Where the identities lie."""

    network: pulumi.Input[str]
    """Id of the network that the control plane puts machines, load balancers and itself into."""


class AksClusterIdentity(pulumi.ComponentResource):
    """The identities of control plane and nodes, with the grants that creating a cluster needs."""

    control_plane_id: pulumi.Output[str]
    """Id of the control plane's identity."""

    control_plane_principal: pulumi.Output[str]
    """Principal id of the control plane's identity."""

    nodes_id: pulumi.Output[str]
    """Id of the nodes' identity."""

    nodes_client: pulumi.Output[str]
    """Client id of the nodes' identity."""

    nodes_principal: pulumi.Output[str]
    """Principal id of the nodes' identity."""

    def __init__(self, name: str, args: AksClusterIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksClusterIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        control_plane = identity(f"{name}-control-plane", args.place, child)
        nodes = identity(f"{name}-nodes", args.place, child)
        subscription = args.place.subscription_id
        self.grants = [
            grant(
                f"{name}-attaches-nodes",
                IDENTITY_OPERATOR,
                subscription_id=subscription,
                scope=nodes.id,
                principal_id=control_plane.principal_id,
                opts=child,
            ),
            grant(
                f"{name}-joins-network",
                NETWORK_CONTRIBUTOR,
                subscription_id=subscription,
                scope=args.network,
                principal_id=control_plane.principal_id,
                opts=child,
            ),
        ]

        self.control_plane_id = control_plane.id
        self.control_plane_principal = control_plane.principal_id
        self.nodes_id = nodes.id
        self.nodes_client = nodes.client_id
        self.nodes_principal = nodes.principal_id
        self.register_outputs(
            {
                "control_plane_id": self.control_plane_id,
                "control_plane_principal": self.control_plane_principal,
                "nodes_id": self.nodes_id,
                "nodes_client": self.nodes_client,
                "nodes_principal": self.nodes_principal,
            }
        )


@dataclass(frozen=True, kw_only=True)
class AksWorkloadIdentityArgs:
    place: Place
    """Where the identity lies."""

    service_account: ServiceAccount
    """The Kubernetes service account whose pods take it on."""

    issuer: pulumi.Input[str]
    """The cluster's token issuer, exactly as the cluster gives it: the slash at its end counts."""


class AksWorkloadIdentity(pulumi.ComponentResource):
    """An identity for the pods of one service account. One each: an identity takes one change at a time."""

    client_id: pulumi.Output[str]
    """Client id of the identity, for the service account's annotation."""

    principal_id: pulumi.Output[str]
    """Principal id of the identity, for grants."""

    def __init__(self, name: str, args: AksWorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksWorkloadIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        taken_on = identity(f"{name}-identity", args.place, child)
        self.credential = azure.managedidentity.FederatedIdentityCredential(
            f"{name}-federation",
            resource_group_name=args.place.resource_group,
            resource_name_=taken_on.name,
            issuer=args.issuer,
            subject=subject(args.service_account),
            audiences=[AUDIENCE],
            opts=child,
        )

        self._account = args.service_account
        self.client_id = taken_on.client_id
        self.principal_id = taken_on.principal_id
        self.register_outputs({"client_id": self.client_id, "principal_id": self.principal_id})

    def contract(
        self, grants: Sequence[pulumi.Resource], env: Mapping[str, pulumi.Input[str]] | None = None
    ) -> WorkloadIdentity:
        """What makes pods this identity, once it has `grants`.

        Azure's webhook mounts a token of its own and tells the libraries where it lies:
        https://learn.microsoft.com/azure/aks/workload-identity-overview
        """
        return WorkloadIdentity(
            service_account=self._account,
            annotations={CLIENT_ID: self.client_id},
            pod_labels={USE: "true"},
            env=env or {},
            grants=[self.credential, *grants],
        )


def identity(name: str, place: Place, opts: pulumi.ResourceOptions) -> azure.managedidentity.UserAssignedIdentity:
    """An identity that outlives whatever takes it on."""
    return azure.managedidentity.UserAssignedIdentity(
        name,
        azure.managedidentity.UserAssignedIdentityArgs(
            resource_group_name=place.resource_group, location=place.location, tags=place.tags
        ),
        opts=opts,
    )


def subject(account: ServiceAccount) -> str:
    """A service account, as the tokens of its pods name it."""
    return f"system:serviceaccount:{account.namespace}:{account.name}"
