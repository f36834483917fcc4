"""Auto-instrumentation: the OpenTelemetry operator, which puts an agent into the pods that ask for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import TRACING
from components.own_ca import OWN_CA
from components.priorities import PLATFORM
from components.releases import ChartSource, release_args
from stacks.versions import OTEL_OPERATOR

RELEASE = "opentelemetry-operator"

INSTRUMENTED = {"groundwork/instrumented": "true"}
"""Label of the pods and of the Instrumentation objects that the operator's webhooks are asked about: no other pod of
the cluster waits for them."""


@dataclass(frozen=True, kw_only=True)
class OtelOperatorArgs:
    high_availability: bool
    """Whether two pods answer the API server, so that none misses its agent while one is replaced."""

    namespace: pulumi.Resource
    """The namespace that the operator runs in: `tracing`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    own_ca: pulumi.Resource
    """The cluster's own authority, which vouches for the webhooks to the API server."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class OtelOperator(pulumi.ComponentResource):
    """Answers when pods are created, and brings the definition of Instrumentation objects."""

    def __init__(self, name: str, args: OtelOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OtelOperator", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(OTEL_OPERATOR),
                name=RELEASE,
                namespace=TRACING,
                values=operator_values(args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.namespace, args.service_monitors, args.own_ca, *args.nodes]
            ),
        )
        self.register_outputs({})


def operator_values(high_availability: bool) -> dict[str, Any]:
    """Values of the operator's chart."""
    return {
        "fullnameOverride": RELEASE,
        "priorityClassName": PLATFORM,
        "replicaCount": 2 if high_availability else 1,
        "pdb": {"create": high_availability},
        "manager": {
            "createRbacPermissions": False,
            "serviceMonitor": {"enabled": True},
            "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        },
        "admissionWebhooks": admission_webhooks(),
    }


def admission_webhooks() -> dict[str, Any]:
    """The webhooks, with a certificate that is renewed in time: the pods read it again, and the API server is told."""
    return {
        "certManager": {"enabled": True, "issuerRef": {"kind": "ClusterIssuer", "name": OWN_CA}},
        "autoGenerateCert": {"enabled": False},
        # A pod without an agent rather than no pod.
        "pods": {"failurePolicy": "Ignore"},
        "timeoutSeconds": 5,
        "objectSelector": {"matchLabels": dict(INSTRUMENTED)},
    }
