"""Which messages reach which path of which service."""

from collections.abc import Iterator

from components.services.dapr.object import Declared
from components.services.dapr.topics import sidecars
from components.services.model import WorkloadSpec


def subscriptions(spec: WorkloadSpec) -> Iterator[Declared]:
    """One for each topic that a service takes messages of. No name of a service has a dot, so that none is taken
    twice.
    """
    for service, dapr in sidecars(spec).items():
        for one in dapr.subscribes:
            dead_letters = {"deadLetterTopic": one.dead_letters} if one.dead_letters else {}
            yield Declared(
                kind="Subscription",
                name=f"{service}.{one.topic}",
                spec={
                    "pubsubname": "pubsub",
                    "topic": one.topic,
                    "routes": {"default": one.route},
                    **dead_letters,
                },
                scopes=[service],
            )
