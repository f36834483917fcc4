"""Row of Kafka as Strimzi runs it: whether all is replicated, how much flows, and how busy brokers are."""

from dashboards.expressions import highest, lowest, rate, series, total
from dashboards.layout import row
from dashboards.links import to_dashboard
from dashboards.panels import Query, falling, rising, timeseries

IN = 'namespace=~"$namespace"'
CLUSTER = "strimzi_io_cluster"
BY_TOPIC = f'{IN},topic!=""'
"""Without the series of a broker as a whole, which would count everything twice."""
NAME = "{{strimzi_io_cluster}}"

_MESSAGES = rate("kafka_server_brokertopicmetrics_messagesin_total", BY_TOPIC)

ANY = rising(warning=1, critical=1)

KAFKA = row(
    "Kafka (Strimzi)",
    timeseries(
        "Kafka: partitions in danger",
        *(
            Query(expression=total(series(name, IN), CLUSTER), legend=f"{NAME} {legend}")
            for name, legend in (
                ("kafka_controller_kafkacontroller_offlinepartitionscount", "without a leader"),
                ("kafka_server_replicamanager_underminisrpartitioncount", "refuse writes"),
                ("kafka_server_replicamanager_underreplicatedpartitions", "lack a replica"),
            )
        ),
        unit="short",
        description="Without a leader: not to be read or written. Fewer replicas than the minimum: acks=all fails.",
        thresholds=ANY,
        width=8,
    ),
    timeseries(
        "Kafka: active controllers",
        Query(
            expression=total(series("kafka_controller_kafkacontroller_activecontrollercount", IN), CLUSTER), legend=NAME
        ),
        unit="short",
        description="Exactly one. None: no topic can change and no leader be elected.",
        thresholds=falling(warning=1, critical=1),
        width=8,
    ),
    timeseries(
        "Kafka: elections that lost messages, log directories that failed",
        Query(
            expression="sum by (strimzi_io_cluster) (increase("
            f"kafka_controller_controllerstats_uncleanleaderelections_total{{{IN}}}[$__rate_interval]))",
            legend=f"{NAME} unclean elections",
        ),
        Query(
            expression=total(series("kafka_log_logmanager_offlinelogdirectorycount", IN), CLUSTER, "pod") + " > 0",
            legend=f"{NAME} {{{{pod}}}} log directories",
        ),
        unit="short",
        description="A log directory goes offline when its volume is full or fails.",
        thresholds=ANY,
        width=8,
    ),
    timeseries(
        "Kafka: messages by topic",
        Query(
            expression=f"topk(15, {total(_MESSAGES, CLUSTER, 'topic')})",
            legend="{{topic}}",
        ),
        unit="mps",
        description="Messages that producers write, by topic.",
        links=(to_dashboard("gw-event-processing", "Consumers and their lag"),),
    ),
    timeseries(
        "Kafka: traffic of brokers",
        Query(
            expression=total(rate("kafka_server_brokertopicmetrics_bytesin_total", BY_TOPIC), "pod"),
            legend="{{pod}} in",
        ),
        Query(
            expression=total(rate("kafka_server_brokertopicmetrics_bytesout_total", BY_TOPIC), "pod"),
            legend="{{pod}} out",
        ),
        unit="Bps",
        description="One broker well above the others leads too many partitions: rebalance.",
    ),
    timeseries(
        "Kafka: requests that failed",
        Query(
            expression=total(rate("kafka_server_brokertopicmetrics_failedproducerequests_total", BY_TOPIC), "topic")
            + " > 0",
            legend="{{topic}} write",
        ),
        Query(
            expression=total(rate("kafka_server_brokertopicmetrics_failedfetchrequests_total", BY_TOPIC), "topic")
            + " > 0",
            legend="{{topic}} read",
        ),
        unit="reqps",
        description="By topic. No series means that none failed.",
        width=8,
    ),
    timeseries(
        "Kafka: idle handlers of brokers",
        Query(
            expression=lowest(series("kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent", IN), "pod"),
            legend="{{pod}} requests",
        ),
        Query(
            expression=lowest(series("kafka_network_socketserver_networkprocessoravgidle_percent", IN), "pod"),
            legend="{{pod}} network",
        ),
        unit="percentunit",
        description="Share of time in which threads have nothing to do. Below 30 % a broker is the bottleneck.",
        thresholds=falling(warning=0.3, critical=0.1),
        maximum=1,
        width=8,
    ),
    timeseries(
        "Kafka: lag of consumers",
        Query(
            expression=f"topk(10, {highest(series('kafka_consumergroup_lag_sum', IN), 'consumergroup', 'topic')})",
            legend="{{consumergroup}} {{topic}}",
        ),
        unit="short",
        description="Messages that a group has still to read. Kept growing: it does not keep up.",
        width=8,
        links=(to_dashboard("gw-event-processing", "Consumers and their lag"),),
    ),
    timeseries(
        "Kafka: size of topics",
        Query(
            expression=f"topk(15, {total(series('kafka_log_log_size', IN), CLUSTER, 'topic')})",
            legend="{{topic}}",
        ),
        unit="bytes",
        description="On disk, all replicas together.",
    ),
    timeseries(
        "Kafka: connections",
        Query(
            expression=total(series("kafka_server_socket_server_metrics_connection_count", IN), "pod", "listener"),
            legend="{{pod}} {{listener}}",
        ),
        unit="short",
        description="Clients of each listener. A sudden rise: clients that connect again and again.",
    ),
    collapsed=True,
)
