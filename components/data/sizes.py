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

    backup_memory: str
    """What each instance asks for besides to be backed up, and its limit."""

    storage_gib: int
    """GiB of the volume."""


@dataclass(frozen=True, kw_only=True)
class WeaviateSize:
    """What each node of Weaviate asks for. With high availability there are three, each with all objects, else one."""

    cpu: str
    memory: str
    """Also the limit. Vectors are searched in memory: some 4 bytes a dimension and object, twice."""

    heap: str
    """What Go's collector keeps to, as `GOMEMLIMIT` spells it: nine tenths of the memory."""

    storage_gib: int
    """GiB of the volume."""


@dataclass(frozen=True, kw_only=True)
class TransformersSize:
    """What each pod asks for that makes vectors of texts. How much memory depends on the model alone."""

    cpu: str
    threads: int
    """Threads that compute one vector."""


@dataclass(frozen=True, kw_only=True)
class MongodbSize:
    """What each member of a replica set asks for. With high availability there are three, else one."""

    cpu: str
    memory: str
    """Also the limit. Half of what is more than 1 GiB is the cache, and 256 MiB at least."""

    storage_gib: int
    """GiB of the volume."""


@dataclass(frozen=True, kw_only=True)
class RabbitmqSize:
    """What each node of RabbitMQ asks for. With high availability there are three, else one."""

    cpu: str
    memory: str
    """Also the limit. Publishers are blocked at six tenths of four fifths of it."""

    storage_gib: int
    """GiB of the volume: more than the 2 GiB at which publishers are blocked for want of disk."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes of one environment."""

    kafka: KafkaSize
    postgres: PostgresSize
    mongodb: MongodbSize
    rabbitmq: RabbitmqSize
    weaviate: WeaviateSize
    transformers: TransformersSize


SIZES: Mapping[Environment, Sizes] = {
    "dev": Sizes(
        kafka=KafkaSize(cpu="100m", memory="1Gi", heap="512m", storage_gib=10),
        postgres=PostgresSize(
            cpu="50m", memory="256Mi", shared_buffers="64MB", connections=60, backup_memory="192Mi", storage_gib=5
        ),
        mongodb=MongodbSize(cpu="70m", memory="352Mi", storage_gib=5),
        rabbitmq=RabbitmqSize(cpu="80m", memory="512Mi", storage_gib=5),
        weaviate=WeaviateSize(cpu="100m", memory="512Mi", heap="460MiB", storage_gib=5),
        transformers=TransformersSize(cpu="100m", threads=1),
    ),
    "staging": Sizes(
        kafka=KafkaSize(cpu="250m", memory="2Gi", heap="1024m", storage_gib=20),
        postgres=PostgresSize(
            cpu="250m", memory="1Gi", shared_buffers="256MB", connections=100, backup_memory="256Mi", storage_gib=20
        ),
        mongodb=MongodbSize(cpu="250m", memory="1536Mi", storage_gib=20),
        rabbitmq=RabbitmqSize(cpu="250m", memory="1Gi", storage_gib=10),
        weaviate=WeaviateSize(cpu="250m", memory="2Gi", heap="1840MiB", storage_gib=20),
        transformers=TransformersSize(cpu="500m", threads=2),
    ),
    "prod": Sizes(
        kafka=KafkaSize(cpu="500m", memory="4Gi", heap="2048m", storage_gib=100),
        postgres=PostgresSize(
            cpu="500m", memory="2Gi", shared_buffers="512MB", connections=200, backup_memory="512Mi", storage_gib=50
        ),
        mongodb=MongodbSize(cpu="500m", memory="3Gi", storage_gib=50),
        rabbitmq=RabbitmqSize(cpu="500m", memory="2Gi", storage_gib=20),
        weaviate=WeaviateSize(cpu="500m", memory="4Gi", heap="3680MiB", storage_gib=50),
        transformers=TransformersSize(cpu="1", threads=2),
    ),
}
