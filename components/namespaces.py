"""Namespaces, each with the Pod Security level that its pods can bear."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes

MONITORING = "monitoring"
"""The namespace of what watches the cluster."""

TRACING = "tracing"
"""The namespace of what takes in, samples and keeps traces."""

GATEWAY = "gateway"
"""The namespace of what answers for the stack's hosts."""

VAULT = "vault"
"""The namespace whose Secrets stand for those of a cloud's vault, on a cluster that no cloud runs."""

DAPR = "dapr-system"
"""The namespace of Dapr's control plane."""

KEDA = "keda"
"""The namespace of what scales services by events."""

RELOADER = "reloader"
"""The namespace of what restarts pods whose Secrets change."""

STRIMZI = "strimzi"
"""The namespace of the operator of Kafka."""

CLOUDNATIVE_PG = "cnpg-system"
"""The namespace of the operator of PostgreSQL."""

DATABASES = "databases"
"""The namespace of what makes databases on the cloud's server, where a stack has one."""

PERCONA_MONGODB = "percona-mongodb"
"""The namespace of the operator of MongoDB."""

RABBITMQ_OPERATOR = "rabbitmq-operator"
"""The namespace of the operator of RabbitMQ."""

CONSUL = "consul"
"""The namespace of the service registry, where a stack has one."""

Level = Literal["restricted", "baseline", "privileged"]


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs:
    levels: Mapping[str, Level]
    """Pod Security level by namespace."""

    protect: bool = False
    """Whether the namespaces refuse to be destroyed: deleting one deletes the claims in it, and with them the data."""


class Namespaces(pulumi.ComponentResource):
    """Namespaces that enforce a Pod Security level and warn of what `restricted` would refuse."""

    def __init__(self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Namespaces", name, {}, opts)
        self._namespaces = {
            namespace: kubernetes.core.v1.Namespace(
                f"{name}-{namespace}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=namespace, labels=pod_security_labels(level)),
                opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
            for namespace, level in args.levels.items()
        }
        self.register_outputs({})

    @property
    def by_name(self) -> Mapping[str, kubernetes.core.v1.Namespace]:
        """Every one of them."""
        return self._namespaces

    def __getitem__(self, namespace: str) -> kubernetes.core.v1.Namespace:
        """The resource to depend on for `namespace`."""
        return self._namespaces[namespace]


def pod_security_labels(level: Level) -> dict[str, str]:
    """Labels that the Pod Security admission controller reads.

    https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    prefix = "pod-security.kubernetes.io"
    return {f"{prefix}/enforce": level, f"{prefix}/audit": "restricted", f"{prefix}/warn": "restricted"}
