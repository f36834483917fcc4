"""Records of the stack's hosts: external-dns, which reads hosts off Services and writes them in the zone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import DNS_WRITER, Dns
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.releases import ChartSource, release_args
from stacks.versions import EXTERNAL_DNS

RELEASE = "external-dns"

TTL_SECONDS: Final = 300
"""How long resolvers remember the address of a host. A gateway keeps its address, so nobody waits for this."""


@dataclass(frozen=True, kw_only=True)
class ExternalDnsArgs:
    dns: Dns
    """The zone, and who may write in it."""

    owner: str
    """Who this one is among all that write in the zone: it changes and deletes what bears this name, and no more."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `external-dns`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class ExternalDns(pulumi.ComponentResource):
    """One pod: a second would write the same records a second time."""

    def __init__(self, name: str, args: ExternalDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ExternalDns", name, {}, opts)
        # One that may not read its zone ends, and is started again and again.
        waits = [args.namespace, args.service_monitors, *args.dns.records_identity.grants, *args.nodes]
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(EXTERNAL_DNS),
                name=RELEASE,
                namespace=DNS_WRITER.namespace,
                values=external_dns_values(args.dns, args.owner),
                timeout=300,
                # Of records that are objects, and nobody writes such.
                skip_crds=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
        )
        self.register_outputs({})


def host_annotations(hosts: Iterable[str]) -> dict[str, str]:
    """Annotations of a Service of type LoadBalancer whose address is that of `hosts`.

    https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
    """
    prefix = "external-dns.alpha.kubernetes.io"
    named = sorted(set(hosts))
    return {f"{prefix}/hostname": ",".join(named), f"{prefix}/ttl": str(TTL_SECONDS)} if named else {}


def external_dns_values(dns: Dns, owner: str) -> dict[str, Any]:
    """Values of external-dns's chart: those of the cloud, and what is the same on all of them."""
    who = dns.records_identity
    return {
        **dns.external_dns,
        "fullnameOverride": RELEASE,
        "serviceAccount": {"name": DNS_WRITER.name, "annotations": dict(who.annotations)},
        "podLabels": dict(who.pod_labels),
        "env": [{"name": variable, "value": value} for variable, value in who.env.items()],
        "sources": ["service"],
        "registry": "txt",
        "txtOwnerId": owner,
        # Deletes what no Service asks for any more: a name that outlives its address is somebody else's to take.
        "policy": "sync",
        "managedRecordTypes": ["A", "AAAA", "CNAME"],
        "interval": "1m",
        "triggerLoopOnEvent": True,
        "logFormat": "json",
        "serviceMonitor": {"enabled": True},
        "resources": requests("10m", "96Mi"),
        "priorityClassName": CRITICAL,
    }


def owner(name: str, labels: Mapping[str, str]) -> str:
    """The name of a stack as a writer of records: another stack in the same zone has another one."""
    return f"{name}-{labels['stack']}"
