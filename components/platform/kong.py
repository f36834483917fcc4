"""The gateway: Kong without a database and without an API to change it, in front of everything that has a host."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import GATEWAY
from components.platform.gateway_config import Gateway, content_hash, declarative
from components.platform.gateway_problems import problems
from components.pod_resources import requests
from components.releases import ChartSource, release_args
from stacks.problems import SettingsError
from stacks.versions import KONG, KONG_IMAGE_TAG

RELEASE = "kong"

PROXY = "kong-proxy"
"""Service that takes requests in: port 80 redirects, port 443 answers."""

FILE = "kong.yml"
"""Key of the configuration in its Secret: the chart mounts the Secret as /kong_dbless and Kong reads this file."""


@dataclass(frozen=True, kw_only=True)
class KongArgs:
    gateway: Gateway
    """What it does."""

    credentials: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Value of each credential of a consumer, by its place (`credential_sources`)."""

    load_balancer: Mapping[str, pulumi.Input[str]] | None = None
    """Annotations of a load balancer that keeps the client's address. Without one, as on a cluster that nobody outside
    reaches, the gateway is reached by `kubectl port-forward`."""

    high_availability: bool
    """Whether two replicas run, in different zones."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `gateway`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Kong(pulumi.ComponentResource):
    """Answers for every host of the stack. Until a certificate is issued it shows one that it has signed itself."""

    service: pulumi.Output[str]
    """Name of the Service that takes requests in, in the `gateway` namespace."""

    def __init__(self, name: str, args: KongArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Kong", name, {}, opts)
        if found := problems(args.gateway):
            raise SettingsError(found, "gateway")
        content = pulumi.Output.all(**args.credentials).apply(
            lambda credentials: json.dumps(declarative(args.gateway, credentials), indent=1)
        )
        # Kong knows no reference to a Secret in a credential, so the whole file is one.
        configuration = kubernetes.core.v1.Secret(
            f"{name}-configuration",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=configuration_name(args.gateway), namespace=GATEWAY),
            string_data={FILE: pulumi.Output.secret(content)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(KONG),
                name=RELEASE,
                namespace=GATEWAY,
                values=kong_values(args, generation(args.credentials)),
                timeout=600,
                # Those of an ingress controller that does not run.
                skip_crds=True,
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.namespace, args.service_monitors, configuration, *args.nodes]
            ),
        )

        self.service = pulumi.Output.from_input(PROXY)
        self.register_outputs({"service": self.service})


def configuration_name(gateway: Gateway) -> str:
    """Name of the Secret with the configuration. Kong reads it once: another name brings other pods."""
    return f"{RELEASE}-{content_hash(gateway)}"


def generation(credentials: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    """Differs from that of every other set of credentials, and tells nothing of them: they are generated, and long."""
    if not credentials:
        return ""
    digest = pulumi.Output.all(**credentials).apply(
        lambda known: hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
    )
    return pulumi.Output.unsecret(digest)


def kong_values(args: KongArgs, credentials: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the Kong chart."""
    replicas = 2 if args.high_availability else 1
    return {
        "fullnameOverride": RELEASE,
        "image": {"repository": "kong", "tag": KONG_IMAGE_TAG},
        "env": environment(args.high_availability),
        "dblessConfig": {"secret": configuration_name(args.gateway)},
        "ingressController": {"enabled": False},
        "admin": {"enabled": False},
        "manager": {"enabled": False},
        "portal": {"enabled": False},
        "portalapi": {"enabled": False},
        "proxy": proxy(args.load_balancer),
        # The chart looks for the definition where it renders, which may be before there is one. `service` is what Kong
        # calls so: the operator's own label, the Service of the gateway, would take its place.
        "serviceMonitor": {"enabled": True, "trustCRDsExist": True, "honorLabels": True},
        "replicaCount": replicas,
        # A disruption budget for one pod would stop every drain of its node.
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1} if replicas > 1 else {"enabled": False},
        "topologySpreadConstraints": [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
        "podAnnotations": {"groundwork/credentials": credentials},
        "resources": requests("200m", "1Gi") if args.high_availability else requests("50m", "512Mi"),
    }


def environment(high_availability: bool) -> dict[str, str]:
    """Kong's own settings. https://docs.konghq.com/gateway/3.9.x/reference/configuration/"""
    return {
        "database": "off",
        # No API to change anything, not even inside the pod, and no pages that would call it.
        "admin_listen": "off",
        "admin_gui_listen": "off",
        # The routes are checked against what this one takes.
        "router_flavor": "traditional_compatible",
        # Each process holds the whole configuration: as many as there are processors would not fit a small pod.
        "nginx_worker_processes": "2" if high_availability else "1",
        # Says no version to anybody.
        "headers": "off",
        # A session with an identity token is several cookies of 4 KiB; nginx's own buffers hold one.
        "nginx_http_large_client_header_buffers": "8 32k",
        "nginx_proxy_proxy_buffer_size": "32k",
        "nginx_proxy_proxy_buffers": "8 32k",
    }


def proxy(load_balancer: Mapping[str, pulumi.Input[str]] | None) -> dict[str, Any]:
    """The Service that takes requests in."""
    labels = {"enable-metrics": "true"}
    if load_balancer is None:
        return {"type": "ClusterIP", "labels": labels}
    return {
        "type": "LoadBalancer",
        "annotations": dict(load_balancer),
        # The nodes that have a pod, and no others: one more hop would hide the client's address.
        "externalTrafficPolicy": "Local",
        "labels": labels,
    }


def spread(topology: str) -> dict[str, Any]:
    """One pod in each of them, while there are enough."""
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "kong", "app.kubernetes.io/instance": RELEASE}},
    }
