"""Rows of platform health: Prometheus itself, and the way of alerts and dashboards to people."""

from dashboards.expressions import highest, increase, quantile, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, timeseries

_CONTAINER = 'namespace="monitoring",container="prometheus"'
_REMOTE = "remote_name"
_REMOTE_LAG = (
    "prometheus_remote_storage_queue_highest_timestamp_seconds"
    " - prometheus_remote_storage_queue_highest_sent_timestamp_seconds"
)

PROMETHEUS = row(
    "Prometheus",
    timeseries(
        "Series in memory",
        Query(expression=total("prometheus_tsdb_head_series", "pod"), legend="{{pod}}"),
        unit="short",
        description="What memory is needed for: count on 4 to 8 kB each.",
        width=8,
    ),
    timeseries(
        "Samples taken in",
        Query(
            expression=total(rate("prometheus_tsdb_head_samples_appended_total"), "pod"),
            legend="{{pod}}",
        ),
        unit="cps",
        description="Scraped, received and recorded. The two of a pair should lie on each other.",
        width=8,
    ),
    timeseries(
        "Memory of Prometheus",
        Query(
            expression=total(series("container_memory_working_set_bytes", _CONTAINER), "pod"),
            legend="{{pod}}",
        ),
        Query(
            expression=highest(series("kube_pod_container_resource_requests", f'{_CONTAINER},resource="memory"')),
            legend="request",
        ),
        unit="bytes",
        description="Far above its request, Prometheus is among the first that a full node evicts.",
        width=8,
    ),
    timeseries(
        "Rule groups, duration as a share of their interval",
        Query(
            expression="topk(10, max by (rule_group) (prometheus_rule_group_last_duration_seconds"
            " / prometheus_rule_group_interval_seconds))",
            legend="{{rule_group}}",
        ),
        unit="percentunit",
        description="Above 100 % evaluations are left out and alerts come late.",
        thresholds=rising(warning=0.5, critical=1),
    ),
    timeseries(
        "Rule evaluations that failed or were left out",
        Query(
            expression=total(increase("prometheus_rule_evaluation_failures_total"), "rule_group") + " > 0",
            legend="failed: {{rule_group}}",
        ),
        Query(
            expression=total(increase("prometheus_rule_group_iterations_missed_total"), "rule_group") + " > 0",
            legend="left out: {{rule_group}}",
        ),
        unit="short",
        description="Failed: mostly a join that finds two series where it wants one. No series means that none did.",
    ),
    timeseries(
        "Queries (p99)",
        Query(
            expression='max by (pod, slice) (prometheus_engine_query_duration_seconds{quantile="0.99",'
            'slice=~"inner_eval|queue_time"})',
            legend="{{pod}} {{slice}}",
        ),
        unit="s",
        description="inner_eval: the work itself. queue_time: waiting for one of the slots for queries.",
        width=8,
    ),
    timeseries(
        "Storage",
        Query(expression=total("prometheus_tsdb_storage_blocks_bytes", "pod"), legend="{{pod}}"),
        Query(expression="max(prometheus_tsdb_retention_limit_bytes)", legend="limit by size"),
        unit="bytes",
        description="Blocks on the volume, without the write-ahead log.",
        width=8,
    ),
    timeseries(
        "Storage errors",
        Query(expression=total(increase("prometheus_tsdb_compactions_failed_total")), legend="compactions"),
        Query(expression=total(increase("prometheus_tsdb_wal_corruptions_total")), legend="corruptions"),
        Query(
            expression=total(increase("prometheus_target_scrapes_sample_out_of_order_total")),
            legend="samples out of order",
        ),
        unit="short",
        description="Compactions fail when the volume is full. Out of order: two sources write the same series.",
        width=8,
    ),
    timeseries(
        "Remote write: behind",
        Query(
            expression=highest(_REMOTE_LAG, _REMOTE),
            legend="{{remote_name}}",
        ),
        unit="s",
        description="Age of the newest sample that the long-term store has. After two hours samples are lost for it.",
    ),
    timeseries(
        "Remote write: failed and dropped samples",
        Query(
            expression=total(rate("prometheus_remote_storage_samples_failed_total"), _REMOTE),
            legend="{{remote_name}} failed",
        ),
        Query(
            expression=total(rate("prometheus_remote_storage_samples_dropped_total"), _REMOTE, "reason"),
            legend="{{remote_name}} dropped: {{reason}}",
        ),
        unit="cps",
        description="Failed ones the store refused for good. Dropped by relabelling is what was asked for.",
    ),
)

ALERTING = row(
    "Alertmanager and Grafana",
    timeseries(
        "Alerts sent to Alertmanager that got lost",
        Query(
            expression=total(rate("prometheus_notifications_dropped_total"), "pod"),
            legend="{{pod}} dropped",
        ),
        Query(
            expression=total(rate("prometheus_notifications_errors_total"), "pod", "alertmanager"),
            legend="{{pod}} errors at {{alertmanager}}",
        ),
        unit="cps",
        description="Dropped: the queue was full or no Alertmanager was there.",
        width=8,
    ),
    timeseries(
        "Notifications by receiver",
        Query(
            expression=total(rate("alertmanager_notifications_total"), "integration") + " > 0",
            legend="{{integration}}",
        ),
        Query(
            expression=total(rate("alertmanager_notifications_failed_total"), "integration", "reason") + " > 0",
            legend="{{integration}} failed: {{reason}}",
        ),
        unit="cps",
        description="Sent and failed. clientError is mostly a wrong address or key.",
        width=8,
    ),
    timeseries(
        "Alertmanagers that see each other",
        Query(expression="min(alertmanager_cluster_members)", legend="members, as the loneliest sees it"),
        Query(expression='count(up{job="kps-alertmanager",endpoint="http-web"} == 1)', legend="pods that answer"),
        unit="short",
        description="Fewer members than pods: notifications are sent twice.",
        width=8,
    ),
    timeseries(
        "Grafana: requests by status",
        Query(
            expression=total(rate("grafana_http_request_duration_seconds_count"), "status_code"),
            legend="{{status_code}}",
        ),
        unit="reqps",
        description="5xx are mostly data sources that do not answer.",
    ),
    timeseries(
        "Grafana: latency (p95)",
        Query(
            expression=f"topk(5, {quantile(0.95, 'grafana_http_request_duration_seconds', '', 'handler')})",
            legend="{{handler}}",
        ),
        unit="s",
        description="The slowest of Grafana's handlers. /api/ds/query/ is the data sources' time.",
    ),
    collapsed=True,
)
