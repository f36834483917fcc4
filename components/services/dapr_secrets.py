"""Secrets that services read through Dapr where it does not know the cloud's vault: Secrets that follow the vault's."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.secret_names import prefix
from components.services.dapr_topics import sidecars
from components.services.model import WorkloadSpec

STORE = "vault"
"""The ClusterSecretStore that reads the stack's vault."""

REFRESH = "5m"
"""How long a value that was changed in the vault is not seen."""


def secret_names(workload: str, spec: WorkloadSpec) -> list[str]:
    """Secrets that any service reads, as the vault calls them."""
    return sorted({f"{prefix(workload)}{name}" for dapr in sidecars(spec).values() for name in dapr.secrets})


def external_secret_spec(name: str) -> dict[str, Any]:
    """A Secret of the same name, with the value by that name too: an answer then looks as one of a cloud's vault does.

    https://docs.dapr.io/reference/api/secrets_api/
    """
    return {
        "refreshInterval": REFRESH,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "target": {"name": name},
        "data": [{"secretKey": name, "remoteRef": {"key": name}}],
    }


def external_secret(
    resource_name: str, name: str, namespace: str, opts: pulumi.ResourceOptions
) -> kubernetes.apiextensions.CustomResource:
    """Registers the Secret of one value in the vault."""
    return kubernetes.apiextensions.CustomResource(
        resource_name,
        api_version="external-secrets.io/v1",
        kind="ExternalSecret",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=external_secret_spec(name),
        opts=opts,
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
