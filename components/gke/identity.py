"""Who acts in a GKE stack: the nodes' service account, and pods as principals of the project."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.contracts import ServiceAccount
from components.naming import physical_name

NODE_ROLE = "roles/container.defaultNodeServiceAccount"
"""Writes logs and metrics, no more: https://cloud.google.com/kubernetes-engine/docs/how-to/service-accounts"""


@dataclass(frozen=True, kw_only=True)
class GkeNodeIdentityArgs:
    cluster: str
    """Name of the cluster."""

    project: str
    """Project that the role is granted in."""

    iam_api: pulumi.Resource
    """The IAM API, switched on."""

    resource_manager_api: pulumi.Resource
    """The Cloud Resource Manager API, switched on: grants on a project go through it."""


class GkeNodeIdentity(pulumi.ComponentResource):
    """The service account that nodes run as."""

    email: pulumi.Output[str]
    """E-mail address of the service account."""

    member: pulumi.Output[str]
    """The service account as a member of grants."""

    def __init__(self, name: str, args: GkeNodeIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeNodeIdentity", name, {}, opts)
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=physical_name(args.cluster, "nodes", limit=30),
            display_name=f"Nodes of {args.cluster}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.iam_api]),
        )
        self.grant = gcp.projects.IAMMember(
            f"{name}-role",
            project=args.project,
            role=NODE_ROLE,
            member=account.member,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.resource_manager_api]),
        )

        self.email = account.email
        self.member = account.member
        self.register_outputs({"email": self.email, "member": self.member})


@dataclass(frozen=True, kw_only=True)
class GkeWorkloadPool:
    """Where the pods of a project's clusters are principals of Google Cloud."""

    project: str
    """Id of the project."""

    project_number: pulumi.Output[str]
    """Number of the project: members are spelt with it."""

    cluster: pulumi.Resource
    """Brings the pool into being: a member in it cannot be granted anything before."""

    def member(self, account: ServiceAccount) -> pulumi.Output[str]:
        """The pods of a Kubernetes service account, as a member of grants."""
        return self.project_number.apply(lambda number: workload_principal(self.project, number, account))


def workload_principal(project: str, project_number: str, account: ServiceAccount) -> str:
    """The pods of one Kubernetes service account, as a member of grants.

    The form is Google's: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
    """
    pool = f"projects/{project_number}/locations/global/workloadIdentityPools/{project}.svc.id.goog"
    return f"principal://iam.googleapis.com/{pool}/subject/ns/{account.namespace}/sa/{account.name}"
