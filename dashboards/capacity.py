"""PromQL of the cluster's capacity: what nodes offer, what pods ask for, and what they use."""

from typing import Literal

from dashboards.expressions import rate, series, total

Resource = Literal["cpu", "memory"]

NODES = 'node=~"$node"'
CHOSEN = f'{NODES},namespace=~"$namespace"'
IN_NAMESPACE = 'namespace=~"$namespace"'

PRESENT = '(kube_pod_status_phase{phase=~"Pending|Running"} == 1)'
"""Pods that hold what they ask for: one that has ended still has its requests in the API."""


def allocatable(resource: Literal["cpu", "memory", "pods"], *by: str) -> str:
    """What nodes offer to pods: their capacity without what the system keeps."""
    return total(series("kube_node_status_allocatable", f'resource="{resource}",{NODES}'), *by)


def requested(resource: Resource, matchers: str, *by: str) -> str:
    """What pods ask for, in cores or bytes. A pod that waits for a node is of none."""
    return _asked("requests", resource, matchers, *by)


def limited(resource: Resource, matchers: str, *by: str) -> str:
    """What pods may use at most, where they have a limit."""
    return _asked("limits", resource, matchers, *by)


def used(resource: Resource, matchers: str, *by: str) -> str:
    """What containers use, in cores or bytes; without the series of the whole pod, which would count it twice."""
    containers = f'{matchers},container!=""'
    if resource == "cpu":
        return total(rate("container_cpu_usage_seconds_total", containers), *by)
    return total(series("container_memory_working_set_bytes", containers), *by)


def charged(resource: Resource, *by: str) -> str:
    """What is paid for: requests, or the use where it is more. In cores or GiB."""
    asked, taken = requested(resource, CHOSEN, *by), used(resource, CHOSEN, *by)
    amount = f"({asked} > {taken} or {taken} or {asked})"
    return amount if resource == "cpu" else f"{amount} / 2^30"


def _asked(kind: Literal["requests", "limits"], resource: Resource, matchers: str, *by: str) -> str:
    containers = series(f"kube_pod_container_resource_{kind}", f'resource="{resource}",{matchers}')
    return total(f"{containers} and on (namespace, pod) {PRESENT}", *by)
