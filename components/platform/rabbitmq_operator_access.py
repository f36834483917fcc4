"""What the operator of RabbitMQ may do, as its own manifest has it."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

RBAC: Final = "rbac.authorization.k8s.io"

Rule = tuple[str, Sequence[str], Sequence[str]]
"""API group, resources, and what may be done with them."""

EVERYWHERE: Final[Sequence[Rule]] = (
    (
        "",
        ("configmaps", "persistentvolumeclaims", "secrets", "serviceaccounts", "services"),
        ("create", "get", "list", "update", "watch"),
    ),
    ("", ("endpoints",), ("get", "list", "watch")),
    ("", ("events",), ("create", "get", "patch")),
    ("", ("pods",), ("get", "list", "update", "watch")),
    ("", ("pods/exec",), ("create",)),
    ("apps", ("statefulsets",), ("create", "delete", "get", "list", "update", "watch")),
    ("discovery.k8s.io", ("endpointslices",), ("get", "list", "watch")),
    ("rabbitmq.com", ("rabbitmqclusters",), ("create", "get", "list", "update", "watch")),
    ("rabbitmq.com", ("rabbitmqclusters/finalizers",), ("update",)),
    ("rabbitmq.com", ("rabbitmqclusters/status",), ("get", "patch", "update")),
    (RBAC, ("rolebindings", "roles"), ("create", "delete", "get", "list", "update", "watch")),
)
"""https://github.com/rabbitmq/cluster-operator/blob/v2.22.3/config/rbac/role.yaml"""

AT_HOME: Final[Sequence[Rule]] = (
    ("coordination.k8s.io", ("leases",), ("get", "list", "watch", "create", "update", "patch", "delete")),
    ("", ("events",), ("create", "patch")),
)
"""Which of its pods works."""


def access(name: str, account: str, namespace: str, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """The roles, bound to the account."""
    rbac = kubernetes.rbac.v1
    everywhere = kubernetes.meta.v1.ObjectMetaArgs(name=account)
    at_home = kubernetes.meta.v1.ObjectMetaArgs(name=account, namespace=namespace)
    subjects = [rbac.SubjectArgs(kind="ServiceAccount", name=account, namespace=namespace)]
    clusters = rbac.ClusterRole(f"{name}-role", metadata=everywhere, rules=_rules(EVERYWHERE), opts=opts)
    leases = rbac.Role(f"{name}-leases", metadata=at_home, rules=_rules(AT_HOME), opts=opts)
    return [
        rbac.ClusterRoleBinding(
            f"{name}-binding",
            metadata=everywhere,
            role_ref=rbac.RoleRefArgs(api_group=RBAC, kind="ClusterRole", name=account),
            subjects=subjects,
            opts=_after(opts, clusters),
        ),
        rbac.RoleBinding(
            f"{name}-leases-binding",
            metadata=at_home,
            role_ref=rbac.RoleRefArgs(api_group=RBAC, kind="Role", name=account),
            subjects=subjects,
            opts=_after(opts, leases),
        ),
    ]


def _rules(rules: Sequence[Rule]) -> list[kubernetes.rbac.v1.PolicyRuleArgs]:
    return [
        kubernetes.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=list(verbs))
        for group, resources, verbs in rules
    ]


def _after(opts: pulumi.ResourceOptions, role: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[role]))
