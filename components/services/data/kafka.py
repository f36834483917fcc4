"""Kafka as workload files declare it: one cluster for a workload, whoever asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

import pulumi
from pydantic import Field

from components.data.connections import KafkaConnection
from components.data.kafka import Kafka, KafkaArgs, KafkaTopic, KafkaUser
from components.data.kafka_objects import BROKERS, CLUSTER, PORT
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import KAFKA_OPERATOR
from components.platform.connections.situation import scraped
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model, form

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


Topic = Annotated[
    str,
    form(
        r"(?=.{1,100}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
        "100 lower-case letters, digits, hyphens and dots at most, starting and ending with a letter or digit",
    ),
]
"""A name that Kafka takes for a topic, and Kubernetes for the object that stands for it."""


class TopicSpec(Model):
    """A topic that services use by its name."""

    partitions: int = Field(default=3, ge=1, le=100)
    """Partitions: as many consumers of one group read at once. They can be added and never taken away, and keys fall
    into others then."""

    retention_hours: int = Field(default=168, ge=1, le=8760)
    """Hours that messages are kept, read or not."""


class KafkaSpec(Model):
    """A Kafka cluster of the workload's own: the one that Dapr's messages go through too, where they go through any."""

    kind: Literal["kafka"]
    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each broker's volume; by environment, if not given. A volume grows and never shrinks."""

    topics: dict[Topic, TopicSpec] = Field(min_length=1)
    """Topics by name. Whoever uses the data service may publish to them and take their messages, in the group of the
    service's name; no topic is made by being written to."""


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

    settings: KafkaSettings
    """What each of the topics is like, and how large volumes are."""


class KafkaService(DataService[KafkaSpec | None, Mapping[str, KafkaConnection]]):
    """A cluster, its topics and a user for each that uses it."""

    VARIABLES = frozenset({"BROKERS", "USER", "PASSWORD", "MECHANISM", "GROUP", "CA"})
    OBJECTS = (CLUSTER,)

    def __init__(
        self,
        *,
        workload: str,
        name: str,
        spec: KafkaSpec | None,
        users: Sequence[str] = (),
        dapr: DaprTopics | None = None,
    ) -> None:
        super().__init__(workload=workload, name=name, spec=spec, users=users)
        self.dapr = dapr
        """What Dapr's messages want of it, where they go through it."""

    @property
    def topics(self) -> dict[str, KafkaTopic]:
        """All topics by name. What the file says of one wins over what Dapr's component says of all."""
        settings = self.dapr.settings if self.dapr else KafkaSettings()
        said = {**dict.fromkeys(self.dapr.topics if self.dapr else (), settings), **self._named}
        return {
            topic: KafkaTopic(partitions=said[topic].partitions, retention_hours=said[topic].retention_hours)
            for topic in sorted(said)
        }

    @property
    def allowed(self) -> dict[str, KafkaUser]:
        """What each user may do."""
        dapr = {DAPR: KafkaUser(topics=self.dapr.topics, groups=self.dapr.groups)} if self.dapr else {}
        return {**dapr, **{user: KafkaUser(topics=sorted(self._named), groups=[user]) for user in self.users}}

    @property
    def _named(self) -> Mapping[str, TopicSpec]:
        return self.spec.topics if self.spec else {}

    def _storage_gib(self, sizes: Sizes) -> int:
        """The larger of what was asked for. Volumes never shrink."""
        asked = [self.spec and self.spec.storage_gib, self.dapr and self.dapr.settings.storage_gib]
        return max((gib for gib in asked if gib), default=sizes.kafka.storage_gib)

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds(kafka=True)

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES

    def room(self, sizes: Sizes) -> Room:
        size = sizes.kafka
        return room_of(size.cpu, size.memory, pods=NODES, storage_gib=self._storage_gib(sizes))

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        nodes, entities, exporter = self._brokers, self._part("entity-operator"), self._part("kafka-exporter")
        yield from connect(KAFKA_OPERATOR, nodes, tcp(*BROKER_PORTS, AGENT_PORT), why="looks after the brokers")
        yield from connect(nodes, nodes, tcp(*BROKER_PORTS), why="brokers among each other")
        yield from connect(entities, nodes, tcp(BROKER_PORTS[1]), why="topics and users")
        yield from connect(entities, Place.API_SERVER, why="topics and users")
        yield from connect(exporter, nodes, tcp(BROKER_PORTS[1]), why="how far consumers are")
        yield from scraped(nodes, EXPORTER_PORT)
        yield from scraped(exporter, EXPORTER_PORT)
        yield from scraped(entities, *ENTITY_PORTS)

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._brokers, tcp(PORT), why="messages")

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> Mapping[str, KafkaConnection]:
        operators, size = ground.operators, ground.operators.sizes.kafka
        operator = operators.kafka
        assert operator is not None, "a stack with Kafka has what makes it"
        kafka = KafkaArgs(
            workload=self.workload,
            users=self.allowed,
            topics=self.topics,
            size=replace(size, storage_gib=self._storage_gib(operators.sizes)),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            protect=operators.protect,
            namespace=ground.namespace,
            operator=operator,
            service_monitors=operators.service_monitors,
        )
        return Kafka(f"{self.workload}-kafka", kafka, opts).connections

    def access(self, connected: Mapping[str, KafkaConnection], user: str) -> Access:
        connection = connected[user]
        return Access(
            env={
                "BROKERS": connection.brokers,
                "USER": connection.user,
                "MECHANISM": connection.mechanism,
                "GROUP": user,
            },
            secret_env={"PASSWORD": connection.password},
            ca=connection.ca,
            ready=connection.ready,
        )

    @property
    def _brokers(self) -> Pods:
        return Pods(name=f"data.{CLUSTER}", namespace=self.workload, labels=BROKERS)

    def _part(self, part: str) -> Pods:
        """What Strimzi puts beside the brokers."""
        name = f"{CLUSTER}-{part}"
        return Pods(name=f"data.{name}", namespace=self.workload, labels={"strimzi.io/name": name})
