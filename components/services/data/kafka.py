"""Kafka as workload files declare it: one cluster for a workload, whoever asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pulumi
from pydantic import Field

from components.data.connections import KafkaConnection
from components.data.kafka import Kafka, KafkaArgs
from components.data.kafka_objects import BROKERS, CLUSTER, PORT
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import KAFKA_OPERATOR
from components.platform.connections.situation import scraped
from components.platform.data_operators import DataNeeds
from components.services.around import Around
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.room import Room, room_of
from stacks.model import Model

DAPR: Final = "dapr"
"""Who publishes and consumes by Dapr: the sidecars of all services. Which of them may do what to which topic, they
know."""

NODES: Final = 3
"""Nodes of a cluster, at most."""

BROKER_PORTS, AGENT_PORT, EXPORTER_PORT = (9090, 9091), 8443, 9404
"""What controllers and brokers tell each other, how the operator asks a broker for its state, and metrics.
https://strimzi.io/docs/operators/latest/deploying#con-securing-external-network-access-str"""

ENTITY_PORTS = (8080, 8081)
"""Metrics of the operators of topics and of users."""


class KafkaSettings(Model):
    """A Kafka cluster of the workload's own."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each broker's volume; by environment, if not given. A volume grows and never shrinks."""

    partitions: int = Field(default=3, ge=1, le=100)
    """Partitions of each topic: as many consumers of one group read at once. They can be added and never taken away,
    and keys fall into others then."""

    retention_hours: int = Field(default=168, ge=1, le=8760)
    """Hours that messages are kept, read or not."""


@dataclass(frozen=True, kw_only=True)
class DaprTopics:
    """What Dapr's messages want of Kafka."""

    topics: Sequence[str]
    """Topics that some service publishes to or takes messages of."""

    groups: Sequence[str]
    """Services that take messages, each a group of consumers."""


class KafkaService(DataService[KafkaSettings, Mapping[str, KafkaConnection]]):
    """A cluster, its topics and a user for each that uses it."""

    VARIABLES = frozenset[str]()

    def __init__(
        self, *, workload: str, name: str, spec: KafkaSettings, users: Sequence[str] = (), dapr: DaprTopics
    ) -> None:
        super().__init__(workload=workload, name=name, spec=spec, users=users)
        self.dapr = dapr

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds(kafka=True)

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES

    def room(self, sizes: Sizes) -> Room:
        size = sizes.kafka
        return room_of(size.cpu, size.memory, pods=NODES, storage_gib=self.spec.storage_gib or size.storage_gib)

    def inside(self, around: Around) -> Iterator[Connection]:
        nodes, entities, exporter = self._brokers, self._part("entity-operator"), self._part("kafka-exporter")
        yield from connect(KAFKA_OPERATOR, nodes, tcp(*BROKER_PORTS, AGENT_PORT), why="looks after the brokers")
        yield from connect(nodes, nodes, tcp(*BROKER_PORTS), why="brokers among each other")
        yield from connect(entities, nodes, tcp(BROKER_PORTS[1]), why="topics and users")
        yield from connect(entities, Place.API_SERVER, why="topics and users")
        yield from connect(exporter, nodes, tcp(BROKER_PORTS[1]), why="how far consumers are")
        yield from scraped(nodes, EXPORTER_PORT)
        yield from scraped(exporter, EXPORTER_PORT)
        yield from scraped(entities, *ENTITY_PORTS)

    def reached_by(self, pods: Pods, around: Around) -> Iterator[Connection]:
        yield from connect(pods, self._brokers, tcp(PORT), why="messages")

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> Mapping[str, KafkaConnection]:
        operators, size = ground.operators, ground.operators.sizes.kafka
        operator = operators.kafka
        assert operator is not None, "a stack with Kafka has what makes it"
        kafka = KafkaArgs(
            workload=self.workload,
            user=DAPR,
            topics=self.dapr.topics,
            groups=self.dapr.groups,
            partitions=self.spec.partitions,
            retention_hours=self.spec.retention_hours,
            size=replace(size, storage_gib=self.spec.storage_gib or size.storage_gib),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            protect=operators.protect,
            namespace=ground.namespace,
            operator=operator,
            service_monitors=operators.service_monitors,
        )
        return {DAPR: Kafka(f"{self.workload}-kafka", kafka, opts).connection}

    def access(self, connected: Mapping[str, KafkaConnection], user: str) -> Access:
        return Access(ready=connected[user].ready)

    @property
    def _brokers(self) -> Pods:
        return Pods(name=f"data.{CLUSTER}", namespace=self.workload, labels=BROKERS)

    def _part(self, part: str) -> Pods:
        """What Strimzi puts beside the brokers."""
        name = f"{CLUSTER}-{part}"
        return Pods(name=f"data.{name}", namespace=self.workload, labels={"strimzi.io/name": name})
