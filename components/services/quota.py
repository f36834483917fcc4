"""How much of the cluster a workload may take: a ResourceQuota, and what containers get that ask for nothing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.sizes import Sizes
from components.services.data.declared import declared
from components.services.model import ServiceSpec, WorkloadSpec
from components.services.pods.room import Room, mebibytes, processors
from components.services.pods.volume_model import claimed_gib
from components.services.values import Resources

UPDATES: Final = 2
"""How many times what is declared there is room for: an update starts new pods before it ends old ones, and autoscalers
add more."""

HELPERS: Final = Room(cpu=1, memory_mib=2048, pods=10, storage_gib=0)
"""Operators of topics and users, and Jobs that come and go."""


@dataclass(frozen=True, kw_only=True)
class WorkloadQuotaArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    sizes: Sizes
    """How large data services are."""

    namespace: pulumi.Resource
    """The namespace."""


class WorkloadQuota(pulumi.ComponentResource):
    """Keeps one workload from taking what the others need, and from reaching the internet past the gateway."""

    def __init__(self, name: str, args: WorkloadQuotaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:WorkloadQuota", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name="workload", namespace=args.workload)
        limits = kubernetes.core.v1.LimitRange(
            f"{name}-limits", metadata=metadata, spec=container_defaults(), opts=child
        )
        kubernetes.core.v1.ResourceQuota(
            f"{name}-quota",
            metadata=metadata,
            spec=kubernetes.core.v1.ResourceQuotaSpecArgs(hard=hard(args.workload, args.spec, args.sizes)),
            # Or containers that ask for nothing would be refused in between.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[limits]),
        )
        self.register_outputs({})


def container_defaults() -> kubernetes.core.v1.LimitRangeSpecArgs:
    """What a container gets that asks for nothing: a quota refuses the pods of one that has nothing."""
    item = kubernetes.core.v1.LimitRangeItemArgs(
        type="Container",
        default_request={"cpu": "50m", "memory": "128Mi"},
        default={"memory": "256Mi"},
    )
    return kubernetes.core.v1.LimitRangeSpecArgs(limits=[item])


def hard(workload: str, spec: WorkloadSpec, sizes: Sizes) -> dict[str, str]:
    """The quota, by resource. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""
    declared, given = room(workload, spec, sizes), spec.quota
    cpu = given.cpu or math.ceil(declared.cpu)
    memory = given.memory_gib or math.ceil(declared.memory_mib / 1024)
    return {
        "requests.cpu": str(cpu),
        "requests.memory": f"{memory}Gi",
        # Containers limit their memory to what they ask for; those of a chart that do not have room for as much again.
        "limits.memory": f"{2 * memory}Gi",
        "requests.storage": f"{given.storage_gib or max(1, declared.storage_gib)}Gi",
        "pods": str(given.pods or declared.pods),
        # The way in is the gateway.
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def room(workload: str, spec: WorkloadSpec, sizes: Sizes) -> Room:
    """What the declared services and data services may grow to."""
    data = [one.room(sizes) for one in declared(workload, spec)]
    parts = [*(_service(service) for service in spec.services.values()), *data]
    return Room(
        cpu=HELPERS.cpu + UPDATES * sum(part.cpu for part in parts),
        memory_mib=HELPERS.memory_mib + UPDATES * sum(part.memory_mib for part in parts),
        pods=HELPERS.pods + UPDATES * sum(part.pods for part in parts),
        storage_gib=UPDATES * sum(part.storage_gib for part in parts),
    )


def _service(spec: ServiceSpec) -> Room:
    replicas = spec.most_pods + (spec.canary.replicas if spec.canary else 0)
    containers = [spec.resources, *([spec.dapr.resources] if spec.dapr else [])]
    tasks = [*spec.jobs.values(), *([spec.migrations] if spec.migrations is not None else [])]
    besides = [task.resources or spec.resources for task in tasks]
    return Room(
        cpu=replicas * _cpu(containers) + _cpu(besides),
        memory_mib=replicas * _memory(containers) + _memory(besides),
        pods=replicas + len(besides),
        storage_gib=claimed_gib(spec.volumes),
    )


def _cpu(containers: Iterable[Resources]) -> float:
    return sum(processors(one.cpu) for one in containers)


def _memory(containers: Iterable[Resources]) -> float:
    return sum(mebibytes(one.memory) for one in containers)
