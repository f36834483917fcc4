"""The workloads of one stack, read before anything is registered and built once the platform is there."""

from collections.abc import Mapping

import pulumi

from components.contracts import Foundation
from components.platform.platform import Platform
from components.services.application_system import ApplicationSystem, ApplicationSystemArgs
from components.services.model import Workload, load_workload
from stacks.problems import SettingsError
from stacks.settings import Stack


def load_workloads(stack: Stack) -> dict[str, Workload]:
    """The workload files that the stack names. Raises `SettingsError` with the problems of all of them."""
    workloads: dict[str, Workload] = {}
    problems: list[str] = []
    for name in stack.workloads:
        try:
            workloads[name] = load_workload(name)
        except SettingsError as error:
            problems += [f"workloads/{name}.yaml: {problem}" for problem in error.problems]
    if problems:
        raise SettingsError(problems, "workloads")
    return workloads


def image_names(workloads: Mapping[str, Workload]) -> list[str]:
    """What stands between the registry's prefix and the tag in the names of all images."""
    return [f"{name}/{service}" for name, workload in workloads.items() for service in workload.services]


def build_workloads(
    workloads: Mapping[str, Workload], foundation: Foundation, platform: Platform
) -> dict[str, pulumi.Output[dict[str, str]]]:
    """Registers every service of every workload. Answers where each can be reached inside the cluster."""
    opts = pulumi.ResourceOptions(providers=[foundation.cluster.provider])
    return {
        name: ApplicationSystem(
            name,
            ApplicationSystemArgs(
                workload=workload,
                registry=foundation.registry,
                service_monitors=platform.service_monitors,
                nodes=foundation.cluster.nodes,
            ),
            opts,
        ).urls
        for name, workload in workloads.items()
    }
