"""Certificates: cert-manager, which asks authorities for them, keeps them in Secrets and renews them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import CERTIFICATES_SOLVER, WorkloadIdentity
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import CERT_MANAGER

RELEASE = "cert-manager"

NAMESPACE = CERTIFICATES_SOLVER.namespace
"""Where it runs, and where the Secrets of cluster-wide issuers are."""

RESOLVERS = ("https://8.8.8.8/dns-query", "https://1.1.1.1/dns-query")
"""Who is asked which zone a challenge belongs to: what the whole world sees, where the cluster's own DNS may know a
private zone of the same name, or remember what was there before the delegation. Whether the challenge is there, the
zone's own name servers are asked: a resolver would remember for minutes that it was not."""


@dataclass(frozen=True, kw_only=True)
class CertManagerArgs:
    solver: WorkloadIdentity | None
    """Who cert-manager is to the cloud whose DNS it writes challenges in; none where it writes in none itself."""

    high_availability: bool
    """Whether two pods of each part run: one controller works while the other waits, both webhooks answer."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `cert-manager`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class CertManager(pulumi.ComponentResource):
    """Brings the definitions of issuers and certificates, and the webhook that admits them.

    The release is done when the webhook has answered: issuers and certificates depend on it.
    """

    def __init__(self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:CertManager", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(CERT_MANAGER),
                name=RELEASE,
                namespace=NAMESPACE,
                values=cert_manager_values(args.solver, args.high_availability),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def cert_manager_values(solver: WorkloadIdentity | None, high_availability: bool) -> dict[str, Any]:
    """Values of cert-manager's chart."""
    return {
        "fullnameOverride": RELEASE,
        # Deleting a definition would delete every certificate of the cluster.
        "crds": {"enabled": True, "keep": True},
        # Its own namespace: the default is one that some clouds let nobody write to.
        "global": {"leaderElection": {"namespace": NAMESPACE}, "priorityClassName": CRITICAL},
        **availability(RELEASE, high_availability),
        **identity(solver),
        "dns01RecursiveNameservers": ",".join(RESOLVERS),
        "config": {"logging": {"format": "json"}},
        "resources": resources("20m", "64Mi", "256Mi"),
        "webhook": {
            **availability("webhook", high_availability),
            # The API server's patience for a write; the chart's 30 s is the longest there is.
            "timeoutSeconds": 10,
            "resources": resources("10m", "32Mi", "128Mi"),
        },
        "cainjector": {
            **availability("cainjector", high_availability),
            # It keeps every Secret with a certificate and every definition in memory.
            "resources": resources("10m", "96Mi", "384Mi"),
        },
        "startupapicheck": {"resources": resources("10m", "32Mi", "64Mi")},
        "prometheus": {"servicemonitor": {"enabled": True}},
    }


def identity(solver: WorkloadIdentity | None) -> dict[str, Any]:
    """Account, labels and environment of the controller, which writes challenges."""
    account = {"name": CERTIFICATES_SOLVER.name}
    if solver is None:
        return {"serviceAccount": account}
    return {
        "serviceAccount": {**account, "annotations": dict(solver.annotations)},
        "podLabels": dict(solver.pod_labels),
        "extraEnv": [{"name": variable, "value": value} for variable, value in solver.env.items()],
    }


def availability(part: str, high_availability: bool) -> dict[str, Any]:
    """Replicas of a part, apart from each other."""
    if not high_availability:
        return {"replicaCount": 1}
    return {
        "replicaCount": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "topologySpreadConstraints": [
            spread(part, "topology.kubernetes.io/zone"),
            spread(part, "kubernetes.io/hostname"),
        ],
    }


def spread(part: str, topology: str) -> dict[str, Any]:
    """One pod of a part in each of them, while there are enough."""
    labels = {"app.kubernetes.io/name": part, "app.kubernetes.io/instance": RELEASE}
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
    }


def resources(cpu: str, memory: str, limit: str) -> dict[str, Any]:
    """Requests of one that idles, and room for the minute in which everything is read."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": limit}}
