"""The service registry: Consul's servers, and what carries the workloads' services into their catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CONSUL as NAMESPACE
from components.namespaces import Level
from components.platform.base import Base
from components.platform.consul_credentials import (
    AUTHORITY,
    MANAGEMENT,
    READER,
    TOKEN,
    ConsulCredentials,
    ConsulCredentialsArgs,
)
from components.platform.consul_reader import ReaderArgs, reader
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.settings import Stack
from stacks.versions import CONSUL

RELEASE: Final = "consul"

HTTPS_PORT: Final = 8501

ADDRESS: Final = f"{RELEASE}-server.{NAMESPACE}.svc:{HTTPS_PORT}"
"""Where servers answer: the name is in their certificates, and resolves to each of them."""

STORAGE_GIB: Final = 10
"""GiB of each server's volume. The catalog is some MiB: the rest is room for snapshots and the log of changes."""

METRICS: Final = f"{RELEASE}-servers", f"{RELEASE}-sync"
"""PodMonitors of the servers and of what carries services into the catalog."""


@dataclass(frozen=True, kw_only=True)
class ConsulClient:
    """What who looks services up in the catalog needs."""

    ca: pulumi.Output[str]
    """Certificate of the servers' authority, in PEM."""

    token: pulumi.Output[str]
    """A token that reads services, nodes and agents. A secret."""

    ready: Sequence[pulumi.Resource]
    """What there is once servers answer and know the token."""


@dataclass(frozen=True, kw_only=True)
class ConsulArgs:
    datacenter: str
    """What Consul calls the servers together: the stack."""

    synced: Sequence[str]
    """Namespaces whose services are carried into the catalog."""

    high_availability: bool
    """Whether there are three servers, of which one may fail. Else there is one."""

    storage_class: str
    """StorageClass of the servers' volumes."""

    protect: bool
    """Whether the authority refuses to be replaced and destroyed."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `consul`."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Consul(pulumi.ComponentResource):
    """Servers that encrypt what they say, and answer nobody without a token."""

    def __init__(self, name: str, args: ConsulArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Consul", name, {}, opts)
        credentials = ConsulCredentials(
            f"{name}-credentials",
            ConsulCredentialsArgs(protect=args.protect, namespace=args.namespace),
            pulumi.ResourceOptions(parent=self),
        )
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(CONSUL),
                name=RELEASE,
                namespace=NAMESPACE,
                values=consul_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.namespace, credentials.authority, credentials.management, *args.nodes]
            ),
        )
        made = reader(
            f"{name}-reader",
            ReaderArgs(address=ADDRESS, accessor=credentials.accessor),
            pulumi.ResourceOptions(parent=self, depends_on=[self.release, credentials.reader]),
        )
        for monitor, spec in monitors(args.datacenter).items():
            kubernetes.apiextensions.CustomResource(
                f"{name}-{monitor}",
                api_version="monitoring.coreos.com/v1",
                kind="PodMonitor",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=monitor, namespace=NAMESPACE),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
            )
        self.client = ConsulClient(ca=credentials.ca, token=credentials.token, ready=[self.release, made])
        self.register_outputs({})


def build_consul(base: Base, workloads: Sequence[str]) -> ConsulClient | None:
    """Registers Consul, where the stack has it."""
    if not base.stack.mesh.consul:
        return None
    args = ConsulArgs(
        datacenter=f"{base.stack.cloud}-{base.stack.environment}",
        synced=workloads,
        high_availability=base.stack.high_availability,
        storage_class=base.capabilities.storage_class,
        protect=base.stack.protect,
        namespace=base.namespaces[NAMESPACE],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return Consul("consul", args, base.opts).client


def consul_namespaces(stack: Stack) -> Mapping[str, Level]:
    """The namespace of Consul, where the stack has it."""
    return {NAMESPACE: "restricted"} if stack.mesh.consul else {}


def labels(component: str) -> dict[str, str]:
    """Labels of the pods of one part of the chart."""
    return {"app": RELEASE, "component": component, "release": RELEASE}


def consul_values(args: ConsulArgs) -> dict[str, Any]:
    """Values of the Consul chart. Its own proxies stay out: sidecars are Dapr's."""
    return {
        "global": {
            "name": RELEASE,
            "datacenter": args.datacenter,
            "logJSON": True,
            # Definitions of the Gateway API that a cluster has of somebody else would go with this release.
            "installK8sNetworkingCRDs": False,
            "tls": {
                "enabled": True,
                "httpsOnly": True,
                "verify": True,
                "caCert": {"secretName": AUTHORITY, "secretKey": "tls.crt"},
                "caKey": {"secretName": AUTHORITY, "secretKey": "tls.key"},
            },
            "gossipEncryption": {"autoGenerate": True},
            "acls": {
                "manageSystemACLs": True,
                "bootstrapToken": {"secretName": MANAGEMENT, "secretKey": TOKEN},
                "resources": _resources("20m", "64Mi", "200m"),
            },
            "metrics": {
                "enabled": True,
                "enableAgentMetrics": True,
                "disableAgentHostName": True,
                "enableGatewayMetrics": False,
            },
        },
        "server": _server(args),
        "client": {"enabled": False},
        "connectInject": {"enabled": False, "apiGateway": {"manageExternalCRDs": False}},
        "syncCatalog": {
            "enabled": True,
            "toConsul": True,
            "toK8S": False,
            "k8sAllowNamespaces": [*args.synced],
            # Half a minute by default, for which sidecars are sent to pods that are gone.
            "consulWriteInterval": "10s",
            "priorityClassName": CRITICAL,
            "metrics": {"enabled": True},
            "resources": _resources("20m", "96Mi", "200m"),
        },
        "dns": {"enabled": False},
        "ui": {"enabled": False},
    }


def _server(args: ConsulArgs) -> dict[str, Any]:
    return {
        "replicas": 3 if args.high_availability else 1,
        "storage": f"{STORAGE_GIB}Gi",
        "storageClass": args.storage_class,
        # A budget for one server would stop every drain of its node.
        "disruptionBudget": {"enabled": args.high_availability},
        "priorityClassName": CRITICAL,
        "topologySpreadConstraints": _SPREAD if args.high_availability else "",
        "resources": _resources("100m", "512Mi", "1") if args.high_availability else _resources("50m", "192Mi", "500m"),
    }


_SPREAD: Final = f"""- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{app: {RELEASE}, component: server, release: {RELEASE}}}
"""
"""The chart takes text alone, and keeps two servers off one node by itself."""


def _resources(cpu: str, memory: str, cpu_limit: str) -> dict[str, Any]:
    """The chart limits CPU to its own small requests, unless it is told another limit."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu_limit, "memory": memory}}


def monitors(datacenter: str) -> dict[str, dict[str, Any]]:
    """Specs of the PodMonitors. Servers tell their metrics by TLS, to who may read agents."""
    servers, sync = METRICS
    return {
        servers: {
            "selector": {"matchLabels": labels("server")},
            "podMetricsEndpoints": [
                {
                    "port": "https",
                    "scheme": "https",
                    "path": "/v1/agent/metrics",
                    "params": {"format": ["prometheus"]},
                    "authorization": {"credentials": {"name": READER, "key": TOKEN}},
                    "tlsConfig": {
                        "ca": {"secret": {"name": AUTHORITY, "key": "tls.crt"}},
                        "serverName": f"server.{datacenter}.consul",
                    },
                }
            ],
        },
        sync: {
            "selector": {"matchLabels": labels("sync-catalog")},
            "podMetricsEndpoints": [{"port": "prometheus", "path": "/metrics"}],
        },
    }
