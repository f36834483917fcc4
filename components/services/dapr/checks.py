"""What can only be seen of Dapr when all services of a workload are there: who publishes what others wait for."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Protocol

from components.services.calls import ServiceCall, parse_call
from components.services.dapr.model import Components, DaprSpec


class _Service(Protocol):
    @property
    def dapr(self) -> DaprSpec | None: ...

    @property
    def calls(self) -> tuple[str, ...]: ...


def problems(services: Mapping[str, _Service], components: Components) -> list[tuple[str, str]]:
    """What is wrong with how services use Dapr: key path below `services`, and text."""
    sidecars = {name: service.dapr for name, service in services.items() if service.dapr is not None}
    return [
        (f"{service}.dapr.{path}", problem)
        for service, dapr in sidecars.items()
        for path, problem in (
            *_missing_components(dapr, components),
            *_silent_topics(dapr, sidecars, components),
            *_unmet_targets(service, services, components),
        )
    ]


def _missing_components(dapr: DaprSpec, components: Components) -> Iterator[tuple[str, str]]:
    uses = {
        "publishes": (bool(dapr.publishes), "pubsub"),
        "subscribes": (bool(dapr.subscribes), "pubsub"),
        "state": (dapr.state, "state"),
        "configuration": (dapr.configuration, "configuration"),
    }
    for key, (used, component) in uses.items():
        if used and getattr(components, component) is None:
            yield key, f"the workload has no components.{component}"


def _silent_topics(
    dapr: DaprSpec, sidecars: Mapping[str, DaprSpec], components: Components
) -> Iterator[tuple[str, str]]:
    if components.pubsub is None:
        return
    published = set(components.pubsub.external)
    for one in sidecars.values():
        published |= {*one.publishes, *(letters for sub in one.subscribes if (letters := sub.dead_letters))}
    for index, subscription in enumerate(dapr.subscribes):
        if subscription.topic not in published:
            near = difflib.get_close_matches(subscription.topic, published, n=1)
            hint = f', did you mean "{near[0]}"?' if near else "; name it in components.pubsub.external if others do"
            yield f"subscribes.{index}.topic", f"no service publishes {subscription.topic}{hint}"


def _unmet_targets(service: str, services: Mapping[str, _Service], components: Components) -> Iterator[tuple[str, str]]:
    """Policies for targets that the service never asks would never act, and nobody would notice."""
    spec = services[service]
    assert spec.dapr is not None
    called = {text for text in spec.calls if isinstance(parse_call(text), ServiceCall)}
    for target in spec.dapr.resiliency.services:
        if target not in called:
            yield f"resiliency.services.{target}", "the service does not call it; name it in calls"
    uses = spec.dapr.uses()
    for target in spec.dapr.resiliency.components:
        if target not in uses:
            known = ", ".join(sorted(uses)) or "none"
            yield f"resiliency.components.{target}", f"the service does not use it; its components: {known}"
        elif target != "pubsub" and spec.dapr.resiliency.components[target].inbound.model_fields_set:
            yield f"resiliency.components.{target}.inbound", "nothing comes in from it; only pubsub brings messages"
    if spec.dapr.resiliency.actors and not (components.state and components.state.actors):
        yield "resiliency.actors", "actors need components.state with actors: true"
