"""The secret store of a local stack: a namespace whose Secrets people fill in, and who may read them."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import pod_security_labels

FIELD = "value"
"""The key under which a Secret of the namespace has its value. Each stands for one secret of a vault."""

READER = "reader"
"""The service account that External Secrets reads as."""


@dataclass(frozen=True, kw_only=True)
class LocalSecretsArgs:
    namespace: str
    """Name of the namespace. It holds no pods."""

    protect: bool
    """Whether the namespace refuses to be destroyed, and the Secrets in it with it."""


class LocalSecrets(pulumi.ComponentResource):
    """A namespace that stands for a vault, and a service account that reads in it and nowhere else."""

    def __init__(self, name: str, args: LocalSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:LocalSecrets", name, {}, opts)
        namespace = kubernetes.core.v1.Namespace(
            f"{name}-namespace",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.namespace, labels=pod_security_labels("restricted")),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        inside = pulumi.ResourceOptions(parent=self, depends_on=[namespace])
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=READER, namespace=args.namespace)
        account = kubernetes.core.v1.ServiceAccount(f"{name}-reader", metadata=metadata, opts=inside)
        role = kubernetes.rbac.v1.Role(
            f"{name}-role",
            metadata=metadata,
            rules=[
                kubernetes.rbac.v1.PolicyRuleArgs(
                    api_groups=[""], resources=["secrets"], verbs=["get", "list", "watch"]
                )
            ],
            opts=inside,
        )
        self.grant = kubernetes.rbac.v1.RoleBinding(
            f"{name}-grant",
            metadata=metadata,
            role_ref=kubernetes.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=READER),
            subjects=[kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=READER, namespace=args.namespace)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, role]),
        )
        self.register_outputs({})


def secret_store_provider(namespace: str) -> dict[str, Any]:
    """The `spec.provider` of an External Secrets store that reads the Secrets of one namespace of its own cluster.

    Every namespace has the cluster's authority in the ConfigMap `kube-root-ca.crt`:
    https://kubernetes.io/docs/concepts/configuration/configmap/
    """
    authority = {"type": "ConfigMap", "name": "kube-root-ca.crt", "namespace": namespace, "key": "ca.crt"}
    return {
        "kubernetes": {
            "remoteNamespace": namespace,
            "server": {"caProvider": authority},
            "auth": {"serviceAccount": {"name": READER, "namespace": namespace}},
        }
    }
