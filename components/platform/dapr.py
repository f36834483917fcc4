"""The runtime of application services: Dapr's control plane, which gives sidecars their identity and configuration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import DAPR as NAMESPACE
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import DAPR

RELEASE = "dapr"

TRUST_DOMAIN = "cluster.local"
"""Domain of the control plane's identities. Sidecars ask sentry for a name in it: another one is a new root."""

WITH_SIDECAR = {"groundwork/sidecar": "true"}
"""Label of the pods that the injector is asked about: no other pod of the cluster waits for it."""

SIDECAR_METRICS = "dapr-metrics"
"""Name of the port that sidecars show their metrics on: the injector's own."""

SIDECARS = {"dapr.io/sidecar-injected": "true"}
"""Label that the injector gives to the pods that it has given a sidecar."""

CONTROL_PLANE = {"app.kubernetes.io/part-of": "dapr"}
"""Label of the pods of the control plane."""


@dataclass(frozen=True, kw_only=True)
class DaprArgs:
    bundle: pulumi.Input[str]
    """Certificates of the roots that sidecars trust, in PEM."""

    issuer: pulumi.Input[str]
    """Certificate that sentry signs with, in PEM."""

    issuer_key: pulumi.Input[str]
    """Its key, in PEM. The one secret of the platform that enters a chart by its values: the chart makes the Secret of
    it itself, and a second one that is there already is not taken."""

    high_availability: bool
    """Whether three of each part run, in different zones. Of the scheduler there are always three."""

    storage_class: str
    """StorageClass of the scheduler's volumes, which hold jobs, reminders and timers of workflows."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `dapr-system`."""

    definitions: Sequence[pulumi.Resource]
    """Dapr's definitions of custom resources: the release makes an object of one and watches all of them."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Dapr(pulumi.ComponentResource):
    """Sentry, which signs certificates; the operator, the injector, placement and the scheduler."""

    def __init__(self, name: str, args: DaprArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Dapr", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(DAPR),
                name=RELEASE,
                namespace=NAMESPACE,
                values=dapr_values(args),
                timeout=900,
                # They are resources of their own, which upgrades change.
                skip_crds=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, *args.definitions, *args.nodes]),
        )
        monitored = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors])
        _pod_monitor(f"{name}-monitor", "dapr", control_plane_targets(), monitored)
        _pod_monitor(f"{name}-sidecars-monitor", "dapr-sidecars", sidecar_targets(), monitored)
        self.register_outputs({})


def dapr_values(args: DaprArgs) -> dict[str, Any]:
    """Values of Dapr's chart."""
    large = args.high_availability
    return {
        "global": {
            "tag": DAPR.version,
            "logAsJson": True,
            "seccompProfile": "RuntimeDefault",
            "priorityClassName": CRITICAL,
            "mtls": {"enabled": True, "controlPlaneTrustDomain": TRUST_DOMAIN},
            "ha": {"enabled": large, "replicaCount": 3, "disruption": {"maximumUnavailable": "1"}},
        },
        "dapr_operator": {"resources": requests("100m", "256Mi") if large else requests("20m", "128Mi")},
        "dapr_placement": {
            # Placement keeps its log in memory whatever the chart mounts, and a volume that only comes with the second
            # pod would make that one impossible to add to a stack that is up: https://github.com/dapr/dapr/issues/10468,
            # https://github.com/dapr/dapr/blob/v1.18.3/pkg/placement/internal/leadership/leadership.go
            "cluster": {"forceInMemoryLog": True},
            "resources": requests("100m", "128Mi") if large else requests("20m", "64Mi"),
        },
        # The chart would let the service account `default` of the namespace `default` read all Secrets in there.
        "dapr_rbac": {"secretReader": {"enabled": False}},
        "dapr_scheduler": {
            "cluster": {"storageClassName": args.storage_class, "storageSize": "16Gi" if large else "2Gi"},
            "resources": requests("200m", "512Mi") if large else requests("20m", "192Mi"),
        },
        "dapr_sentry": {
            "tls": {
                "root": {"certPEM": args.bundle},
                "issuer": {"certPEM": args.issuer, "keyPEM": pulumi.Output.secret(args.issuer_key)},
            },
            "resources": requests("50m", "128Mi") if large else requests("20m", "64Mi"),
        },
        "dapr_sidecar_injector": {
            **injection(),
            "resources": requests("50m", "128Mi") if large else requests("20m", "64Mi"),
        },
    }


def injection() -> dict[str, Any]:
    """Which pods get a sidecar, and what becomes of them while nobody can give them one.

    They are not created then: their ReplicaSet says so and tries again, and the pods that run stay. A pod without its
    sidecar would start, take requests and fail at each; nothing would ever give it one.
    """
    return {
        "webhookFailurePolicy": "Fail",
        "objectSelector": {"matchLabels": dict(WITH_SIDECAR)},
        # What the cluster itself needs never waits: https://kubernetes.io/docs/concepts/cluster-administration/
        # admission-webhooks-good-practices/#webhook-limit-scope
        "namespaceSelector": {
            "matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", NAMESPACE]}
            ]
        },
        # What a namespace of the level `restricted` asks for.
        "sidecarDropALLCapabilities": True,
        "sidecarRunAsNonRoot": True,
        "sidecarReadOnlyRootFilesystem": True,
    }


def control_plane_targets() -> dict[str, Any]:
    """Every part of the control plane, its job by the name that the chart gives it. The chart has no monitor."""
    return {
        "jobLabel": "app",
        "selector": {"matchLabels": dict(CONTROL_PLANE)},
        "podMetricsEndpoints": [{"port": "metrics"}],
    }


def sidecar_targets() -> dict[str, Any]:
    """Every sidecar, in whichever namespace."""
    return {
        "namespaceSelector": {"any": True},
        "selector": {"matchLabels": dict(SIDECARS)},
        "podMetricsEndpoints": [{"port": SIDECAR_METRICS}],
    }


def _pod_monitor(name: str, monitor: str, spec: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
    kubernetes.apiextensions.CustomResource(
        name,
        api_version="monitoring.coreos.com/v1",
        kind="PodMonitor",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=monitor, namespace=NAMESPACE),
        spec=spec,
        opts=opts,
    )
