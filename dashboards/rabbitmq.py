"""Row of RabbitMQ: what waits, what flows, and what makes it stop publishers."""

from dashboards.expressions import highest, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, table, timeseries

IN = 'namespace=~"$namespace"'
NODE = ("namespace", "pod")

ALARMS = ("rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark")


MEMORY = ("rabbitmq_process_resident_memory_bytes", "rabbitmq_resident_memory_limit_bytes")


def _now(name: str) -> str:
    return highest(series(name, IN), *NODE)


RABBITMQ = row(
    "RabbitMQ",
    table(
        "RabbitMQ: nodes",
        Query(expression=_now(ALARMS[0]), legend="Memory alarm", thresholds=rising(warning=1, critical=1)),
        Query(expression=_now(ALARMS[1]), legend="Disk alarm", thresholds=rising(warning=1, critical=1)),
        Query(
            expression=" / ".join(map(_now, MEMORY)),
            legend="Memory",
            unit="percentunit",
            thresholds=rising(warning=0.7, critical=1),
        ),
        Query(expression=_now("rabbitmq_disk_space_available_bytes"), legend="Free disk", unit="bytes"),
        Query(expression=_now("rabbitmq_disk_space_available_limit_bytes"), legend="Alarm below", unit="bytes"),
        Query(
            expression=f"{_now('rabbitmq_process_open_fds')} / {_now('rabbitmq_process_max_fds')}",
            legend="File descriptors",
            unit="percentunit",
            thresholds=rising(warning=0.7, critical=0.9),
        ),
        Query(expression=_now("rabbitmq_connections"), legend="Connections"),
        columns={"namespace": "Namespace", "pod": "Node"},
        unit="short",
        description="An alarm on one node stops publishers of the whole cluster until it ends.",
        sort_by="Memory",
    ),
    timeseries(
        "RabbitMQ: messages that wait",
        Query(expression=total(series("rabbitmq_queue_messages_ready", IN), "namespace"), legend="{{namespace}} ready"),
        Query(
            expression=total(series("rabbitmq_queue_messages_unacked", IN), "namespace"),
            legend="{{namespace}} taken, not acknowledged",
        ),
        unit="short",
        description="Ready grows: consumers are too few or too slow. Not acknowledged grows: they are stuck.",
    ),
    timeseries(
        "RabbitMQ: messages in and out",
        *(
            Query(
                expression=total(rate(f"rabbitmq_global_messages_{name}_total", IN), "namespace"),
                legend=f"{{{{namespace}}}} {legend}",
            )
            for name, legend in (
                ("received", "published"),
                ("delivered", "delivered"),
                ("acknowledged", "acknowledged"),
            )
        ),
        unit="mps",
        description="Delivered well above acknowledged: consumers fail, and get the same messages again.",
    ),
    timeseries(
        "RabbitMQ: messages that went nowhere, or came again",
        *(
            Query(
                expression=total(rate(f"rabbitmq_global_messages_{name}_total", IN), "namespace") + " > 0",
                legend=f"{{{{namespace}}}} {legend}",
            )
            for name, legend in (
                ("unroutable_dropped", "lost: no queue"),
                ("unroutable_returned", "returned: no queue"),
                ("redelivered", "delivered again"),
            )
        ),
        unit="mps",
        description="Lost ones match no binding: the publisher is not told unless it asks for it.",
        width=8,
    ),
    timeseries(
        "RabbitMQ: connections and channels opened",
        Query(
            expression=total(rate("rabbitmq_connections_opened_total", IN), "namespace"),
            legend="{{namespace}} connections",
        ),
        Query(
            expression=total(rate("rabbitmq_channels_opened_total", IN), "namespace"), legend="{{namespace}} channels"
        ),
        unit="ops",
        description="Clients that open one for each message cost more than the messages do.",
        width=8,
    ),
    timeseries(
        "RabbitMQ: consumers and queues",
        Query(expression=total(series("rabbitmq_consumers", IN), "namespace"), legend="{{namespace}} consumers"),
        Query(expression=total(series("rabbitmq_queues", IN), "namespace"), legend="{{namespace}} queues"),
        unit="short",
        description="Consumers that drop to none leave their queues growing.",
        width=8,
    ),
    collapsed=True,
)
