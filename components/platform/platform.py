"""The whole platform on one foundation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, LOGS_WRITER, SECRETS_READER, Foundation
from components.namespaces import DAPR, GATEWAY, KEDA, MONITORING, RELOADER, TRACING, Level, Namespaces, NamespacesArgs
from components.platform.access import AccessArgs, build_access
from components.platform.applications import Applications
from components.platform.autoscaling import build_autoscaling
from components.platform.base import Base
from components.platform.cluster_roles import build_cluster_roles
from components.platform.consul import ConsulClient, build_consul, consul_namespaces
from components.platform.data_operators import DataOperators, build_data_operators, data_namespaces
from components.platform.grafana import GrafanaAdmin
from components.platform.kong import Kong
from components.platform.logs import build_logs
from components.platform.metrics import build_metrics
from components.platform.network_policies import build_network_policies
from components.platform.operator_crds import OperatorCrds, OperatorCrdsArgs
from components.platform.priority_classes import build_priority_classes
from components.platform.runtime import Runtime, build_runtime
from components.platform.secrets import build_secrets
from components.platform.tls import build_records, build_tls
from components.platform.traces import build_traces
from components.platform.vault_secret import Vault
from components.platform.volume_backups import backup_namespaces, build_volume_backups
from components.releases import ChartSource
from stacks.credentials import Credentials
from stacks.settings import AnyStack

LEVELS: Mapping[str, Level] = {
    # node-exporter and Alloy read the node itself: host paths, host network.
    MONITORING: "privileged",
    LOGS_WRITER.namespace: "restricted",
    TRACING: "restricted",
    GATEWAY: "restricted",
    KEDA: "restricted",
    DAPR: "restricted",
    CERTIFICATES_SOLVER.namespace: "restricted",
    DNS_WRITER.namespace: "restricted",
    SECRETS_READER.namespace: "restricted",
    RELOADER: "restricted",
}
"""The platform's namespaces, and the Pod Security level that the pods in each can bear. Those of operators that no
workload asks for are left out, and those of Consul and Velero where the stack has none."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the workloads and the user need of the platform."""

    nodes: Sequence[pulumi.Resource]
    """What pods wait for: nodes, and the priorities that they name."""

    namespaces: Namespaces
    """The platform's own namespaces, in which workloads open what they need."""

    service_monitors: pulumi.Resource
    """The Prometheus operator's definitions: monitors and rules are made of them."""

    agents: pulumi.Resource
    """The operator that puts agents into services which ask for one."""

    scaler: pulumi.Resource
    """The release that ScaledObjects are made of and scaled by."""

    runtime: Runtime
    """Dapr, which services with a sidecar depend on."""

    consul: ConsulClient | None = None
    """How sidecars look each other up in Consul's catalog, where the stack has it."""

    data: DataOperators
    """What makes the data services of workloads."""

    vault: Vault
    """What Secrets are made of whose values are in the vault."""

    monitoring: pulumi.Output[dict[str, str]]
    """How to open the monitoring host: its address, the commands that reach it from this machine and that print the
    administrator's password."""


def build_platform(
    stack: AnyStack,
    credentials: Credentials,
    foundation: Foundation,
    applications: Applications,
) -> Platform:
    """Registers every component of the platform."""
    base = _base(stack, foundation, applications)
    metrics = build_metrics(base, credentials, applications.teams)
    build_logs(base, foundation.logs)
    build_volume_backups(base, foundation.backups, applications.backed_up)
    trust = build_tls(base, foundation.dns)
    traces = build_traces(base, credentials.trace_store_password, trust.own_ca)
    scaler = build_autoscaling(base)
    runtime = build_runtime(base)
    consul = build_consul(base, applications.workloads)
    vault = build_secrets(base, foundation.secrets, applications.workloads)
    data = build_data_operators(base, applications.data, foundation.postgres, trust.own_ca, foundation.database_backups)
    if foundation.dns:
        build_records(base, foundation.dns)
    # A cluster without a zone is one that nobody outside reaches.
    load_balancer = foundation.capabilities.load_balancer_annotations if foundation.dns else None
    access = AccessArgs(
        admin=metrics.admin,
        client_secret=credentials.oidc_client_secret,
        applications=applications.gateway,
        vault=vault,
        load_balancer=load_balancer,
        certificate=trust.gateway_certificate,
    )
    kong = build_access(base, access)
    build_cluster_roles(stack.access, base.opts)
    build_network_policies(base, foundation, applications, credentials.alerts.ports)
    return Platform(
        nodes=base.nodes,
        namespaces=base.namespaces,
        service_monitors=base.crds,
        agents=traces.agents,
        scaler=scaler,
        runtime=runtime,
        consul=consul,
        data=data,
        vault=vault,
        monitoring=monitoring_access(base.host, metrics.admin, kong),
    )


def _base(stack: AnyStack, foundation: Foundation, applications: Applications) -> Base:
    opts = pulumi.ResourceOptions(providers=[foundation.cluster.provider])
    charts = ChartSource(mirror=stack.chart_mirror)
    levels: dict[str, Level] = {
        **LEVELS,
        **data_namespaces(applications.data, foundation.postgres),
        **consul_namespaces(stack),
        **backup_namespaces(stack, applications.backed_up),
    }
    namespaces = Namespaces("namespaces", NamespacesArgs(levels=levels, protect=stack.protect), opts)
    crds = OperatorCrds("operator-crds", OperatorCrdsArgs(namespace=namespaces[MONITORING], charts=charts), opts)
    return Base(
        stack=stack,
        opts=opts,
        namespaces=namespaces,
        crds=crds.release,
        nodes=[*foundation.cluster.nodes, *build_priority_classes(opts)],
        capabilities=foundation.capabilities,
        charts=charts,
    )


def monitoring_access(host: str, admin: GrafanaAdmin, kong: Kong) -> pulumi.Output[dict[str, str]]:
    """What a person needs to look at metrics, logs, traces and alerts."""
    forward = pulumi.Output.format("kubectl -n {0} port-forward service/{1} 8443:443", GATEWAY, kong.service)
    password = pulumi.Output.format(
        "kubectl -n {0} get secret {1} -o jsonpath='{{.data.admin-password}}' | base64 -d",
        MONITORING,
        admin.secret_name,
    )
    return pulumi.Output.all(forward=forward, password=password).apply(
        lambda commands: {"url": f"https://{host}/grafana", **commands}
    )
