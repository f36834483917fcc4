"""Secrets that services read through Dapr where it does not know the cloud's vault: Secrets that follow the vault's."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.vault_secret import Vault, vault_secret
from components.secret_names import prefix
from components.services.dapr.topics import sidecars
from components.services.model import WorkloadSpec


def secret_names(workload: str, spec: WorkloadSpec) -> list[str]:
    """Secrets that any service reads, as the vault calls them."""
    return sorted({f"{prefix(workload)}{name}" for dapr in sidecars(spec).values() for name in dapr.secrets})


def followed(
    resource_name: str, name: str, workload: str, vault: Vault, namespace: pulumi.Resource, parent: pulumi.Resource
) -> pulumi.Resource:
    """Registers the Secret that follows one of the vault, with the value by that name too: an answer then looks as one
    of a cloud's vault does. https://docs.dapr.io/reference/api/secrets_api/
    """
    return vault_secret(
        resource_name,
        vault,
        secret=name,
        namespace=workload,
        values={name: name},
        exists=namespace,
        parent=parent,
    )


def reader(
    resource_name: str, service: str, namespace: str, names: Sequence[str], opts: pulumi.ResourceOptions
) -> kubernetes.rbac.v1.RoleBinding:
    """Lets the pods of one service read the named Secrets, and list none."""
    metadata = kubernetes.meta.v1.ObjectMetaArgs(name=f"{service}-secrets", namespace=namespace)
    rule = kubernetes.rbac.v1.PolicyRuleArgs(
        api_groups=[""], resources=["secrets"], resource_names=list(names), verbs=["get"]
    )
    role = kubernetes.rbac.v1.Role(f"{resource_name}-role", metadata=metadata, rules=[rule], opts=opts)
    return kubernetes.rbac.v1.RoleBinding(
        f"{resource_name}-grant",
        metadata=metadata,
        role_ref=kubernetes.rbac.v1.RoleRefArgs(
            api_group="rbac.authorization.k8s.io", kind="Role", name=f"{service}-secrets"
        ),
        subjects=[kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=service, namespace=namespace)],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[role])),
    )
