"""Rows of platform health: the way of logs from pods to Loki, and of spans from services to Jaeger."""

from dashboards.expressions import highest, increase, quantile, rate, series, share_of_each, total
from dashboards.layout import row
from dashboards.panels import Query, rising, timeseries

IN_TRACING = 'namespace="tracing"'
SERVER_ERRORS = 'status_code=~"5.."'
ROUTES = 'route=~"loki_api_v1_(push|query|query_range|labels)"'
_COMPACTED = "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"
_SAMPLING = "otelcol_processor_tail_sampling"


LOGS = row(
    "Logs: Alloy and Loki",
    timeseries(
        "Lines sent and received",
        Query(expression=total(rate("loki_write_sent_entries_total")), legend="sent by Alloy"),
        Query(expression=total(rate("loki_distributor_lines_received_total")), legend="received by Loki"),
        unit="cps",
        description="Sent well above received: Loki refuses or throttles.",
        width=8,
    ),
    timeseries(
        "Lines that Alloy lost or sent again",
        Query(
            expression=total(rate("loki_write_dropped_entries_total"), "reason") + " > 0",
            legend="lost: {{reason}}",
        ),
        Query(expression=total(rate("loki_write_batch_retries_total")) + " > 0", legend="batches sent again"),
        unit="cps",
        description="Lost after all retries: ingester_error is Loki's, rate_limited and line_too_long are its limits.",
        width=8,
    ),
    timeseries(
        "Lines that Loki refused",
        Query(expression=total(rate("loki_discarded_samples_total"), "reason") + " > 0", legend="{{reason}}"),
        unit="cps",
        description="rate_limited, per_stream_rate_limit, line_too_long, too_far_behind. No series means none.",
        width=8,
    ),
    timeseries(
        "Lines that Alloy drops as asked",
        Query(expression=total(rate("loki_process_dropped_lines_total"), "reason"), legend="{{reason}}"),
        unit="cps",
        description="Noise that the pipeline leaves out. A rise: one service has begun to chatter.",
        width=8,
    ),
    timeseries(
        "Parts of Alloy that are not healthy",
        Query(
            expression=total(
                series("alloy_component_controller_running_components", 'health_type!="healthy"'), "pod", "health_type"
            )
            + " > 0",
            legend="{{pod}} {{health_type}}",
        ),
        unit="short",
        description="Components of the pipeline that do not run on a node. No series means that all do.",
        width=8,
    ),
    timeseries(
        "Time that a batch takes to Loki (p95)",
        Query(
            expression=quantile(0.95, "loki_write_request_duration_seconds"),
            legend="p95",
        ),
        unit="s",
        description="From Alloy's first byte to Loki's answer.",
        width=8,
    ),
    timeseries(
        "Loki: failed requests",
        Query(
            expression=share_of_each(
                total(rate("loki_request_duration_seconds_count", SERVER_ERRORS), "route"),
                total(rate("loki_request_duration_seconds_count"), "route"),
            ),
            legend="{{route}}",
        ),
        unit="percentunit",
        description="Share of server errors by route. Writing and reading fail apart from each other.",
        thresholds=rising(warning=0.01, critical=0.1),
        maximum=1,
    ),
    timeseries(
        "Loki: latency (p99)",
        Query(
            expression=quantile(0.99, "loki_request_duration_seconds", ROUTES, "route"),
            legend="{{route}}",
        ),
        unit="s",
        description="Pushes should take well below a second. A slow query_range is mostly a wide one.",
    ),
    timeseries(
        "Loki: members that are not active",
        Query(
            expression=total(series("loki_ring_members", 'state!="ACTIVE"'), "name", "state") + " > 0",
            legend="{{name}} {{state}}",
        ),
        unit="short",
        description="Members of each ring by state. Unhealthy ones in two zones stop writing. No series means none.",
        width=8,
    ),
    timeseries(
        "Loki: chunks and log that could not be written",
        Query(
            expression=total(increase("loki_ingester_chunks_flush_failures_total")),
            legend="chunks to the object store",
        ),
        Query(
            expression=total(increase("loki_ingester_wal_disk_full_failures_total")),
            legend="write-ahead log: volume full",
        ),
        Query(expression=total(increase("loki_panic_total")), legend="panics"),
        unit="short",
        description="Chunks fail by a missing permission on the bucket, or when it is not reachable.",
        width=8,
    ),
    timeseries(
        "Loki: since the last retention and compaction",
        Query(
            expression="time() - max(loki_compactor_apply_retention_last_successful_run_timestamp_seconds > 0)",
            legend="retention",
        ),
        Query(
            expression=f"time() - max({_COMPACTED} > 0)",
            legend="compaction",
        ),
        unit="dtdurations",
        description="Both run every few minutes. Hours without: old logs are kept, and paid for.",
        width=8,
    ),
    collapsed=True,
)

TRACES = row(
    "Traces: collector and Jaeger",
    timeseries(
        "Spans taken in",
        Query(
            expression=total(rate("otelcol_receiver_accepted_spans_total", IN_TRACING), "job", "receiver"),
            legend="{{job}} {{receiver}}",
        ),
        unit="cps",
        description="Spans by who takes them: the collector from services, Jaeger what the collector keeps of them.",
        width=8,
    ),
    timeseries(
        "Spans refused or failed",
        Query(
            expression=total(rate("otelcol_receiver_refused_spans_total", IN_TRACING), "job") + " > 0",
            legend="{{job}} refused",
        ),
        Query(
            expression=total(rate("otelcol_receiver_failed_spans_total", IN_TRACING), "job") + " > 0",
            legend="{{job}} failed",
        ),
        Query(
            expression=total(rate("otelcol_exporter_send_failed_spans_total", IN_TRACING), "job", "exporter") + " > 0",
            legend="{{job}} not delivered: {{exporter}}",
        ),
        Query(
            expression=total(rate("otelcol_exporter_enqueue_failed_spans_total", IN_TRACING), "job", "exporter")
            + " > 0",
            legend="{{job}} queue full: {{exporter}}",
        ),
        unit="cps",
        description="Refused: the memory limiter protects the collector. Not delivered: the next hop is away.",
        width=8,
    ),
    timeseries(
        "Queues of exporters",
        Query(
            expression=highest(
                f"otelcol_exporter_queue_size{{{IN_TRACING}}} / otelcol_exporter_queue_capacity{{{IN_TRACING}}}",
                "job",
                "exporter",
                "data_type",
            ),
            legend="{{job}} {{exporter}} {{data_type}}",
        ),
        unit="percentunit",
        description="A queue that fills: what it goes to is too slow. When it is full, spans are lost.",
        thresholds=rising(warning=0.5, critical=0.9),
        width=8,
    ),
    timeseries(
        "Traces by what sampling decides",
        Query(
            expression=total(rate(f"{_SAMPLING}_global_count_traces_sampled_total", IN_TRACING), "decision"),
            legend="{{decision}}",
        ),
        Query(
            expression=total(rate(f"{_SAMPLING}_sampling_trace_dropped_too_early_total", IN_TRACING)) + " > 0",
            legend="gone before the decision",
        ),
        unit="cps",
        description="Gone before: more traces at a time than the collector has room for, errors among them.",
        width=8,
    ),
    timeseries(
        "Metrics of spans sent to Prometheus",
        Query(
            expression=total(rate("otelcol_exporter_sent_metric_points_total", IN_TRACING), "exporter"),
            legend="{{exporter}} sent",
        ),
        Query(
            expression=total(rate("otelcol_exporter_send_failed_metric_points_total", IN_TRACING), "exporter") + " > 0",
            legend="{{exporter}} failed",
        ),
        unit="cps",
        description="Rates, errors and latencies of services come this way: without it their dashboards are empty.",
        width=8,
    ),
    timeseries(
        "Memory of collector and Jaeger",
        Query(
            expression=total(series("otelcol_process_memory_rss_bytes", IN_TRACING), "pod"),
            legend="{{pod}}",
        ),
        unit="bytes",
        description="The collector keeps whole traces until it decides about them.",
        width=8,
    ),
    timeseries(
        "Jaeger's store: requests by result",
        Query(
            expression=total(rate("jaeger_storage_requests_total"), "operation", "result"),
            legend="{{operation}} {{result}}",
        ),
        unit="reqps",
        description="err: traces cannot be read or written: a full volume, or an external store that is away.",
    ),
    timeseries(
        "Jaeger's store: latency (p95)",
        Query(
            expression=quantile(0.95, "jaeger_storage_latency_seconds", "", "operation"),
            legend="{{operation}}",
        ),
        unit="s",
        description="How long the store takes, by what it is asked.",
    ),
    collapsed=True,
)
