"""Arguments for one data service, or one operator of them, of each class."""

from typing import Any, Final

import pulumi

from components.contracts import ManagedPostgres, ObjectStore, ServiceAccount, StaticKey, WorkloadIdentity
from components.data.kafka import KafkaArgs, KafkaTopic, KafkaUser
from components.data.managed_postgres import ManagedDatabaseArgs, PostgresAdministratorArgs
from components.data.mongodb import MongodbArgs
from components.data.mongodb_backups import MongodbBackups
from components.data.nominatim import NominatimArgs
from components.data.nominatim_extracts import extract_of
from components.data.postgres import PostgresArgs
from components.data.postgres_backups import BackupPlan, PostgresBackupsArgs
from components.data.rabbitmq import RabbitmqArgs
from components.data.rabbitmq_definitions import Queue
from components.data.sizes import SIZES
from components.data.transformers import TransformersArgs, address
from components.data.valkey import Persistence, ValkeyArgs
from components.data.weaviate import WeaviateArgs
from components.platform.barman_plugin import BarmanPluginArgs
from components.platform.cloudnative_pg import CloudNativePgArgs
from components.platform.percona_mongodb import PerconaMongodbArgs
from components.platform.rabbitmq_operator import RabbitmqOperatorArgs, rabbitmq_definitions
from components.platform.strimzi import StrimziArgs
from components.releases import ChartSource

DATA: Final = frozenset(
    {
        "CloudNativePg",
        "Kafka",
        "ManagedDatabase",
        "Mongodb",
        "Nominatim",
        "PerconaMongodb",
        "Postgres",
        "PostgresBackups",
        "BarmanPlugin",
        "PostgresAdministrator",
        "Rabbitmq",
        "RabbitmqOperator",
        "Strimzi",
        "Transformers",
        "Valkey",
        "Weaviate",
    }
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


def plan(wait: pulumi.Resource) -> BackupPlan:
    """Backups in a store that takes keys, and asks pods who they are."""
    writer = ServiceAccount(namespace="todo", name="database")
    identity = WorkloadIdentity(
        service_account=writer, annotations={"client": "database"}, pod_labels={"identity": "used"}, grants=[wait]
    )
    key = StaticKey(generation="first", access_key_id="id", secret_access_key="of-the-store")
    store = ObjectStore(
        bucket="backups",
        kind="s3",
        loki_storage={},
        url="s3://backups",
        endpoint="https://s3.acme.example",
        region="north",
        writers={writer: identity},
        key=key,
    )
    return BackupPlan(store=store, identity=identity, hour=2, keep_days=7, memory="192Mi", plugin=wait)


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
                users={"dapr": KafkaUser(topics=["tasks", "tasks-dead-letters"], groups=["notification"])},
                topics={
                    topic: KafkaTopic(partitions=3, retention_hours=168) for topic in ("tasks", "tasks-dead-letters")
                },
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
                cluster="database",
                workload="todo",
                role="todo__database",
                size=SIZES["dev"].postgres,
                storage_class="fast",
                high_availability=False,
                protect=False,
                backups=plan(wait),
                namespace=wait,
                operator=wait,
                service_monitors=wait,
            )
        case "PostgresBackups":
            return PostgresBackupsArgs(cluster="database", workload="todo", plan=plan(wait), namespace=wait)
        case "BarmanPlugin":
            return BarmanPluginArgs(namespace=wait, operator=wait, cert_manager=wait, nodes=[wait], charts=charts)
        case "PostgresAdministrator":
            return PostgresAdministratorArgs(server=server(wait), namespace=wait)
        case "ManagedDatabase":
            return ManagedDatabaseArgs(
                name="database",
                workload="todo",
                role="todo__database",
                server=server(wait),
                administrator=wait,
                namespace=wait,
                nodes=[wait],
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
        case "Transformers":
            return TransformersArgs(
                namespace="indexforge",
                model="sentence-transformers-multi-qa-MiniLM-L6-cos-v1",
                threads=2,
                cpu="500m",
                replicas=2,
                exists=wait,
                nodes=[wait],
            )
        case "Weaviate":
            return WeaviateArgs(
                release="vectors",
                namespace="indexforge",
                size=SIZES["prod"].weaviate,
                storage_class="fast",
                high_availability=True,
                vectorizer=address("indexforge"),
                exists=wait,
                service_monitors=wait,
                waits_for=[wait],
                charts=charts,
            )
        case "Nominatim":
            return NominatimArgs(
                name="geocoder",
                namespace="bakery",
                extract=extract_of("europe/spain"),
                storage_gib=70,
                schedule="17 3 * * *",
                storage_class="fast",
                protect=False,
                exists=wait,
                nodes=[wait],
            )
        case "PerconaMongodb":
            return PerconaMongodbArgs(
                high_availability=True,
                namespace=wait,
                cert_manager=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "RabbitmqOperator":
            return RabbitmqOperatorArgs(
                definitions=rabbitmq_definitions(),
                high_availability=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
            )
        case "Mongodb":
            return MongodbArgs(
                workload="orders",
                cluster="payments",
                database="orders",
                size=SIZES["dev"].mongodb,
                storage_class="fast",
                high_availability=False,
                protect=False,
                backups=MongodbBackups(
                    bucket="backups",
                    endpoint="https://namespace.compat.objectstorage.eu-frankfurt-1.oraclecloud.com",
                    region="eu-frankfurt-1",
                    key=StaticKey(generation="a", access_key_id="id", secret_access_key=pulumi.Output.secret("key")),
                    keep=7,
                ),
                namespace=wait,
                operator=wait,
                service_monitors=wait,
            )
        case "Rabbitmq":
            return RabbitmqArgs(
                workload="indexforge",
                cluster="jobs",
                queues={"excel": Queue(dead_letters="failed"), "failed": Queue()},
                size=SIZES["dev"].rabbitmq,
                storage_class="fast",
                high_availability=False,
                protect=False,
                namespace=wait,
                operator=[wait],
                own_ca=wait,
                service_monitors=wait,
            )
        case other:
            raise AssertionError(f"{other}: give it arguments here")
