"""Data services: databases, caches, brokers and the vector store, each in a row of its own."""

from dashboards.capacity_rows import FILLED
from dashboards.expressions import highest, increase, number, or_zero, rate, series, total
from dashboards.kafka import KAFKA
from dashboards.layout import Dashboard, row
from dashboards.mongodb import LAG, MONGODB
from dashboards.panels import Query, rising, stat
from dashboards.postgresql import DAY, POSTGRESQL, since_backup
from dashboards.rabbitmq import ALARMS, RABBITMQ
from dashboards.valkey import VALKEY
from dashboards.variables import CLOUD, NAMESPACE
from dashboards.weaviate import VECTORS

IN = 'namespace=~"$namespace"'
ANY = rising(warning=1, critical=1)
LAGGING = rising(warning=10, critical=60)

_DOWN = " + ".join(or_zero(number(f"{series(up, IN)} == 0")) for up in ("cnpg_collector_up", "mongodb_up", "redis_up"))
_OFFLINE, _LACKING = (
    total(series(name, IN))
    for name in (
        "kafka_controller_kafkacontroller_offlinepartitionscount",
        "kafka_server_replicamanager_underreplicatedpartitions",
    )
)

_RESTARTS = increase("kube_pod_container_status_restarts_total", IN, "1h")
_OF_DATA = series("kube_pod_owner", f'{IN},owner_kind!~"ReplicaSet|Job|DaemonSet|Node"')

OVERVIEW = row(
    "Now",
    stat(
        "Databases that are down",
        Query(expression=_DOWN),
        unit="short",
        description="Instances of PostgreSQL, MongoDB and Valkey whose exporter runs and cannot reach them.",
        thresholds=ANY,
    ),
    stat(
        "PostgreSQL: largest lag",
        Query(expression=f"max({series('cnpg_pg_replication_lag', IN)})"),
        unit="s",
        description="How far the slowest replica is behind its primary.",
        thresholds=LAGGING,
        no_value="none",
    ),
    stat(
        "PostgreSQL: oldest backup",
        Query(expression=f"max({since_backup()})"),
        unit="dtdurations",
        description="Of the cluster whose last backup is longest ago. Backups are daily.",
        thresholds=rising(warning=1.25 * DAY, critical=2 * DAY),
        no_value="none",
    ),
    stat(
        "MongoDB: largest lag",
        Query(expression=f"max({LAG})"),
        unit="s",
        description="How far the slowest secondary is behind its primary.",
        thresholds=LAGGING,
        no_value="none",
    ),
    stat(
        "Kafka: partitions that are not whole",
        Query(expression=f"{_OFFLINE} + {_LACKING}"),
        unit="short",
        description="Partitions without a leader, or that lack a replica.",
        thresholds=ANY,
        no_value="none",
    ),
    stat(
        "Kafka: largest lag",
        Query(expression=f"max({highest(series('kafka_consumergroup_lag_sum', IN), 'consumergroup', 'topic')})"),
        unit="short",
        description="Messages that the slowest group of consumers has still to read from a topic.",
        thresholds=rising(warning=10000, critical=100000),
        no_value="none",
    ),
    stat(
        "RabbitMQ: alarms",
        Query(expression=" + ".join(total(series(alarm, IN)) for alarm in ALARMS)),
        unit="short",
        description="Nodes short of memory or disk. While there is one, nobody can publish.",
        thresholds=ANY,
        no_value="none",
    ),
    stat(
        "RabbitMQ: messages ready",
        Query(expression=total(series("rabbitmq_queue_messages_ready", IN))),
        unit="short",
        description="Messages that wait for a consumer, over all queues.",
        thresholds=rising(warning=10000, critical=100000),
        no_value="none",
    ),
    stat(
        "Valkey: keys evicted",
        Query(expression=total(rate("redis_evicted_keys_total", IN))),
        unit="ops",
        description="Keys that had to go because memory was full: loss, unless all of it is a cache.",
        thresholds=rising(warning=0.1, critical=100),
        no_value="none",
    ),
    stat(
        "Weaviate: failed requests",
        Query(expression=total(rate("requests_total", f'{IN},query_type!="",status="server_error"'))),
        unit="reqps",
        description="Requests that ended in an error of the vector store itself.",
        thresholds=rising(warning=0.01, critical=1),
        no_value="none",
    ),
    stat(
        "Fullest volume",
        Query(expression=f"max({FILLED})"),
        unit="percentunit",
        decimals=0,
        description="The volume of the chosen namespaces that is nearest to being full.",
        thresholds=rising(warning=0.8, critical=0.9),
    ),
    stat(
        "Restarts in an hour",
        Query(expression=or_zero(total(f"{_RESTARTS} and on (namespace, pod) {_OF_DATA}"))),
        unit="short",
        decimals=0,
        description="Restarts of pods of StatefulSets and of database operators: those that keep data.",
        thresholds=rising(warning=1, critical=3),
    ),
)

DASHBOARD = Dashboard(
    uid="gw-data-services",
    title="Data services",
    folder="Platform",
    description="PostgreSQL, MongoDB, Valkey, Kafka, RabbitMQ and Weaviate: are they up, in step, backed up, and how"
    " full are they.",
    tags=("databases", "messaging", "postgresql", "mongodb", "valkey", "kafka", "rabbitmq", "weaviate"),
    rows=(OVERVIEW, POSTGRESQL, MONGODB, VALKEY, KAFKA, RABBITMQ, VECTORS),
    related=("gw-event-processing", "gw-capacity-cost", "gw-ml-serving"),
    variables=(CLOUD, NAMESPACE),
)
