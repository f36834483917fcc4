"""Platform health: is what watches everything else alive, and does it lose anything."""

from dashboards.expressions import highest, increase, number, or_zero, rate, total
from dashboards.layout import Dashboard, row
from dashboards.panels import Query, rising, stat, table, timeseries
from dashboards.platform_controllers import CONTROLLERS
from dashboards.platform_metrics import ALERTING, PROMETHEUS
from dashboards.platform_pipelines import LOGS, TRACES
from dashboards.variables import CLOUD

ANY = rising(warning=1, critical=1)
"""Red from the first."""


OVERVIEW = row(
    "Now",
    stat(
        "Targets down",
        Query(expression=or_zero("count(up == 0)")),
        unit="short",
        description="What Prometheus should scrape and cannot. The table below says which job.",
        thresholds=ANY,
    ),
    stat(
        "Critical alerts",
        Query(expression=or_zero('count(ALERTS{alertstate="firing",severity="critical"})')),
        unit="short",
        description="Critical alerts that fire now, of platform and workloads.",
        thresholds=ANY,
    ),
    stat(
        "Warnings",
        Query(expression=or_zero('count(ALERTS{alertstate="firing",severity="warning"})')),
        unit="short",
        description="Warnings that fire now, of platform and workloads.",
        thresholds=rising(warning=1, critical=10),
    ),
    stat(
        "Rule failures in an hour",
        Query(expression=total(increase("prometheus_rule_evaluation_failures_total", over="1h"))),
        unit="short",
        decimals=0,
        description="Evaluations that ended in an error: an alert that cannot be evaluated cannot fire.",
        thresholds=ANY,
    ),
    stat(
        "Notifications that failed in an hour",
        Query(expression=total(increase("alertmanager_notifications_failed_total", over="1h"))),
        unit="short",
        decimals=0,
        description="Notifications that Alertmanager could not deliver: people may not know of what fires.",
        thresholds=ANY,
    ),
    stat(
        "Refused configurations",
        Query(
            expression=" + ".join(
                or_zero(number(f"{counter} == 0"))
                for counter in (
                    "prometheus_config_last_reload_successful",
                    "alertmanager_config_last_reload_successful",
                    "alloy_config_last_load_successful",
                )
            )
        ),
        unit="short",
        description="Pods of Prometheus, Alertmanager and Alloy with an old configuration: the new one is invalid.",
        thresholds=ANY,
    ),
    stat(
        "Log lines lost",
        Query(
            expression=or_zero(total(rate("loki_write_dropped_entries_total")))
            + " + "
            + or_zero(total(rate("loki_discarded_samples_total")))
        ),
        unit="cps",
        description="Lines that Alloy gave up on, or that Loki refused: see the reasons below.",
        thresholds=rising(warning=0.01, critical=10),
    ),
    stat(
        "Spans lost",
        Query(
            expression=" + ".join(
                or_zero(total(rate(counter)))
                for counter in (
                    "otelcol_receiver_refused_spans_total",
                    "otelcol_exporter_send_failed_spans_total",
                    "otelcol_exporter_enqueue_failed_spans_total",
                )
            )
        ),
        unit="cps",
        description="Spans that the collector or Jaeger refused, or could not pass on. Sampled ones do not count.",
        thresholds=rising(warning=0.01, critical=10),
    ),
    stat(
        "Remote write is behind",
        Query(
            expression="max(prometheus_remote_storage_queue_highest_timestamp_seconds"
            " - prometheus_remote_storage_queue_highest_sent_timestamp_seconds)"
        ),
        unit="s",
        description="How old the newest sample in the long-term store is. Nothing is shown where none is configured.",
        thresholds=rising(warning=60, critical=300),
        no_value="none",
    ),
    stat(
        "Prometheus storage",
        Query(expression="max(prometheus_tsdb_storage_blocks_bytes / (prometheus_tsdb_retention_limit_bytes > 0))"),
        unit="percentunit",
        description="Blocks, as a share of the limit by size. At the limit the oldest go before their retention ends.",
        thresholds=rising(warning=0.8, critical=0.95),
    ),
    stat(
        "Certificates not ready",
        Query(expression=or_zero('count(certmanager_certificate_ready_status{condition="True"} == 0)')),
        unit="short",
        description="Certificates that cert-manager could not issue or renew.",
        thresholds=ANY,
    ),
    stat(
        "Errors of controllers",
        Query(
            expression=or_zero(total(rate("controller_runtime_reconcile_errors_total")))
            + " + "
            + or_zero(total(rate("prometheus_operator_reconcile_errors_total")))
        ),
        unit="ops",
        description="Reconciles that ended in an error, of all operators. Some repeat until what they need is there.",
        thresholds=rising(warning=0.1, critical=1),
    ),
)

_JOB = ("namespace", "job")

TARGETS = row(
    "Targets",
    table(
        "Targets by job",
        Query(expression=number("up == 0", *_JOB), legend="Down", thresholds=ANY),
        Query(expression=number("up", *_JOB), legend="All"),
        Query(expression=highest("scrape_duration_seconds", *_JOB), legend="Slowest scrape", unit="s"),
        Query(expression=total("scrape_samples_post_metric_relabeling", *_JOB), legend="Series"),
        columns={"namespace": "Namespace", "job": "Job"},
        unit="short",
        description="Every job with its targets, how long the slowest takes to answer, and how many series it brings.",
        sort_by="Down",
        height=10,
        width=14,
    ),
    table(
        "Alerts that fire",
        Query(expression='count by (severity, alertname, component) (ALERTS{alertstate="firing"})', legend="How many"),
        columns={"severity": "Severity", "alertname": "Alert", "component": "Component"},
        unit="short",
        description="All alerts that fire, silenced ones too. Watchdog always does: it proves that alerting works.",
        sort_by="How many",
        height=10,
        width=10,
    ),
    timeseries(
        "Targets that were down",
        Query(expression=number("up == 0", *_JOB), legend="{{namespace}} {{job}}"),
        unit="short",
        description="One after another is a rollout; many at once are a node, the network or Prometheus itself.",
        stacked=True,
    ),
    timeseries(
        "Jobs with the most series",
        Query(
            expression=f"topk(10, {total('scrape_samples_post_metric_relabeling', *_JOB)})",
            legend="{{namespace}} {{job}}",
        ),
        unit="short",
        description="A job that jumps has got a label with too many values.",
        legend="table",
    ),
)

DASHBOARD = Dashboard(
    uid="gw-platform-health",
    title="Platform health",
    folder="Platform",
    description="Whether metrics, logs, traces and alerts arrive, and whether the operators that keep the platform do"
    " their work.",
    tags=("platform", "prometheus", "alertmanager", "loki", "tracing"),
    rows=(OVERVIEW, TARGETS, PROMETHEUS, ALERTING, LOGS, TRACES, CONTROLLERS),
    related=("gw-capacity-cost", "gw-service-mesh", "gw-gateway"),
    variables=(CLOUD,),
)
