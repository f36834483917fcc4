"""What brokers tell Prometheus: rules of the JMX exporter, and what scrapes it."""

import json
from typing import Any

METRICS_FILE = "rules.yml"
"""Key of the rules in their ConfigMap. JSON is YAML."""

GAUGES = (
    ("kafka.cluster", "Partition", "UnderMinIsr"),
    ("kafka.controller", "KafkaController", "ActiveControllerCount"),
    ("kafka.controller", "KafkaController", "OfflinePartitionsCount"),
    ("kafka.log", "Log", "Size"),
    ("kafka.log", "LogManager", "OfflineLogDirectoryCount"),
    ("kafka.server", "ReplicaManager", "LeaderCount"),
    ("kafka.server", "ReplicaManager", "UnderMinIsrPartitionCount"),
    ("kafka.server", "ReplicaManager", "UnderReplicatedPartitions"),
)
"""Domain, type and name of beans whose `Value` counts, by partition where there is one."""

COUNTERS = (
    ("kafka.controller", "ControllerStats", "UncleanLeaderElections"),
    ("kafka.server", "BrokerTopicMetrics", "BytesIn"),
    ("kafka.server", "BrokerTopicMetrics", "BytesOut"),
    ("kafka.server", "BrokerTopicMetrics", "FailedFetchRequests"),
    ("kafka.server", "BrokerTopicMetrics", "FailedProduceRequests"),
    ("kafka.server", "BrokerTopicMetrics", "MessagesIn"),
)
"""Beans named with `PerSec` whose `Count` never falls, by topic where there is one."""

IDLE = (
    ("kafka.network", "SocketServer", "NetworkProcessorAvgIdle", "Value"),
    ("kafka.server", "KafkaRequestHandlerPool", "RequestHandlerAvgIdle", "MeanRate"),
)
"""Beans named with `Percent` that are ratios, and the attribute that tells the ratio."""


def exporter_rules() -> str:
    """Configuration of the JMX exporter: what rules of alerts and dashboards ask for, under the names that they ask by.
    https://prometheus.github.io/jmx_exporter, https://kafka.apache.org/documentation/#monitoring

    The exporter looks at these beans alone: asking for all of them takes seconds on a broker with many partitions.
    """
    beans = [f"{domain}:type={of},name={name},*" for domain, of, name in GAUGES]
    beans += [f"{domain}:type={of},name={name}PerSec,*" for domain, of, name in COUNTERS]
    beans += [f"{domain}:type={of},name={name}Percent,*" for domain, of, name, _ in IDLE]
    beans += ["kafka.server:type=socket-server-metrics,*"]
    return json.dumps(
        {"lowercaseOutputName": True, "includeObjectNames": beans, "rules": [*_labelled(), *_plain()]}, indent=1
    )


def _labelled() -> list[dict[str, Any]]:
    """What has labels comes first: the first rule that fits is taken."""
    by_partition = {"topic": "$3", "partition": "$4"}
    return [
        _rule(r"kafka.(\w+)<type=(\w+), name=%s, topic=(.+), partition=(.+)><>Value", "UnderMinIsr", by_partition),
        _rule(r"kafka.(\w+)<type=(\w+), name=%s, topic=(.+), partition=(.+)><>Value", "Size", by_partition),
        *(
            {
                "pattern": rf"{domain}<type={of}, name={name}PerSec, topic=(.+)><>Count",
                "name": f"{_prefix(domain, of, name)}_total",
                "type": "COUNTER",
                "labels": {"topic": "$1"},
            }
            for domain, of, name in COUNTERS
        ),
        {
            "pattern": r"kafka.server<type=socket-server-metrics, listener=(.+), networkProcessor=(.+)>"
            "<>connection-count",
            "name": "kafka_server_socket_server_metrics_connection_count",
            "type": "GAUGE",
            "labels": {"listener": "$1", "networkProcessor": "$2"},
        },
    ]


def _plain() -> list[dict[str, Any]]:
    return [
        *(
            {
                "pattern": rf"{domain}<type={of}, name={name}><>Value",
                "name": _prefix(domain, of, name),
                "type": "GAUGE",
            }
            for domain, of, name in GAUGES
        ),
        *(
            {
                "pattern": rf"{domain}<type={of}, name={name}PerSec><>Count",
                "name": f"{_prefix(domain, of, name)}_total",
                "type": "COUNTER",
            }
            for domain, of, name in COUNTERS
        ),
        *(
            {
                "pattern": rf"{domain}<type={of}, name={name}Percent><>{attribute}",
                "name": f"{_prefix(domain, of, name)}_percent",
                "type": "GAUGE",
            }
            for domain, of, name, attribute in IDLE
        ),
    ]


def _rule(pattern: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"pattern": pattern % name, "name": f"kafka_$1_$2_{name}", "type": "GAUGE", "labels": labels}


def _prefix(domain: str, of: str, name: str) -> str:
    return f"{domain.replace('.', '_')}_{of}_{name}"


def pod_monitor(cluster: str) -> dict[str, Any]:
    """Scrapes brokers, the exporter of consumers' lag, and both operators of topics and users."""
    labels = [
        {"action": "labelmap", "regex": "__meta_kubernetes_pod_label_(strimzi_io_(cluster|kind|name))"},
    ]
    return {
        "selector": {"matchLabels": {"strimzi.io/cluster": cluster}},
        "podMetricsEndpoints": [
            {"port": port, "path": "/metrics", "relabelings": labels}
            for port in ("tcp-prometheus", "healthcheck-to", "healthcheck-uo")
        ],
    }
