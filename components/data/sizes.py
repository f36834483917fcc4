"""How large data services are, by environment. A workload file may ask for another disk, and for nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Environment = Literal["dev", "staging", "prod"]


@dataclass(frozen=True, kw_only=True)
class KafkaSize:
    """What each node of a Kafka cluster asks for. With high availability there are three, else one."""

    cpu: str
    memory: str
    """Also the limit: the heap, and as much again for the page cache that Kafka reads and writes through."""

    heap: str
    """Heap of the JVM, as `-Xmx` spells it."""

    storage_gib: int
    """GiB of the volume."""


@dataclass(frozen=True, kw_only=True)
class PostgresSize:
    """What each instance of a PostgreSQL cluster asks for. With high availability there are three, else one."""

    cpu: str
    memory: str
    """Also the limit."""

    shared_buffers: str
    """A quarter of the memory: https://www.postgresql.org/docs/current/runtime-config-resource.html"""

    connections: int
    """Connections at once. Each is a process of some MiB."""

    storage_gib: int
    """GiB of the volume."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes of one environment."""

    kafka: KafkaSize
    postgres: PostgresSize


SIZES: Mapping[Environment, Sizes] = {
    "dev": Sizes(
        kafka=KafkaSize(cpu="100m", memory="1Gi", heap="512m", storage_gib=10),
        postgres=PostgresSize(cpu="50m", memory="256Mi", shared_buffers="64MB", connections=60, storage_gib=5),
    ),
    "staging": Sizes(
        kafka=KafkaSize(cpu="250m", memory="2Gi", heap="1024m", storage_gib=20),
        postgres=PostgresSize(cpu="250m", memory="1Gi", shared_buffers="256MB", connections=100, storage_gib=20),
    ),
    "prod": Sizes(
        kafka=KafkaSize(cpu="500m", memory="4Gi", heap="2048m", storage_gib=100),
        postgres=PostgresSize(cpu="500m", memory="2Gi", shared_buffers="512MB", connections=200, storage_gib=50),
    ),
}
