"""Arguments for one data service, or one operator of them, of each class."""

from typing import Any, Final

import pulumi

from components.contracts import ManagedPostgres
from components.data.kafka import KafkaArgs
from components.data.managed_postgres import ManagedDatabaseArgs, PostgresAdministratorArgs
from components.data.postgres import PostgresArgs
from components.data.sizes import SIZES
from components.data.valkey import Persistence, ValkeyArgs
from components.platform.cloudnative_pg import CloudNativePgArgs
from components.platform.strimzi import StrimziArgs
from components.releases import ChartSource

DATA: Final = frozenset(
    {"CloudNativePg", "Kafka", "ManagedDatabase", "Postgres", "PostgresAdministrator", "Strimzi", "Valkey"}
)
"""The classes."""


def server(wait: pulumi.Resource) -> ManagedPostgres:
    """A server of a cloud whose certificate is of an authority of its own."""
    return ManagedPostgres(
        host=pulumi.Output.from_input("10.68.48.3"),
        port=5432,
        username="postgres",
        password=pulumi.Output.secret("of-the-administrator"),
        ssl_mode="verify-ca",
        server_ca="authority",
        ready=[wait],
    )


def data_arguments(component: str, wait: pulumi.Resource) -> Any:
    """Arguments with which a component of this class registers all that it ever does."""
    charts = ChartSource()
    match component:
        case "Strimzi":
            return StrimziArgs(
                high_availability=True, namespace=wait, service_monitors=wait, nodes=[wait], charts=charts
            )
        case "CloudNativePg":
            return CloudNativePgArgs(
                high_availability=True, namespace=wait, service_monitors=wait, nodes=[wait], charts=charts
            )
        case "Kafka":
            return KafkaArgs(
                workload="todo",
                user="dapr",
                topics=["tasks", "tasks-dead-letters"],
                groups=["notification"],
                partitions=3,
                retention_hours=168,
                size=SIZES["dev"].kafka,
                storage_class="fast",
                high_availability=False,
                protect=False,
                namespace=wait,
                operator=wait,
                service_monitors=wait,
            )
        case "Postgres":
            return PostgresArgs(
                workload="todo",
                size=SIZES["dev"].postgres,
                storage_class="fast",
                high_availability=False,
                protect=False,
                namespace=wait,
                operator=wait,
                service_monitors=wait,
            )
        case "PostgresAdministrator":
            return PostgresAdministratorArgs(server=server(wait), namespace=wait)
        case "ManagedDatabase":
            return ManagedDatabaseArgs(
                workload="todo", server=server(wait), administrator=wait, namespace=wait, nodes=[wait]
            )
        case "Valkey":
            return ValkeyArgs(
                release="counters",
                namespace="gateway",
                max_memory_mib=64,
                eviction="volatile-ttl",
                persistence=Persistence(storage_gib=1, storage_class="fast", protect=False),
                exists=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case other:
            raise AssertionError(f"{other}: give it arguments here")
