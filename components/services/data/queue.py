"""A queue of the cloud's own, as workload files declare it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

import pulumi
from pydantic import Field

from components.contracts import Queue, QueueDemand, ServiceAccount
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import cloud
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room
from components.services.stack_traits import StackTraits
from stacks.model import Distinct, Model
from stacks.workloads import ServiceName


class CloudQueueSpec(Model):
    """A queue of the cloud, which the services that use it are let into by who they are, without a key. What it may be
    told, each cloud can do.
    """

    kind: Literal["queue"]

    retention_hours: int = Field(default=168, ge=1, le=168)
    """Hours that a message waits for whoever takes it; then it is gone. Oracle's queues keep none longer than a week.
    Changing it replaces the queue on OKE, with the messages in it."""

    acknowledge_seconds: int = Field(default=60, ge=10, le=300)
    """Seconds that a receiver has for a message, before it is delivered again. Google takes 10 or more, Azure 300 or
    less; a receiver that needs longer asks for more time while it works."""

    max_deliveries: int = Field(default=10, ge=5, le=20)
    """How often a message is delivered before it is put aside, where receivers find it as a dead letter. Google takes 5
    or more, Oracle 20 or less."""

    senders: Annotated[tuple[ServiceName, ...], Distinct] = ()
    """Of the services that use it, those that send messages and take none."""

    receivers: Annotated[tuple[ServiceName, ...], Distinct] = ()
    """Of the services that use it, those that take messages and send none. Who is named in neither does both."""


class QueueService(DataService[CloudQueueSpec, Queue]):
    """A queue of its own, that nothing in the cluster runs for."""

    VARIABLES = frozenset({"QUEUE", "ENDPOINT", "TOPIC", "SUBSCRIPTION", "DEAD_LETTERS"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds()

    @property
    def backup(self) -> Backup:
        return Backup.NONE

    @property
    def demand(self) -> QueueDemand:
        """What is asked of the cloud."""
        return QueueDemand(
            workload=self.workload,
            name=self.name,
            retention_hours=self.spec.retention_hours,
            acknowledge_seconds=self.spec.acknowledge_seconds,
            max_deliveries=self.spec.max_deliveries,
            senders=self._accounts(besides=self.spec.receivers),
            receivers=self._accounts(besides=self.spec.senders),
        )

    def room(self, sizes: Sizes) -> Room:
        return Room()

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        yield from ()

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from cloud(pods, "messages")
        if traits.queue_ports:
            yield from connect(pods, Place.OUTSIDE, tcp(*sorted(traits.queue_ports)), why="messages")

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> Queue:
        return ground.queues[self.workload, self.name]

    def access(self, connected: Queue, user: str) -> Access:
        return Access(env=connected.variables, ready=connected.grants[self._account(user)])

    def _accounts(self, besides: Sequence[str]) -> list[ServiceAccount]:
        return [self._account(user) for user in self.users if user not in besides]

    def _account(self, user: str) -> ServiceAccount:
        return ServiceAccount(namespace=self.workload, name=user)


def queue_problems(data: Mapping[str, object], services: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """What is wrong with who sends and who receives: key path, and text. `services` are the data services of each."""
    for name, spec in data.items():
        if not isinstance(spec, CloudQueueSpec):
            continue
        for role, named in (("senders", spec.senders), ("receivers", spec.receivers)):
            for index, one in enumerate(named):
                if name not in services.get(one, ()):
                    yield f"data.{name}.{role}.{index}", f"{one} does not use it: it has no {name} in its `data`"
        for index, one in enumerate(spec.receivers):
            if one in spec.senders:
                text = f"{one} is among the senders too; who sends and receives is named in neither"
                yield f"data.{name}.receivers.{index}", text
