"""What a program that serves an API group of its own may ask the API server, and who may ask it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import CERTIFICATES_SOLVER
from components.platform.cert_manager import NAMESPACE

RBAC = "rbac.authorization.k8s.io"


def access(name: str, group: str, account: str, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """The roles, bound. https://kubernetes.io/docs/tasks/extend-kubernetes/setup-extension-api-server/"""
    server = subject(account, NAMESPACE)
    solve = _role(f"{name}-solve", f"{account}-solve", group, ["*"], ["create"], opts)
    priorities = ["flowschemas", "prioritylevelconfigurations"]
    watch = _role(
        f"{name}-flow", f"{account}-flow", "flowcontrol.apiserver.k8s.io", priorities, ["list", "watch"], opts
    )
    return [
        # Knows by it that a request comes from the API server.
        kubernetes.rbac.v1.RoleBinding(
            f"{name}-authentication",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"{account}-authentication", namespace="kube-system"),
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group=RBAC, kind="Role", name="extension-apiserver-authentication-reader"
            ),
            subjects=[server],
            opts=opts,
        ),
        # Asks by it whether whoever stands behind a request may make it.
        _bound(f"{name}-delegation", f"{account}-delegation", "system:auth-delegator", server, opts),
        _bound(f"{name}-flow-binding", f"{account}-flow", f"{account}-flow", server, _after(opts, watch)),
        _bound(
            f"{name}-solve-binding",
            f"{account}-solve",
            f"{account}-solve",
            subject(CERTIFICATES_SOLVER.name, NAMESPACE),
            _after(opts, solve),
        ),
    ]


def subject(account: str, namespace: str) -> kubernetes.rbac.v1.SubjectArgs:
    """A service account."""
    return kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=account, namespace=namespace)


def _role(
    resource: str, name: str, group: str, resources: list[str], verbs: list[str], opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    return kubernetes.rbac.v1.ClusterRole(
        resource,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name),
        rules=[kubernetes.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=resources, verbs=verbs)],
        opts=opts,
    )


def _bound(
    resource: str, name: str, role: str, to: kubernetes.rbac.v1.SubjectArgs, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    return kubernetes.rbac.v1.ClusterRoleBinding(
        resource,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name),
        role_ref=kubernetes.rbac.v1.RoleRefArgs(api_group=RBAC, kind="ClusterRole", name=role),
        subjects=[to],
        opts=opts,
    )


def _after(opts: pulumi.ResourceOptions, role: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[role]))
