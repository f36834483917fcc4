"""The data services of a workload: those that its file names, and those that Dapr's components stand on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.contracts import BucketDemand, QueueDemand, ServiceAccount
from components.data.connections import KafkaConnection, PostgresConnection
from components.platform.data_operators import DataNeeds
from components.services.dapr.topics import subscribers, topics
from components.services.data import kafka, postgres
from components.services.data.bucket import BucketService
from components.services.data.kafka import DaprTopics, KafkaService
from components.services.data.model import KINDS
from components.services.data.postgres import PostgresService, PostgresSpec
from components.services.data.queue import QueueService
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.model import WorkloadSpec
from components.services.pods.volume_model import claimed_gib


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What follows from one workload file."""

    named: Mapping[str, DataService[Any, Any]]
    """Those of the file, by name."""

    messages: KafkaService | None
    """What Dapr's messages go through, unless the broker is the user's."""

    database: PostgresService | None
    """What Dapr's state and configuration are in."""

    def __iter__(self) -> Iterator[DataService[Any, Any]]:
        """Each once."""
        yield from self.named.values()
        yield from (one for one in (self.messages, self.database) if one and one not in self.named.values())


def declared(workload: str, spec: WorkloadSpec) -> Declared:
    """The data services of a workload. A Kafka of the file's and that of Dapr's messages are one."""
    named = {
        name: KINDS[type(one)](
            workload=workload,
            name=name,
            spec=one,
            users=[service for service, used in spec.services.items() if name in used.data],
        )
        for name, one in spec.data.items()
    }
    of_the_file = next((one for one in named.values() if isinstance(one, KafkaService)), None)
    return Declared(named=named, messages=_messages(workload, spec, of_the_file), database=_database(workload, spec))


def _messages(workload: str, spec: WorkloadSpec, of_the_file: KafkaService | None) -> KafkaService | None:
    pubsub = spec.components.pubsub
    if pubsub is None or pubsub.kind != "kafka":
        return None
    messages = of_the_file or KafkaService(workload=workload, name=kafka.CLUSTER, spec=None)
    groups = sorted(service for service, taken in subscribers(spec).items() if taken)
    messages.dapr = DaprTopics(topics=sorted(topics(spec)), groups=groups, settings=pubsub)
    return messages


def _database(workload: str, spec: WorkloadSpec) -> PostgresService | None:
    state, configuration = spec.components.state, spec.components.configuration
    if state is None and configuration is None:
        return None
    settings = PostgresSpec(kind="postgres", storage_gib=state.storage_gib if state else None)
    return PostgresService(workload=workload, name=postgres.DAPR, spec=settings)


def data_needs(workloads: Mapping[str, WorkloadSpec]) -> DataNeeds:
    """What the workloads of a stack ask for together."""
    needs = DataNeeds()
    for workload, spec in workloads.items():
        for one in declared(workload, spec):
            needs |= one.needs
    return needs


def bucket_demands(workloads: Mapping[str, WorkloadSpec]) -> list[BucketDemand]:
    """The buckets that the workloads of a stack ask the cloud for."""
    return [
        one.demand
        for workload, spec in workloads.items()
        for one in declared(workload, spec).named.values()
        if isinstance(one, BucketService)
    ]


def queue_demands(workloads: Mapping[str, WorkloadSpec]) -> list[QueueDemand]:
    """The queues that the workloads of a stack ask the cloud for."""
    return [
        one.demand
        for workload, spec in workloads.items()
        for one in declared(workload, spec).named.values()
        if isinstance(one, QueueService)
    ]


def backup_accounts(workloads: Mapping[str, WorkloadSpec], *, managed_postgres: bool) -> list[ServiceAccount]:
    """The service accounts whose pods back up databases of the cluster."""
    return [
        ServiceAccount(namespace=workload, name=account)
        for workload, spec in workloads.items()
        for one in declared(workload, spec)
        for account in one.backup_accounts(managed_postgres=managed_postgres)
    ]


def with_volumes(workloads: Mapping[str, WorkloadSpec]) -> list[str]:
    """Workloads with data in volumes that nothing else backs up."""
    return [
        workload
        for workload, spec in workloads.items()
        if any(one.backup is Backup.VOLUMES for one in declared(workload, spec))
        or any(claimed_gib(service.volumes) for service in spec.services.values())
    ]


@dataclass(frozen=True, kw_only=True)
class Data:
    """How the data services of a workload are reached."""

    access: Mapping[str, Mapping[str, Access]]
    """What each service gets, by the name of the data service."""

    messages: KafkaConnection | None
    """Where Dapr's messages go."""

    database: PostgresConnection | None
    """Where Dapr's state and configuration are."""


def build_data(workload: str, spec: WorkloadSpec, ground: Ground, opts: pulumi.ResourceOptions) -> Data:
    """Registers the data services of a workload."""
    data = declared(workload, spec)
    connected: dict[str, Any] = {one.name: one.build(ground, opts) for one in data}
    return Data(
        access={
            service: {name: data.named[name].access(connected[name], service) for name in used.data}
            for service, used in spec.services.items()
        },
        messages=connected[data.messages.name][kafka.DAPR] if data.messages else None,
        database=connected[data.database.name] if data.database else None,
    )
