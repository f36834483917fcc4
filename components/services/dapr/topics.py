"""The topics of a workload: who publishes to them, and who takes their messages."""

from collections.abc import Mapping

from components.services.dapr.model import DaprSpec
from components.services.model import WorkloadSpec


def sidecars(spec: WorkloadSpec) -> dict[str, DaprSpec]:
    """What each service with a sidecar uses of Dapr."""
    return {name: service.dapr for name, service in spec.services.items() if service.dapr is not None}


def publishers(spec: WorkloadSpec) -> dict[str, list[str]]:
    """Topics that each service publishes to, those among them that its sidecar gives up messages to."""
    return {
        service: sorted({*dapr.publishes, *(letters for one in dapr.subscribes if (letters := one.dead_letters))})
        for service, dapr in sidecars(spec).items()
        if "pubsub" in dapr.uses()
    }


def subscribers(spec: WorkloadSpec) -> dict[str, list[str]]:
    """Topics whose messages each service takes."""
    return {
        service: sorted(one.topic for one in dapr.subscribes)
        for service, dapr in sidecars(spec).items()
        if "pubsub" in dapr.uses()
    }


def topics(spec: WorkloadSpec) -> dict[str, list[str]]:
    """Every topic of the workload, and the services that take its messages."""
    external = spec.components.pubsub.external if spec.components.pubsub else ()
    readers: dict[str, list[str]] = {topic: [] for topic in external}
    for published in publishers(spec).values():
        readers.update({topic: [] for topic in published})
    for service, taken in subscribers(spec).items():
        for topic in taken:
            readers[topic].append(service)
    return {topic: sorted(readers[topic]) for topic in sorted(readers)}


def scopes(allowed: Mapping[str, list[str]]) -> str:
    """Topics by service as Dapr writes them. A service without any may use none, one that is left out all of them.

    https://docs.dapr.io/developing-applications/building-blocks/pubsub/pubsub-scopes/
    """
    return ";".join(f"{service}={','.join(names)}" for service, names in sorted(allowed.items()))
