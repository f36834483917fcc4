"""Traces, metrics and logs of services over OTLP: the OpenTelemetry Collector, and what samples traces behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import TRACING
from components.platform.addresses import OTEL_COLLECTOR, collector_url, jaeger_otlp, loki_url, prometheus_replicas
from components.platform.otel_collector_config import Config, Flow, gateway_config, sampler_config
from components.pod_resources import requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.priorities import PLATFORM
from components.releases import ChartSource, release_args
from stacks import versions

SAMPLER = "otel-sampler"
"""Release and Service of the pods that sample."""

USER = 10001
"""The user that the image declares."""

API_READER = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]
"""What the processor that names the sender reads. It derives the name of the Deployment from the pod's owner:
https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.158.0/processor/k8sattributesprocessor"""


@dataclass(frozen=True, kw_only=True)
class OtelCollectorArgs:
    environment: str
    """Environment of the stack, the resource attribute `deployment.environment.name` of everything."""

    sampled_percent: int
    """Share, in percent, of the traces that are kept beside those with an error and slow ones."""

    slow_ms: int
    """Milliseconds from which a trace is slow."""

    high_availability: bool
    """Whether two pods take in and two others sample, spread over zones; else one pod does both."""

    prometheus_replicas: int
    """How many Prometheus servers there are; each gets all metrics."""

    namespace: pulumi.Resource
    """The namespace that the collector runs in: `tracing`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the releases make use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class OtelCollector(pulumi.ComponentResource):
    """Takes in what services send, and passes it on to Jaeger, Prometheus and Loki."""

    url: pulumi.Output[str]
    """Where services send OTLP over HTTP; over gRPC it is port 4317."""

    def __init__(self, name: str, args: OtelCollectorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OtelCollector", name, {}, opts)
        waits_for = [args.namespace, args.service_monitors, *args.nodes]
        for release, values in releases(args).items():
            kubernetes.helm.v3.Release(
                f"{name}-{release}",
                release_args(
                    args.charts.locate(versions.OTEL_COLLECTOR),
                    name=release,
                    namespace=TRACING,
                    values=values,
                    timeout=600,
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
            )

        # Known before the release is there: services retry, so nothing has to wait for it.
        self.url = pulumi.Output.from_input(collector_url())
        self.register_outputs({"url": self.url})


def releases(args: OtelCollectorArgs) -> dict[str, dict[str, Any]]:
    """Values of each release by its name: one that takes in, and one that samples where several pods take in."""
    both = flow(args)
    gateway = collector_values(OTEL_COLLECTOR, gateway_config(both), args.high_availability)
    gateway["clusterRole"] = {"create": True, "rules": API_READER}
    if not args.high_availability:
        return {OTEL_COLLECTOR: {**gateway, "resources": requests("100m", "256Mi")}}
    sampler = collector_values(SAMPLER, sampler_config(both), high_availability=True)
    return {
        OTEL_COLLECTOR: {**gateway, "resources": requests("200m", "512Mi")},
        SAMPLER: {
            **sampler,
            # Without an address of its own, the name stands for all pods that are ready: the other tier chooses.
            "service": {"clusterIP": "None"},
            "serviceAccount": {"automountServiceAccountToken": False},
            "resources": requests("200m", "1Gi"),
        },
    }


def flow(args: OtelCollectorArgs) -> Flow:
    """What is kept, and where it goes."""
    return Flow(
        environment=args.environment,
        sampled_percent=args.sampled_percent,
        slow_ms=args.slow_ms,
        traces=jaeger_otlp(),
        metrics=prometheus_replicas(args.prometheus_replicas),
        logs=loki_url(),
        samplers=f"{SAMPLER}.{TRACING}.svc" if args.high_availability else None,
    )


def collector_values(name: str, config: Config, high_availability: bool) -> dict[str, Any]:
    """Values of the collector's chart, for one release.

    `alternateConfig` is the configuration as a whole; `config` would be merged into the chart's own.
    """
    return {
        "fullnameOverride": name,
        "mode": "deployment",
        "priorityClassName": PLATFORM,
        "replicaCount": 2 if high_availability else 1,
        "image": {"repository": versions.OTEL_COLLECTOR_IMAGE, "tag": versions.OTEL_COLLECTOR_VERSION},
        "alternateConfig": config,
        "ports": ports(),
        "serviceMonitor": {"enabled": True},
        "podDisruptionBudget": {"enabled": high_availability, "maxUnavailable": 1},
        "podSecurityContext": {**RESTRICTED_POD, "runAsUser": USER},
        "securityContext": dict(RESTRICTED_CONTAINER),
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": name}},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        # Time for the traces that are still waited for, and for the queues.
        "terminationGracePeriodSeconds": 60,
    }


def ports() -> dict[str, Any]:
    """OTLP and the collector's own metrics; the chart would open those of Jaeger and Zipkin as well."""
    others = ("jaeger-compact", "jaeger-thrift", "jaeger-grpc", "zipkin")
    return {"metrics": {"enabled": True}, **{port: {"enabled": False} for port in others}}
