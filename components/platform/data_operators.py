"""What data services of workloads stand on: the operators that they need, and the cloud's PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pulumi

from components.contracts import ManagedPostgres, ObjectStore
from components.data.managed_postgres import NAMESPACE as DATABASES
from components.data.managed_postgres import PostgresAdministrator, PostgresAdministratorArgs
from components.data.sizes import SIZES, Sizes
from components.namespaces import CLOUDNATIVE_PG, PERCONA_MONGODB, RABBITMQ_OPERATOR, STRIMZI, Level
from components.platform.barman_plugin import BarmanPlugin, BarmanPluginArgs
from components.platform.base import Base
from components.platform.cloudnative_pg import CloudNativePg, CloudNativePgArgs
from components.platform.percona_mongodb import PerconaMongodb, PerconaMongodbArgs
from components.platform.rabbitmq_operator import RabbitmqOperator, RabbitmqOperatorArgs, rabbitmq_definitions
from components.platform.strimzi import Strimzi, StrimziArgs
from components.releases import ChartSource


@dataclass(frozen=True, kw_only=True)
class DataNeeds:
    """What the workloads of a stack ask for."""

    kafka: bool = False
    """Whether one has a Kafka cluster."""

    postgres: bool = False
    """Whether one has a database in PostgreSQL."""

    mongodb: bool = False
    """Whether one has a replica set of MongoDB."""

    rabbitmq: bool = False
    """Whether one has a RabbitMQ cluster."""

    def __or__(self, other: "DataNeeds") -> "DataNeeds":
        """What either asks for."""
        names = [one.name for one in fields(self)]
        return DataNeeds(**{name: getattr(self, name) or getattr(other, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class DataServer:
    """PostgreSQL as the cloud runs it, and who makes databases on it."""

    server: ManagedPostgres
    administrator: pulumi.Resource
    """The Secret with the administrator's password."""


@dataclass(frozen=True, kw_only=True)
class DataOperators:
    """What makes data services of declarations, and how large they are made."""

    kafka: pulumi.Resource | None
    """The release of the operator of Kafka, where a workload asks for it."""

    postgres: pulumi.Resource | DataServer | None
    """The release of the operator of PostgreSQL, or the cloud's server, where a workload asks for either."""

    mongodb: pulumi.Resource | None
    """The release of the operator of MongoDB, where a workload asks for it."""

    rabbitmq: Sequence[pulumi.Resource]
    """The operator of RabbitMQ and its definition; none where no workload asks for it."""

    own_ca: pulumi.Resource
    """The cluster's own authority, which vouches for what has no operator that does."""

    database_backups: ObjectStore
    """Where databases keep their backups."""

    barman: pulumi.Resource | None
    """The release of what backs up PostgreSQL in the cluster; none where there is no store for it."""

    backup_hour: int
    """Hour of the day, in UTC, at which databases are backed up."""

    backup_days: int
    """Days that a backup of a database is kept."""

    sizes: Sizes
    """What data services ask for in this environment."""

    high_availability: bool
    """Whether data is kept thrice, in different zones."""

    protect: bool
    """Whether what holds data refuses to be destroyed."""

    storage_class: str
    """StorageClass of volumes."""

    service_monitors: pulumi.Resource
    """The Prometheus operator's definitions."""

    charts: ChartSource
    """Where charts come from."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


def data_namespaces(needs: DataNeeds, server: ManagedPostgres | None) -> Mapping[str, Level]:
    """The namespaces of what is needed, and no others."""
    wanted = {
        STRIMZI: needs.kafka,
        CLOUDNATIVE_PG: needs.postgres and server is None,
        DATABASES: needs.postgres and server is not None,
        PERCONA_MONGODB: needs.mongodb,
        RABBITMQ_OPERATOR: needs.rabbitmq,
    }
    return {namespace: "restricted" for namespace, is_wanted in wanted.items() if is_wanted}


def build_data_operators(
    base: Base, needs: DataNeeds, server: ManagedPostgres | None, own_ca: pulumi.Resource, backups: ObjectStore
) -> DataOperators:
    """Registers what is needed, and nothing else: an operator without a cluster is a cost alone."""
    postgres = _postgres(base, server) if needs.postgres else None
    return DataOperators(
        kafka=_strimzi(base) if needs.kafka else None,
        postgres=postgres,
        mongodb=_mongodb(base, own_ca) if needs.mongodb else None,
        rabbitmq=_rabbitmq(base) if needs.rabbitmq else (),
        own_ca=own_ca,
        database_backups=backups,
        barman=_barman(base, postgres, own_ca) if isinstance(postgres, pulumi.Resource) and backups.url else None,
        backup_hour=base.stack.backups.hour,
        backup_days=base.stack.backups.keep_days,
        sizes=SIZES[base.stack.environment],
        high_availability=base.stack.high_availability,
        protect=base.stack.protect,
        storage_class=base.capabilities.storage_class,
        service_monitors=base.crds,
        charts=base.charts,
        nodes=base.nodes,
    )


def _strimzi(base: Base) -> pulumi.Resource:
    args = StrimziArgs(
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[STRIMZI],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return Strimzi("strimzi", args, base.opts).release


def _postgres(base: Base, server: ManagedPostgres | None) -> pulumi.Resource | DataServer:
    if server is not None:
        args = PostgresAdministratorArgs(server=server, namespace=base.namespaces[DATABASES])
        administrator = PostgresAdministrator("postgres-administrator", args, base.opts)
        return DataServer(server=server, administrator=administrator.secret)
    args = CloudNativePgArgs(
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[CLOUDNATIVE_PG],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return CloudNativePg("cloudnative-pg", args, base.opts).release


def _barman(base: Base, operator: pulumi.Resource, own_ca: pulumi.Resource) -> pulumi.Resource:
    args = BarmanPluginArgs(
        namespace=base.namespaces[CLOUDNATIVE_PG],
        operator=operator,
        cert_manager=own_ca,
        nodes=base.nodes,
        charts=base.charts,
    )
    return BarmanPlugin("barman-plugin", args, base.opts).release


def _mongodb(base: Base, own_ca: pulumi.Resource) -> pulumi.Resource:
    args = PerconaMongodbArgs(
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[PERCONA_MONGODB],
        cert_manager=own_ca,
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return PerconaMongodb("percona-mongodb", args, base.opts).release


def _rabbitmq(base: Base) -> Sequence[pulumi.Resource]:
    args = RabbitmqOperatorArgs(
        definitions=rabbitmq_definitions(),
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[RABBITMQ_OPERATOR],
        service_monitors=base.crds,
        nodes=base.nodes,
    )
    operator = RabbitmqOperator("rabbitmq-operator", args, base.opts)
    return [operator.operator, *operator.definitions]
