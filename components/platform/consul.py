"""The service registry: Consul's servers, and what carries the workloads' services into their catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import CONSUL as NAMESPACE
from components.namespaces import Level
from components.platform.base import Base
from components.platform.consul_credentials import ConsulCredentials, ConsulCredentialsArgs
from components.platform.consul_reader import ReaderArgs, reader
from components.platform.consul_values import RELEASE, consul_values, monitors
from components.releases import ChartSource, release_args
from stacks.settings import Stack
from stacks.versions import CONSUL

HTTPS_PORT: Final = 8501

ADDRESS: Final = f"{RELEASE}-server.{NAMESPACE}.svc:{HTTPS_PORT}"
"""Where servers answer: the name is in their certificates, and resolves to each of them."""


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
                values=consul_values(
                    datacenter=args.datacenter,
                    synced=args.synced,
                    high_availability=args.high_availability,
                    storage_class=args.storage_class,
                ),
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
        self._monitors(name, args)
        self.client = ConsulClient(ca=credentials.ca, token=credentials.token, ready=[self.release, made])
        self.register_outputs({})

    def _monitors(self, name: str, args: ConsulArgs) -> None:
        for monitor, spec in monitors(args.datacenter).items():
            kubernetes.apiextensions.CustomResource(
                f"{name}-{monitor}",
                api_version="monitoring.coreos.com/v1",
                kind="PodMonitor",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=monitor, namespace=NAMESPACE),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
            )


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
