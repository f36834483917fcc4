"""RabbitMQ as workload files declare it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Final, Literal

import pulumi
from pydantic import Field, field_validator

from components.data.connections import RabbitmqConnection
from components.data.rabbitmq import Rabbitmq, RabbitmqArgs
from components.data.rabbitmq_definitions import Queue
from components.data.rabbitmq_objects import METRICS_PORT, PORT, nodes
from components.data.sizes import Sizes
from components.network.connections import Connection, Pods, connect, tcp
from components.platform.connections.situation import scraped
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model, at, form

NODES: Final = 3
"""Nodes of a cluster, at most."""

BETWEEN_NODES: Final = (4369, 25672)
"""Where nodes ask for each other's port, and where they speak: https://www.rabbitmq.com/docs/networking#ports"""

QueueName = Annotated[
    str,
    form(
        r"(?!amq\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}",
        "128 letters, digits, dots, hyphens and underscores at most, not starting with amq., which is RabbitMQ's own",
    ),
]


class QueueSpec(Model):
    """A queue. It is there before services start; those that declare it themselves have to say the same."""

    dead_letters: QueueName | None = None
    """The queue of the same cluster that gets messages which were refused, expired, or delivered too often; they are
    dropped, if not given."""

    delivery_limit: int = Field(default=20, ge=1, le=1000)
    """How often a message is delivered again before that."""

    ttl_seconds: int | None = Field(default=None, ge=1, le=365 * 86400)
    """Seconds after which a message that nobody has taken expires; never, if not given."""

    max_length: int | None = Field(default=None, ge=1)
    """Messages that may wait. One more is refused, which its publisher is told."""


class RabbitmqSpec(Model):
    """A RabbitMQ cluster with quorum queues, and the user that works with them."""

    kind: Literal["rabbitmq"]
    queues: dict[QueueName, QueueSpec] = Field(default_factory=dict[QueueName, QueueSpec])
    """The queues, by name. One that is taken out here stays, with its messages, until somebody deletes it."""

    storage_gib: int | None = Field(default=None, ge=4, le=16384)
    """GiB of each node's volume, of which 2 stay free; by environment, if not given. A volume grows and never
    shrinks."""

    @field_validator("queues")
    @classmethod
    def _dead_letters_have_a_queue(cls, queues: dict[str, QueueSpec]) -> dict[str, QueueSpec]:
        wrong = [
            (f"{name}.dead_letters", f"there is no queue {queue.dead_letters}")
            for name, queue in queues.items()
            if queue.dead_letters is not None and queue.dead_letters not in queues
        ]
        wrong += [
            (f"{name}.dead_letters", "a queue is not the place of its own dead letters")
            for name, queue in queues.items()
            if queue.dead_letters == name
        ]
        if wrong:
            raise at(*wrong)
        return queues


class RabbitmqService(DataService[RabbitmqSpec, RabbitmqConnection]):
    """A cluster."""

    VARIABLES = frozenset({"HOST", "PORT", "USER", "PASSWORD", "URL", "CA"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds(rabbitmq=True)

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES

    def room(self, sizes: Sizes) -> Room:
        size = sizes.rabbitmq
        return room_of(size.cpu, size.memory, pods=NODES, storage_gib=self.spec.storage_gib or size.storage_gib)

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(self._nodes, self._nodes, tcp(*BETWEEN_NODES), why="nodes among each other")
        yield from scraped(self._nodes, METRICS_PORT)

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._nodes, tcp(PORT), why=self.name)

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> RabbitmqConnection:
        operators = ground.operators
        size = operators.sizes.rabbitmq
        args = RabbitmqArgs(
            workload=self.workload,
            cluster=self.name,
            queues={name: Queue(**queue.model_dump()) for name, queue in self.spec.queues.items()},
            size=replace(size, storage_gib=self.spec.storage_gib or size.storage_gib),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            protect=operators.protect,
            namespace=ground.namespace,
            operator=operators.rabbitmq,
            own_ca=operators.own_ca,
            service_monitors=operators.service_monitors,
        )
        return Rabbitmq(f"{self.workload}-{self.name}", args, opts).connection

    def access(self, connected: RabbitmqConnection, user: str) -> Access:
        credentials = f"{connected.user}:$({self.variable('PASSWORD')})"
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "USER": connected.user,
                "URL": f"amqps://{credentials}@{connected.host}:{connected.port}/",
            },
            secret_env={"PASSWORD": connected.password},
            ca=connected.ca,
            ready=connected.ready,
        )

    @property
    def _nodes(self) -> Pods:
        return Pods(name=f"data.{self.name}", namespace=self.workload, labels=nodes(self.name))
