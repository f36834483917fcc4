"""What people may do in the cluster: administrators everything, developers and readers see it, Secrets aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from stacks.access import Access

ROLES: Final = "rbac.authorization.k8s.io"

DEVELOPER: Final = "groundwork-developer"
"""ClusterRole of what developers may do, bound in the namespaces of workloads alone."""

CUSTOM: Final = (
    "cert-manager.io",
    "dapr.io",
    "external-secrets.io",
    "kafka.strimzi.io",
    "keda.sh",
    "monitoring.coreos.com",
    "opentelemetry.io",
    "postgresql.cnpg.io",
    "psmdb.percona.com",
    "rabbitmq.com",
)
"""API groups whose objects are seen beside those of Kubernetes. None holds a secret: they name Secrets."""


@dataclass(frozen=True, kw_only=True)
class ClusterRolesArgs:
    admins: Sequence[str]
    """Groups that may do everything."""

    viewers: Sequence[str]
    """Groups that see everything but Secrets, in every namespace."""


class ClusterRoles(pulumi.ComponentResource):
    """The roles of people, and the groups that have them in the whole cluster."""

    def __init__(self, name: str, args: ClusterRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ClusterRoles", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        rbac = kubernetes.rbac.v1
        rbac.ClusterRole(
            f"{name}-sees",
            # Kubernetes adds it to its own role `view`, which shows no Secret.
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="groundwork-view", labels={f"{ROLES}/aggregate-to-view": "true"}
            ),
            rules=sees(),
            opts=child,
        )
        rbac.ClusterRole(
            f"{name}-developer",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=DEVELOPER),
            rules=develops(),
            opts=child,
        )
        for role, groups in {"cluster-admin": args.admins, "view": args.viewers}.items():
            if groups:
                rbac.ClusterRoleBinding(
                    f"{name}-{role}",
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"groundwork-{role}"),
                    role_ref=rbac.RoleRefArgs(api_group=ROLES, kind="ClusterRole", name=role),
                    subjects=subjects(groups),
                    opts=child,
                )
        self.register_outputs({})


def sees() -> list[kubernetes.rbac.v1.PolicyRuleArgs]:
    """What Kubernetes' role `view` does not show by itself."""
    rule, verbs = kubernetes.rbac.v1.PolicyRuleArgs, ["get", "list", "watch"]
    return [
        rule(api_groups=list(CUSTOM), resources=["*"], verbs=verbs),
        rule(api_groups=[""], resources=["nodes", "persistentvolumes"], verbs=verbs),
        rule(api_groups=["storage.k8s.io"], resources=["storageclasses"], verbs=verbs),
        rule(api_groups=["scheduling.k8s.io"], resources=["priorityclasses"], verbs=verbs),
        rule(api_groups=["metrics.k8s.io"], resources=["nodes", "pods"], verbs=["get", "list"]),
    ]


def develops() -> list[kubernetes.rbac.v1.PolicyRuleArgs]:
    """What helps while a service is looked into. What runs is changed by the workload file."""
    rule = kubernetes.rbac.v1.PolicyRuleArgs
    return [
        rule(api_groups=[""], resources=["pods"], verbs=["delete"]),
        rule(api_groups=[""], resources=["pods/exec", "pods/portforward"], verbs=["create", "get"]),
        rule(api_groups=[""], resources=["pods/ephemeralcontainers"], verbs=["patch"]),
        # `kubectl rollout restart`, and `kubectl scale` until the next `pulumi up`.
        rule(api_groups=["apps"], resources=["deployments"], verbs=["patch"]),
        rule(api_groups=["apps"], resources=["deployments/scale"], verbs=["get", "patch", "update"]),
        rule(api_groups=["batch"], resources=["jobs"], verbs=["create", "delete"]),
    ]


def subjects(groups: Sequence[str]) -> list[kubernetes.rbac.v1.SubjectArgs]:
    """Groups, by the names that the cluster's cloud gives them."""
    return [kubernetes.rbac.v1.SubjectArgs(api_group=ROLES, kind="Group", name=group) for group in groups]


def build_cluster_roles(access: Access[str], opts: pulumi.ResourceOptions) -> None:
    """Registers the roles, and who has them in the whole cluster."""
    args = ClusterRolesArgs(admins=access.admins, viewers=[*access.developers, *access.readers])
    ClusterRoles("cluster-roles", args, opts)
