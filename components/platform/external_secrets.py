"""External Secrets, which brings values from a vault into Secrets of the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import SECRETS_READER, WorkloadIdentity
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import EXTERNAL_SECRETS

RELEASE = "external-secrets"

WEBHOOK_PORT = 10250
"""Where the webhook listens: a port that every cloud lets its control plane reach, as it is the kubelets'."""


@dataclass(frozen=True, kw_only=True)
class ExternalSecretsArgs:
    reader: WorkloadIdentity
    """Who reads the vault."""

    high_availability: bool
    """Whether two replicas run of what reads, of what admits, and of what renews the certificate for that."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `external-secrets`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class ExternalSecrets(pulumi.ComponentResource):
    """Brings the definitions of stores and external secrets, admits such objects, and keeps Secrets as they say."""

    def __init__(self, name: str, args: ExternalSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ExternalSecrets", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(EXTERNAL_SECRETS),
                name=RELEASE,
                namespace=SECRETS_READER.namespace,
                values=external_secrets_values(args),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def external_secrets_values(args: ExternalSecretsArgs) -> dict[str, Any]:
    """Values of the External Secrets chart."""
    reader, replicas = args.reader, 2 if args.high_availability else 1
    return {
        "fullnameOverride": RELEASE,
        "installCRDs": True,
        # Nothing here writes into a vault, makes values of its own, or one Secret for many namespaces.
        "crds": {
            "createClusterExternalSecret": False,
            "createClusterPushSecret": False,
            "createPushSecret": False,
            "createClusterGenerator": False,
        },
        "processClusterExternalSecret": False,
        "processClusterPushSecret": False,
        "processPushSecret": False,
        "processClusterGenerator": False,
        # Whoever may edit a namespace could otherwise ask for secrets of others.
        "rbac": {"aggregateToEdit": False, "aggregateToAdmin": False, "servicebindings": {"create": False}},
        "replicaCount": replicas,
        "leaderElect": args.high_availability,
        **availability(RELEASE, args.high_availability),
        "priorityClassName": CRITICAL,
        "serviceAccount": {"name": SECRETS_READER.name, "annotations": dict(reader.annotations)},
        "podLabels": dict(reader.pod_labels),
        "extraEnv": [{"name": name, "value": value} for name, value in reader.env.items()],
        "resources": requests("20m", "128Mi"),
        "serviceMonitor": {
            "enabled": True,
            # The chart looks for the definition where it renders, which may be before there is one.
            "renderMode": "alwaysRender",
        },
        "webhook": {
            "port": WEBHOOK_PORT,
            "replicaCount": replicas,
            **availability(f"{RELEASE}-webhook", args.high_availability),
            "priorityClassName": CRITICAL,
            "resources": requests("10m", "96Mi"),
        },
        "certController": {
            "replicaCount": replicas,
            **availability(f"{RELEASE}-cert-controller", args.high_availability),
            "priorityClassName": CRITICAL,
            "resources": requests("10m", "128Mi"),
        },
    }


def availability(name: str, high_availability: bool) -> dict[str, Any]:
    """Pods in different zones while there are enough, and one of them at least while nodes are drained."""
    if not high_availability:
        return {}
    constraint = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    }
    return {
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        "topologySpreadConstraints": [constraint],
    }
