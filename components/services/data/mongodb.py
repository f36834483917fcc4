"""MongoDB as workload files declare it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Final, Literal

import pulumi
from pydantic import Field

from components.data.connections import MongodbConnection
from components.data.mongodb import Mongodb, MongodbArgs
from components.data.mongodb_backups import backups_in
from components.data.mongodb_dumps import MongodbDumps
from components.data.mongodb_dumps import labels as dumps
from components.data.mongodb_objects import EXPORTER_PORT, PORT, members
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import MONGODB_OPERATOR
from components.platform.connections.situation import HTTPS, scraped
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground, ca_path
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model, form

MEMBERS: Final = 3
"""Members of a replica set, at most."""

DatabaseName = Annotated[
    str,
    form(
        r"(?!(admin|local|config)$)[A-Za-z][A-Za-z0-9_-]{0,37}",
        "38 letters, digits, hyphens and underscores at most, starting with a letter, and none of MongoDB's own: "
        "admin, local, config",
    ),
]


class MongodbSpec(Model):
    """A replica set of MongoDB with one database, and the user that writes in it."""

    kind: Literal["mongodb"]
    database: DatabaseName | None = None
    """Name of the database; the workload's, if not given."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each member's volume; by environment, if not given. A volume grows and never shrinks."""

    keep_backups: int = Field(default=14, ge=1, le=365)
    """Daily backups that are kept, where the stack's store of database backups takes those of the operator."""


class MongodbService(DataService[MongodbSpec, MongodbConnection]):
    """A replica set."""

    VARIABLES = frozenset({"HOST", "PORT", "NAME", "USER", "PASSWORD", "URL", "CA"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds(mongodb=True)

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES

    def room(self, sizes: Sizes) -> Room:
        size = sizes.mongodb
        storage_gib = self.spec.storage_gib or size.storage_gib
        servers = room_of(size.cpu, size.memory, pods=MEMBERS, storage_gib=storage_gib)
        beside = room_of("30m", "288Mi", pods=MEMBERS)
        return Room(
            cpu=servers.cpu + beside.cpu,
            memory_mib=servers.memory_mib + beside.memory_mib,
            pods=servers.pods + 1,
            storage_gib=servers.storage_gib + storage_gib,
        )

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(MONGODB_OPERATOR, self._members, tcp(PORT), why="looks after members")
        yield from connect(self._members, self._members, tcp(PORT), why="members among each other")
        yield from scraped(self._members, EXPORTER_PORT)
        if traits.keyed_backups:
            yield from connect(self._members, Place.OUTSIDE, tcp(HTTPS), why="backups")
        else:
            yield from self.reached_by(self._dumps, traits)

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._members, tcp(PORT), why=self.name)

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> MongodbConnection:
        operators = ground.operators
        size = operators.sizes.mongodb
        storage_gib = self.spec.storage_gib or size.storage_gib
        assert operators.mongodb is not None, "a stack with replica sets has what makes them"
        args = MongodbArgs(
            workload=self.workload,
            cluster=self.name,
            database=self.spec.database or self.workload,
            size=replace(size, storage_gib=storage_gib),
            storage_class=operators.storage_class,
            high_availability=operators.high_availability,
            protect=operators.protect,
            backups=backups_in(operators.database_backups, self.spec.keep_backups)
            or MongodbDumps(storage_gib=storage_gib, storage_class=operators.storage_class, nodes=operators.nodes),
            namespace=ground.namespace,
            operator=operators.mongodb,
            service_monitors=operators.service_monitors,
        )
        return Mongodb(f"{self.workload}-{self.name}", args, opts).connection

    def access(self, connected: MongodbConnection, user: str) -> Access:
        credentials = f"{connected.user}:$({self.variable('PASSWORD')})"
        options = f"replicaSet={connected.replica_set}&tls=true&tlsCAFile={ca_path(self.name)}/ca.crt"
        address = f"{connected.host}:{connected.port}/{connected.database}"
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "NAME": connected.database,
                "USER": connected.user,
                "URL": f"mongodb://{credentials}@{address}?{options}",
            },
            secret_env={"PASSWORD": connected.password},
            ca=connected.ca,
            ready=connected.ready,
        )

    @property
    def _dumps(self) -> Pods:
        return Pods(name=f"data.{self.name}-dumps", namespace=self.workload, labels=dumps(self.name))

    @property
    def _members(self) -> Pods:
        return Pods(name=f"data.{self.name}", namespace=self.workload, labels=members(self.name))
