"""What a workload file may say of the data services that stand behind its components."""

from collections.abc import Iterable
from typing import Final

from pydantic import Field

from stacks.model import Model


class KafkaSettings(Model):
    """A Kafka cluster of the workload's own."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each broker's volume; by environment, if not given. A volume grows and never shrinks."""

    partitions: int = Field(default=3, ge=1, le=100)
    """Partitions of each topic: as many consumers of one group read at once. They can be added and never taken away,
    and keys fall into others then."""

    retention_hours: int = Field(default=168, ge=1, le=8760)
    """Hours that messages are kept, read or not."""


class PostgresSettings(Model):
    """A PostgreSQL cluster of the workload's own, or its database on the cloud's server where the stack has one."""

    storage_gib: int | None = Field(default=None, ge=1, le=16384)
    """GiB of each instance's volume; by environment, if not given. A volume grows and never shrinks. The cloud's server
    has a disk of its own, for all workloads."""


OPERATORS_OWN: Final = ("events", "postgres")
"""How the names of Services, accounts and Secrets begin that operators make in the namespace of a workload."""


def reserved_names(services: Iterable[str]) -> list[tuple[str, str]]:
    """Services that have a name which an operator gives what it makes: key path, and text."""
    return [
        (name, f"names that begin with {own} are those of its data services; give the service another name")
        for name in services
        for own in OPERATORS_OWN
        if name == own or name.startswith(f"{own}-")
    ]
