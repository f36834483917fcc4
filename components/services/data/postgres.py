"""PostgreSQL as workload files declare it: a cluster of its own, or a database on the cloud's server."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

import pulumi
from pydantic import Field

from components.contracts import ServiceAccount
from components.data.connections import PostgresConnection
from components.data.managed_postgres import NAMESPACE as DATABASES
from components.data.managed_postgres import ManagedDatabase, ManagedDatabaseArgs, job_prefix
from components.data.postgres import PORT, Postgres, PostgresArgs, instances
from components.data.postgres_backups import CPU as BACKUP_CPU
from components.data.postgres_backups import BackupPlan
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import POSTGRES_OPERATOR, cloud
from components.platform.connections.situation import HTTPS, scraped
from components.platform.data_operators import DataNeeds, DataOperators, DataServer
from components.services.data.service import Access, Backup, DataService, Ground, ca_path
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model

DAPR: Final = "postgres"
"""What Dapr's state and configuration are in."""

INSTANCES: Final = 3
"""Instances of a cluster, at most."""

STATUS_PORT, METRICS_PORT = 8000, 9187


class PostgresSettings(Model):
    """A PostgreSQL cluster of the workload's own, or its database on the cloud's server where the stack has one."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each instance's volume; by environment, if not given. A volume grows and never shrinks. The cloud's server
    has a disk of its own, for all workloads."""


class PostgresSpec(PostgresSettings):
    """A database of PostgreSQL, and the role that owns it."""

    kind: Literal["postgres"]


def role_name(workload: str, name: str) -> str:
    """Name of a database and of the role that owns it. Hyphens would want quotes in every statement."""
    own = workload.replace("-", "_")
    return own if name == DAPR else f"{own}__{name.replace('-', '_')}"


class PostgresService(DataService[PostgresSpec, PostgresConnection]):
    """A database, in the cluster or on the cloud's server: services see no difference."""

    VARIABLES = frozenset({"HOST", "PORT", "NAME", "USER", "PASSWORD", "URL", "SSLMODE", "CA"})

    @property
    def role(self) -> str:
        """Name of the database, and of the role that owns it."""
        return role_name(self.workload, self.name)

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds(postgres=True)

    @property
    def backup(self) -> Backup:
        return Backup.DATABASE

    def backup_accounts(self, *, managed_postgres: bool) -> Sequence[str]:
        return () if managed_postgres else (self.name,)

    def room(self, sizes: Sizes) -> Room:
        size = sizes.postgres
        own = room_of(size.cpu, size.memory, pods=INSTANCES, storage_gib=self.spec.storage_gib or size.storage_gib)
        beside = room_of(BACKUP_CPU, size.backup_memory, pods=INSTANCES)
        return replace(own, cpu=own.cpu + beside.cpu, memory_mib=own.memory_mib + beside.memory_mib)

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        if traits.database_port is not None:
            yield from self.reached_by(job_pods(DATABASES, f"{job_prefix(self.role)}-database"), traits)
            return
        ports = tcp(STATUS_PORT, PORT)
        yield from connect(POSTGRES_OPERATOR, self._instances, ports, why="looks after instances")
        yield from connect(self._cluster, self._instances, ports, why="standbys")
        yield from connect(self._cluster, Place.API_SERVER, why="who is the primary")
        yield from scraped(self._instances, METRICS_PORT)
        if traits.keyed_backups:
            yield from connect(self._cluster, Place.OUTSIDE, tcp(HTTPS), why="backups")
        elif traits.cloud:
            yield from cloud(self._cluster, "backups")

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        if traits.database_port is None:
            yield from connect(pods, self._instances, tcp(PORT), why="database")
        else:
            yield from connect(pods, Place.DATABASES, tcp(traits.database_port), why="database")

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> PostgresConnection:
        name, operators = f"{self.workload}-{self.name}", ground.operators
        made_by = operators.postgres
        assert made_by is not None, "a stack with databases has what makes them"
        if isinstance(made_by, DataServer):
            database = ManagedDatabaseArgs(
                name=self.name,
                workload=self.workload,
                role=self.role,
                server=made_by.server,
                administrator=made_by.administrator,
                namespace=ground.namespace,
                nodes=operators.nodes,
            )
            return ManagedDatabase(name, database, opts).connection
        size = operators.sizes.postgres
        postgres = PostgresArgs(
            cluster=self.name,
            workload=self.workload,
            role=self.role,
            size=replace(size, storage_gib=self.spec.storage_gib or size.storage_gib),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            protect=operators.protect,
            backups=self._backups(operators),
            namespace=ground.namespace,
            operator=made_by,
            service_monitors=operators.service_monitors,
        )
        return Postgres(name, postgres, opts).connection

    def _backups(self, operators: DataOperators) -> BackupPlan | None:
        if operators.barman is None:
            return None
        store = operators.database_backups
        return BackupPlan(
            store=store,
            identity=store.writers[ServiceAccount(namespace=self.workload, name=self.name)],
            hour=operators.backup_hour,
            keep_days=operators.backup_days,
            memory=operators.sizes.postgres.backup_memory,
            plugin=operators.barman,
        )

    def access(self, connected: PostgresConnection, user: str) -> Access:
        authority = "system" if connected.ca is None else f"{ca_path(self.name)}/ca.crt"
        address = f"{connected.user}:$({self.variable('PASSWORD')})"
        tls = f"sslmode={connected.ssl_mode}&sslrootcert={authority}"
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "NAME": connected.database,
                "USER": connected.user,
                "SSLMODE": connected.ssl_mode,
                "URL": pulumi.Output.concat(
                    f"postgresql://{address}@", connected.host, f":{connected.port}/{connected.database}?{tls}"
                ),
            },
            secret_env={"PASSWORD": connected.password},
            ca=connected.ca,
            ready=connected.ready,
        )

    @property
    def _instances(self) -> Pods:
        return Pods(name=f"data.{self.name}", namespace=self.workload, labels=instances(self.name))

    @property
    def _cluster(self) -> Pods:
        """The instances, and the Jobs that make them."""
        labels = {"cnpg.io/cluster": self.name}
        return Pods(name=f"data.{self.name}-cluster", namespace=self.workload, labels=labels)


def job_pods(namespace: str, name: str) -> Pods:
    """The pods of a Job that runs statements."""
    return Pods(name=f"job.{name}", namespace=namespace, labels={"app.kubernetes.io/name": name})
