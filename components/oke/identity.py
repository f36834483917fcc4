"""Who acts in an OKE stack: statements of policies, and users for what takes no other identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.contracts import ServiceAccount, WorkloadIdentity

OBJECT_PERMISSIONS = ("OBJECT_INSPECT", "OBJECT_READ", "OBJECT_CREATE", "OBJECT_OVERWRITE", "OBJECT_DELETE")
"""Lists, reads, writes and deletes objects. Old versions, which a deleted object leaves, are out of reach."""


READ_PERMISSIONS = ("OBJECT_INSPECT", "OBJECT_READ")
"""Lists and reads objects."""


def location(compartment: str) -> str:
    """Where a statement holds, in the policy language. The root compartment is the tenancy itself."""
    return "tenancy" if compartment.startswith("ocid1.tenancy.") else f"compartment id {compartment}"


def workload(cluster: str, account: ServiceAccount, *also: str) -> str:
    """The condition that only the pods of one service account of one cluster meet, and what else is to hold.

    All four parts are needed: `any-user` without them is every principal of the tenancy.
    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
    """
    parts = {
        "request.principal.type": "workload",
        "request.principal.namespace": account.namespace,
        "request.principal.service_account": account.name,
        "request.principal.cluster_id": cluster,
    }
    conditions = ", ".join([*(f"{key} = '{value}'" for key, value in parts.items()), *also])
    return f"ALL {{{conditions}}}"


def pod_identity(
    account: ServiceAccount,
    region: str,
    grants: Sequence[pulumi.Resource],
    env: Mapping[str, pulumi.Input[str]] | None = None,
) -> WorkloadIdentity:
    """What Oracle's libraries look for in a pod: the version of the exchange, a region, and the pod's own token.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
    """
    found = {"OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "OCI_RESOURCE_PRINCIPAL_REGION": region}
    return WorkloadIdentity(service_account=account, env={**found, **(env or {})}, mounts_token=True, grants=grants)


def bucket_statements(group: str, compartment: str, bucket: str) -> list[str]:
    """What lets a group use the objects of one bucket, and see the bucket itself.

    Buckets are matched without regard to case: names of ours have lower-case letters only.
    """
    permitted = ", ".join(f"request.permission = '{permission}'" for permission in OBJECT_PERMISSIONS)
    only = f"target.bucket.name = '{bucket}'"
    return [
        f"Allow group {group} to read buckets in {location(compartment)} where {only}",
        f"Allow group {group} to manage objects in {location(compartment)} where ALL {{{only}, ANY {{{permitted}}}}}",
    ]


def pod_bucket_statements(
    cluster: str, account: ServiceAccount, compartment: str, bucket: str, permissions: Sequence[str]
) -> list[str]:
    """What lets the pods of a service account use the objects of one bucket, and see the bucket itself."""
    permitted = ", ".join(f"request.permission = '{permission}'" for permission in permissions)
    only, place = f"target.bucket.name = '{bucket}'", location(compartment)
    sees, uses = workload(cluster, account, only), workload(cluster, account, only, f"ANY {{{permitted}}}")
    return [
        f"Allow any-user to read buckets in {place} where {sees}",
        f"Allow any-user to manage objects in {place} where {uses}",
    ]


@dataclass(frozen=True, kw_only=True)
class OkeUserArgs:
    tenancy: str
    """OCID of the tenancy, which users and groups belong to."""

    compartment: str
    """OCID of the compartment that the user acts in."""

    user: str
    """Name of the user, and of its group and policy."""

    email: str
    """Address of the user. Identity domains refuse a user without one, and no two users have the same."""

    purpose: str
    """What the user is for."""

    statements: Sequence[str]
    """What the policy says of the group, which has the user's name."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeUser(pulumi.ComponentResource):
    """A user without a password, in a group that may do what the statements say."""

    user_id: pulumi.Output[str]
    """OCID of the user."""

    def __init__(self, name: str, args: OkeUserArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeUser", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.home)
        user = oci.identity.User(
            f"{name}-user",
            compartment_id=args.tenancy,
            name=args.user,
            description=args.purpose,
            email=args.email,
            opts=child,
        )
        group = oci.identity.Group(
            f"{name}-group", compartment_id=args.tenancy, name=args.user, description=args.purpose, opts=child
        )
        membership = oci.identity.UserGroupMembership(
            f"{name}-membership", user_id=user.id, group_id=group.id, opts=child
        )
        policy = oci.identity.Policy(
            f"{name}-policy",
            compartment_id=args.compartment,
            name=args.user,
            description=args.purpose,
            statements=list(args.statements),
            # A statement that names a group is refused before the group exists.
            opts=pulumi.ResourceOptions(parent=self, provider=args.home, depends_on=[group]),
        )
        self.grants: list[pulumi.Resource] = [membership, policy]

        self.user_id = user.id
        self.register_outputs({"user_id": self.user_id})
