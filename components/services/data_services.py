"""The data services of one workload: what its components stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pulumi

from components.data.connections import KafkaConnection, PostgresConnection
from components.data.kafka import Kafka, KafkaArgs
from components.data.managed_postgres import ManagedDatabase, ManagedDatabaseArgs
from components.data.postgres import Postgres, PostgresArgs
from components.data.statements import StatementsArgs, run
from components.platform.data_operators import DataNeeds, DataOperators, DataServer
from components.services.dapr_topics import subscribers, topics
from components.services.data_model import KafkaSettings, PostgresSettings
from components.services.model import WorkloadSpec

USER: Final = "dapr"
"""Who publishes and consumes: the sidecars of all services. Which of them may do what to which topic, they know."""

CONFIGURATION_TABLE: Final = """
CREATE TABLE IF NOT EXISTS configuration (
    key VARCHAR NOT NULL PRIMARY KEY,
    value VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    metadata JSON
);
"""
"""What Dapr reads configuration from, and does not make itself:
https://docs.dapr.io/reference/components-reference/supported-configuration-stores/postgresql-configuration-store/"""


@dataclass(frozen=True, kw_only=True)
class DataServices:
    """How the data services of a workload are reached."""

    kafka: KafkaConnection | None = None
    postgres: PostgresConnection | None = None


def needs_kafka(spec: WorkloadSpec) -> bool:
    """Whether the workload has a Kafka cluster of its own."""
    return spec.components.pubsub is not None and spec.components.pubsub.kind == "kafka"


def needs_postgres(spec: WorkloadSpec) -> bool:
    """Whether the workload has a database."""
    return spec.components.state is not None or spec.components.configuration is not None


def data_needs(workloads: Mapping[str, WorkloadSpec]) -> DataNeeds:
    """What the workloads of a stack ask for together."""
    return DataNeeds(
        kafka=any(needs_kafka(spec) for spec in workloads.values()),
        postgres=any(needs_postgres(spec) for spec in workloads.values()),
    )


@dataclass(frozen=True, kw_only=True)
class DataServicesArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    operators: DataOperators
    """What makes data services of declarations."""

    namespace: pulumi.Resource
    """The namespace, as the resource to depend on."""


def build_data_services(args: DataServicesArgs, opts: pulumi.ResourceOptions) -> DataServices:
    """Registers what the workload asks for."""
    pubsub, kafka = args.spec.components.pubsub, args.operators.kafka
    postgres = args.operators.postgres if needs_postgres(args.spec) else None
    return DataServices(
        kafka=_kafka(args, pubsub, kafka, opts) if pubsub and pubsub.kind == "kafka" and kafka else None,
        postgres=_with_configuration(args, _postgres(args, postgres, opts), opts) if postgres else None,
    )


def _kafka(
    args: DataServicesArgs, settings: KafkaSettings, operator: pulumi.Resource, opts: pulumi.ResourceOptions
) -> KafkaConnection:
    operators, size = args.operators, args.operators.sizes.kafka
    kafka = KafkaArgs(
        workload=args.workload,
        user=USER,
        topics=sorted(topics(args.spec)),
        groups=sorted(service for service, taken in subscribers(args.spec).items() if taken),
        partitions=settings.partitions,
        retention_hours=settings.retention_hours,
        size=replace(size, storage_gib=settings.storage_gib or size.storage_gib),
        storage_class=operators.storage_class,
        high_availability=operators.high_availability,
        protect=operators.protect,
        namespace=args.namespace,
        operator=operator,
        service_monitors=operators.service_monitors,
    )
    return Kafka(f"{args.workload}-kafka", kafka, opts).connection


def _postgres(
    args: DataServicesArgs, operator: pulumi.Resource | DataServer, opts: pulumi.ResourceOptions
) -> PostgresConnection:
    name, operators = f"{args.workload}-postgres", args.operators
    if isinstance(operator, DataServer):
        database = ManagedDatabaseArgs(
            workload=args.workload,
            server=operator.server,
            administrator=operator.administrator,
            namespace=args.namespace,
            nodes=operators.nodes,
        )
        return ManagedDatabase(name, database, opts).connection
    size, settings = operators.sizes.postgres, args.spec.components.state or PostgresSettings()
    postgres = PostgresArgs(
        workload=args.workload,
        size=replace(size, storage_gib=settings.storage_gib or size.storage_gib),
        storage_class=operators.storage_class,
        high_availability=operators.high_availability,
        protect=operators.protect,
        namespace=args.namespace,
        operator=operator,
        service_monitors=operators.service_monitors,
    )
    return Postgres(name, postgres, opts).connection


def _with_configuration(
    args: DataServicesArgs, postgres: PostgresConnection, opts: pulumi.ResourceOptions
) -> PostgresConnection:
    """The database with the table of configuration, where the workload reads any. Who reads it owns it."""
    if args.spec.components.configuration is None:
        return postgres
    statements = StatementsArgs(
        job="configuration-table",
        namespace=args.workload,
        host=postgres.host,
        port=postgres.port,
        database=postgres.database,
        user=postgres.user,
        password=postgres.password,
        ssl_mode=postgres.ssl_mode,
        ca=postgres.ca,
        statements=CONFIGURATION_TABLE,
    )
    ready = pulumi.ResourceOptions(depends_on=[*postgres.ready, *args.operators.nodes])
    made = run(f"{args.workload}-configuration-table", statements, pulumi.ResourceOptions.merge(opts, ready))
    return replace(postgres, ready=[*postgres.ready, made])
