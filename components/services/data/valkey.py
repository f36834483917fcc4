"""Valkey, a store of the Redis protocol, as workload files declare it."""

from collections.abc import Iterator
from typing import Final, Literal

import pulumi
from pydantic import Field, ValidationInfo, field_validator

from components.data.connections import ValkeyConnection
from components.data.sizes import Sizes
from components.data.valkey import PORT, EvictionPolicy, Persistence, Valkey, ValkeyArgs, memory_mib, server_labels
from components.network.connections import Connection, Pods, connect, tcp
from components.platform.connections.situation import scraped
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room, room_of
from components.services.stack_traits import StackTraits
from stacks.model import Model

EXPORTER_PORT: Final = 9121


class ValkeySpec(Model):
    """A store of the Redis protocol: one server, which its workload alone reaches, by a password."""

    kind: Literal["valkey"]
    memory_mib: int = Field(default=64, ge=16, le=65536)
    """MiB that keys and values may take. The container has half as much again, and as much again with `append_only`:
    while the log is written anew by a copy of the process, pages that change are there twice."""

    eviction: EvictionPolicy = "noeviction"
    """What goes when they take more. With `noeviction` writes are refused."""

    append_only: bool = False
    """Whether every write is in a log on a volume within a second. Otherwise what the store holds is lost with its
    pod."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384, validate_default=True)
    """GiB of that volume; thrice the memory, if not given: the log grows to twice what it was before it is written
    anew, beside the old one. A volume grows and never shrinks."""

    @field_validator("storage_gib")
    @classmethod
    def _the_volume_holds_the_log(cls, storage: int | None, info: ValidationInfo) -> int | None:
        if "append_only" not in info.data or "memory_mib" not in info.data:
            return storage
        memory: int = info.data["memory_mib"]
        if not info.data["append_only"]:
            if storage is not None:
                raise ValueError("nothing is written to a volume without append_only: true")
            return None
        if storage is None:
            return -(-3 * memory // 1024)
        if storage * 1024 < 2 * memory:
            raise ValueError(f"expected {-(-2 * memory // 1024)} at least, twice the memory, for the log and its copy")
        return storage


class ValkeyService(DataService[ValkeySpec, ValkeyConnection]):
    """A store of the Redis protocol."""

    VARIABLES = frozenset({"HOST", "PORT", "USER", "PASSWORD", "URL"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds()

    @property
    def backup(self) -> Backup:
        return Backup.VOLUMES if self.spec.append_only else Backup.NONE

    def room(self, sizes: Sizes) -> Room:
        memory = memory_mib(self.spec.memory_mib, persistent=self.spec.append_only)
        return room_of("60m", f"{memory + 32}Mi", storage_gib=self.spec.storage_gib or 0)

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        yield from scraped(self._server, EXPORTER_PORT)

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._server, tcp(PORT), why=self.name)

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> ValkeyConnection:
        operators, storage = ground.operators, self.spec.storage_gib
        persistence = storage and Persistence(
            storage_gib=storage, storage_class=operators.storage_class, protect=operators.protect
        )
        args = ValkeyArgs(
            release=self.name,
            namespace=self.workload,
            max_memory_mib=self.spec.memory_mib,
            eviction=self.spec.eviction,
            persistence=persistence or None,
            exists=ground.namespace,
            service_monitors=operators.service_monitors,
            nodes=operators.nodes,
            charts=operators.charts,
        )
        return Valkey(f"{self.workload}-{self.name}", args, opts).connection

    def access(self, connected: ValkeyConnection, user: str) -> Access:
        password = self.variable("PASSWORD")
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "USER": connected.user,
                "URL": f"redis://{connected.user}:$({password})@{connected.address}",
            },
            secret_env={"PASSWORD": connected.password},
            ready=connected.ready,
        )

    @property
    def _server(self) -> Pods:
        return Pods(name=f"data.{self.name}", namespace=self.workload, labels=server_labels(self.name))
