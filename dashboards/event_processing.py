"""Event Processing: how far consumers are behind in Kafka, and what Dapr publishes and delivers."""

from dashboards.expressions import or_zero, quantile, rate, share, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_logs
from dashboards.panels import Query, logs, rising, stat, table, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable

KAFKA = 'topic=~"$topic",consumergroup=~"$group"'
TOPICS = 'topic=~"$topic"'
DAPR = 'namespace=~"$namespace",app_id=~"$service",topic=~"$topic"'
BY_GROUP = ("consumergroup", "topic")

LAG, READ = "kafka_consumergroup_lag", "kafka_consumergroup_current_offset"
WRITTEN = "kafka_topic_partition_current_offset"
SENT, TAKEN = "dapr_component_pubsub_egress_count", "dapr_component_pubsub_ingress_count"
UNSENT, UNTAKEN = f'{DAPR},success="false"', f'{DAPR},process_status!="success"'
LATE = rising(warning=60, critical=300)
FAILED = rising(warning=0.001, critical=0.01)

SERVICE = Variable(
    name="service",
    label="Dapr app",
    description="An application with a Dapr sidecar, by its app-id.",
    query='label_values(dapr_runtime_component_loaded{namespace=~"$namespace"}, app_id)',
)
TOPIC = Variable(
    name="topic",
    label="Topic",
    description="A topic of Kafka, and of Dapr's pub/sub.",
    query="label_values(kafka_topic_partitions, topic)",
)
GROUP = Variable(
    name="group",
    label="Consumer group",
    description="Consumers that share the partitions of a topic: those of Dapr are called like their app-id.",
    query='label_values(kafka_consumergroup_lag{topic=~"$topic"}, consumergroup)',
)

BEHIND = f"{total(f'{LAG}{{{KAFKA}}}', *BY_GROUP)} / ({total(rate(READ, KAFKA), *BY_GROUP)} > 0)"
"""Seconds that a group needs for what waits, at the rate at which it reads now."""

TO_LOGS = to_logs("${__field.labels.namespace}", "${__field.labels.app_id}", "Logs of this app")

NOW = row(
    "Now",
    stat(
        "Events that wait",
        Query(expression=total(f"{LAG}{{{KAFKA}}}")),
        unit="short",
        description="Events in the chosen topics that a group has not read yet. It matters whether it grows.",
    ),
    stat(
        "Longest way behind",
        Query(expression=f"max({BEHIND})"),
        unit="s",
        description="How long the slowest group needs for what waits, at its present rate. Empty where nobody reads.",
        thresholds=LATE,
    ),
    stat(
        "Written",
        Query(expression=total(rate(WRITTEN, TOPICS))),
        unit="eps",
        description="Events that are written to the chosen topics, each second.",
    ),
    stat(
        "Not published",
        Query(expression=share(total(rate(SENT, UNSENT)), total(rate(SENT, DAPR)))),
        unit="percentunit",
        description="Share of events that Dapr could not hand to the broker: the publisher got an error.",
        thresholds=FAILED,
        decimals=2,
    ),
    stat(
        "Not processed",
        Query(expression=share(total(rate(TAKEN, UNTAKEN)), total(rate(TAKEN, DAPR)))),
        unit="percentunit",
        description="Share of deliveries that the application did not confirm: they come again (retry), or are gone "
        "(drop). The default objective of events allows 0.1 %.",
        thresholds=FAILED,
        decimals=2,
    ),
    stat(
        "Partitions in danger",
        Query(expression=or_zero(total(f"kafka_topic_partition_under_replicated_partition{{{TOPICS}}}"))),
        unit="short",
        description="Partitions with fewer replicas in sync than they should have. One more broker lost, and writes "
        "stop.",
        thresholds=rising(warning=1, critical=3),
        decimals=0,
    ),
)

GROUPS = row(
    "By consumer group",
    table(
        "Consumer groups",
        Query(expression=total(f"{LAG}{{{KAFKA}}}", *BY_GROUP), legend="Waiting", unit="short"),
        Query(expression=BEHIND, legend="Behind", unit="s", thresholds=LATE),
        Query(expression=total(rate(READ, KAFKA), *BY_GROUP), legend="Read", unit="eps"),
        columns={"consumergroup": "Group", "topic": "Topic"},
        unit="short",
        description="Every group and topic, the longest queue first. Waiting, and nothing read: the consumers are "
        "gone, or stuck at one event.",
        sort_by="Waiting",
        width=16,
        links=(to_dashboard("gw-event-processing", "This group alone", group="${__data.fields.Group}"),),
    ),
    timeseries(
        "Members of groups",
        Query(
            expression='max by (consumergroup) (kafka_consumergroup_members{consumergroup=~"$group"})',
            legend="{{consumergroup}}",
        ),
        unit="short",
        description="Consumers of each group. Each change stops all of them for a moment; none, and nobody reads.",
        width=8,
    ),
)

KAFKA_ROW = row(
    "Kafka",
    timeseries(
        "Waiting by group",
        Query(expression=total(f"{LAG}{{{KAFKA}}}", *BY_GROUP), legend="{{consumergroup}} {{topic}}"),
        unit="short",
        description="A line that only rises: consumers are too slow, too few, or stopped.",
    ),
    timeseries(
        "Time behind by group",
        Query(expression=BEHIND, legend="{{consumergroup}} {{topic}}"),
        unit="s",
        description="How long each group needs for what waits, at its present rate.",
        thresholds=LATE,
    ),
    timeseries(
        "Written by topic",
        Query(expression=total(rate(WRITTEN, TOPICS), "topic"), legend="{{topic}}"),
        unit="eps",
        description="Events that come in. Above what is read, the queue grows.",
    ),
    timeseries(
        "Read by group",
        Query(expression=total(rate(READ, KAFKA), *BY_GROUP), legend="{{consumergroup}} {{topic}}"),
        unit="eps",
        description="Events that each group has confirmed.",
    ),
    timeseries(
        "Partitions with the longest queues",
        Query(
            expression=f"topk(10, {total(f'{LAG}{{{KAFKA}}}', *BY_GROUP, 'partition')})",
            legend="{{consumergroup}} {{topic}} {{partition}}",
        ),
        unit="short",
        description="One partition alone that waits: a key that most events have, or an event that always fails.",
    ),
    timeseries(
        "Replicas out of sync",
        Query(
            expression=f"{total(f'kafka_topic_partition_replicas{{{TOPICS}}}', 'topic')}"
            f" - {total(f'kafka_topic_partition_in_sync_replica{{{TOPICS}}}', 'topic')}",
            legend="{{topic}}",
        ),
        unit="short",
        description="Copies that are behind. For a short while after a broker's restart this is normal.",
        thresholds=rising(warning=1, critical=3),
    ),
)

DAPR_ROW = row(
    "Dapr pub/sub",
    timeseries(
        "Published",
        Query(expression=total(rate(SENT, DAPR), "namespace", "app_id", "topic"), legend="{{app_id}} {{topic}}"),
        Query(
            expression=total(rate("dapr_component_pubsub_egress_bulk_count", DAPR), "namespace", "app_id", "topic"),
            legend="{{app_id}} {{topic}} (bulk)",
        ),
        unit="eps",
        description="Events that applications publish, failed ones included; of bulks, the calls.",
        links=(TO_LOGS,),
    ),
    timeseries(
        "Not published by app",
        Query(
            expression=total(rate(SENT, UNSENT), "namespace", "app_id", "component", "topic"),
            legend="{{app_id}} {{component}} {{topic}}",
        ),
        unit="eps",
        description="Events that the broker did not take. Many applications at once: the broker.",
        links=(TO_LOGS,),
    ),
    timeseries(
        "Delivered by result",
        Query(expression=total(rate(TAKEN, DAPR), "process_status"), legend="{{process_status}}"),
        unit="eps",
        description="success: the application has confirmed. retry: it comes again. drop: it is gone, or in a "
        "dead-letter topic.",
        stacked=True,
    ),
    timeseries(
        "Not processed by app",
        Query(
            expression=total(rate(TAKEN, UNTAKEN), "namespace", "app_id", "topic", "process_status"),
            legend="{{app_id}} {{topic}} {{process_status}}",
        ),
        unit="eps",
        description="Which application does not confirm which topic.",
        links=(TO_LOGS, to_dashboard("gw-resiliency", "Its retries", service="${__field.labels.app_id}")),
    ),
    timeseries(
        "Time to publish",
        Query(
            expression=quantile(0.95, "dapr_component_pubsub_egress_latencies", DAPR, "app_id"),
            legend="{{app_id}} p95",
        ),
        unit="ms",
        description="Until the broker has confirmed. It rises with replicas that are slow to follow.",
        thresholds=rising(warning=100, critical=1000),
    ),
    timeseries(
        "Time to process",
        Query(
            expression=quantile(0.95, "dapr_component_pubsub_ingress_latencies", DAPR, "app_id", "topic"),
            legend="{{app_id}} {{topic}} p95",
        ),
        unit="ms",
        description="What the application needs for one event: its length and the number of consumers bound what can "
        "be read.",
        links=(to_dashboard("gw-service-overview", "Service Overview", service="${__field.labels.app_id}"),),
    ),
)

LOGS = row(
    "Logs",
    logs(
        "Warnings of sidecars",
        Query(expression='{namespace=~"$namespace",app=~"$service",container="daprd",level=~"warn|error|fatal"}'),
        description="What Dapr's sidecars say of brokers, topics and deliveries that fail.",
    ),
)

DASHBOARD = Dashboard(
    uid="gw-event-processing",
    title="Event Processing",
    folder="Applications",
    description="Events that wait in Kafka and for how long, what Dapr publishes and delivers, and what fails.",
    tags=("applications", "kafka", "dapr"),
    related=("gw-service-overview", "gw-resiliency", "gw-application-logs"),
    variables=(CLOUD, NAMESPACE, SERVICE, TOPIC, GROUP),
    rows=(NOW, GROUPS, KAFKA_ROW, DAPR_ROW, LOGS),
)
