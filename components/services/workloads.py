"""The workloads of one stack, read before anything is registered and built once the platform is there."""

from collections.abc import Mapping

import pulumi

from components.contracts import Demands, Foundation, ServiceAccount
from components.network.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.platform.applications import Applications
from components.platform.own_namespaces import is_own
from components.platform.platform import Platform
from components.services.call_circles import circle_across
from components.services.calls import problems_across
from components.services.connections import workload_connections
from components.services.dapr.configuration import callers
from components.services.dapr.discovery import name_problems
from components.services.data.declared import backup_accounts, bucket_demands, data_needs, queue_demands, with_volumes
from components.services.entries import load_entered, notices
from components.services.gateway.checks import route_problems
from components.services.gateway.routes import gateway_of
from components.services.model import WorkloadSpec
from components.services.pods.stand_ins import stood_in
from components.services.service_model import ServiceSpec
from components.services.stack_traits import StackTraits
from components.services.workload import Workload, WorkloadArgs
from stacks.problems import SettingsError
from stacks.settings import AnyStack

WORKLOADS = "workloads"
"""What the names of policies begin with that open something of the platform to workloads."""


def load_workloads(stack: AnyStack) -> dict[str, WorkloadSpec]:
    """The workload files that the stack names. Raises `SettingsError` with the problems of all of them."""
    workloads: dict[str, WorkloadSpec] = {}
    problems: list[str] = []
    for name, entry in stack.workloads.items():
        if is_own(name):
            problems.append(f"workloads/{name}.yaml: the namespace {name} is there already; give the file another name")
            continue
        try:
            workloads[name] = load_entered(name, entry, by_digest=stack.images_by_digest)
        except SettingsError as error:
            problems += error.problems
    unread = [name for name in stack.workloads if name not in workloads]
    problems += problems_across(workloads, unread)
    problems += route_problems(workloads)
    if not stack.cloud_services:
        problems += [
            f"workloads/{one.workload}.yaml: data.{one.name}: a bucket is the cloud's, and a local stack has none"
            for one in bucket_demands(workloads)
        ]
        problems += [
            f"workloads/{one.workload}.yaml: data.{one.name}: a queue is the cloud's, and a local stack has none; "
            "use the kind rabbitmq"
            for one in queue_demands(workloads)
        ]
    if stack.mesh.consul:
        problems += name_problems(workloads)
    if circle := circle_across(workloads):
        problems.append(f"workloads: {circle}")
    if problems:
        raise SettingsError(problems, "workloads")
    return {name: stood_in(spec) if stack.workloads[name].stand_in else spec for name, spec in workloads.items()}


def retained(stack: AnyStack, workloads: Mapping[str, WorkloadSpec]) -> AnyStack:
    """The stack, keeping metrics, logs and traces for as long as the workload that wants them longest."""
    asked = [workload.retention for workload in workloads.values()]
    metrics = max([stack.metrics.retention_days, *(one.metrics_days or 0 for one in asked)])
    logs = max([stack.logs.retention_days, *(one.logs_days or 0 for one in asked)])
    traces = max([stack.traces.retention_days, *(one.traces_days or 0 for one in asked)])
    return stack.model_copy(
        update={
            "metrics": stack.metrics.model_copy(update={"retention_days": metrics}),
            "logs": stack.logs.model_copy(update={"retention_days": logs}),
            "traces": stack.traces.model_copy(update={"retention_days": traces}),
        }
    )


def applications(stack: AnyStack, workloads: Mapping[str, WorkloadSpec]) -> Applications:
    """What the workloads ask of the platform. Raises `SettingsError` for what the gateway would refuse."""
    return Applications(
        teams={name: workload.team or name for name, workload in workloads.items()},
        workloads=list(workloads),
        data=data_needs(workloads),
        backed_up=with_volumes(workloads),
        gateway=gateway_of(workloads, stack.domain, shared_counters=stack.gateway.replicated),
    )


def demands(workloads: Mapping[str, WorkloadSpec], *, managed_postgres: bool = False) -> Demands:
    """What the workloads ask of the cloud, which may run PostgreSQL itself."""
    services = [
        (name, service, spec) for name, workload in workloads.items() for service, spec in workload.services.items()
    ]
    buckets, queues = bucket_demands(workloads), queue_demands(workloads)
    let_in = {account for bucket in buckets for account in (*bucket.writers, *bucket.readers)}
    let_in |= {account for queue in queues for account in (*queue.senders, *queue.receivers)}
    accounts = {ServiceAccount(namespace=workload, name=service): spec for workload, service, spec in services}
    return Demands(
        images=list(dict.fromkeys(image for one in services for image in _images(*one))),
        principals=[
            account
            for account, spec in accounts.items()
            if account in let_in or spec.cloud_identity or (spec.dapr is not None and spec.dapr.secrets)
        ],
        database_backups=backup_accounts(workloads, managed_postgres=managed_postgres),
        buckets=buckets,
        queues=queues,
    )


def _images(workload: str, service: str, spec: ServiceSpec) -> list[str]:
    """What the images of a service are called in the registry, that of its canary with them."""
    own = spec.image.name(workload, service)
    tasks = [*spec.init, *spec.jobs.values(), *([spec.migrations] if spec.migrations is not None else [])]
    images = [one.image for one in (*([spec.canary] if spec.canary is not None else []), *tasks)]
    return [own, *(image.repository for image in images if image is not None and image.repository is not None)]


def build_workloads(
    stack: AnyStack,
    workloads: Mapping[str, WorkloadSpec],
    foundation: Foundation,
    platform: Platform,
) -> dict[str, pulumi.Output[dict[str, dict[str, str]]]]:
    """Registers every service of every workload. Answers where each can be reached inside the cluster."""
    for say, text in notices(stack, workloads):
        say(text)
    opts = pulumi.ResourceOptions(providers=[foundation.cluster.provider])
    called_by = callers(workloads)
    built = {
        name: Workload(
            name,
            WorkloadArgs(
                workload=name,
                spec=spec,
                stand_in=stack.workloads[name].stand_in,
                registry=foundation.registry,
                principals=foundation.principals,
                buckets=foundation.buckets,
                queues=foundation.queues,
                platform=platform,
                callers=called_by.get(name, {}),
                developers=stack.access.developers,
                runbooks=stack.alerts.runbooks,
            ),
            opts,
        )
        for name, spec in workloads.items()
    }
    _close(stack, workloads, built, foundation, platform, opts)
    return {name: workload.addresses for name, workload in built.items()}


def _close(
    stack: AnyStack,
    workloads: Mapping[str, WorkloadSpec],
    built: Mapping[str, Workload],
    foundation: Foundation,
    platform: Platform,
    opts: pulumi.ResourceOptions,
) -> None:
    """Closes the namespaces of the workloads but for what their files say."""
    traits = StackTraits(
        cloud=stack.cloud_services,
        vault_readers={account for account, identity in foundation.principals.items() if identity.secret_store},
        database_port=foundation.postgres.port if foundation.postgres else None,
        queue_ports={port for queue in foundation.queues.values() for port in queue.ports},
        keyed_backups=foundation.database_backups.key is not None,
        consul=stack.mesh.consul,
    )
    args = NetworkPoliciesArgs(
        connections=workload_connections(workloads, traits),
        closed=list(workloads),
        namespaces={
            **platform.namespaces.by_name,
            **{name: workload.namespace for name, workload in built.items()},
        },
        network=foundation.network,
        owner=WORKLOADS,
    )
    NetworkPolicies(f"{WORKLOADS}-network", args, opts)
