"""Row of the vector store: what it is asked, how fast it answers, and how far its index is."""

from dashboards.expressions import quantile, rate, total
from dashboards.layout import row
from dashboards.panels import Query, table, timeseries

IN = 'namespace=~"$namespace"'
FAILED_QUERIES = f'{IN},query_type!="",status=~"user_error|server_error"'

VECTORS = row(
    "Vector store (Weaviate)",
    timeseries(
        "Queries by class and type",
        Query(
            expression=f"sum by (class_name, query_type) (rate(queries_durations_ms_count{{{IN}}}[$__rate_interval]))",
            legend="{{class_name}} {{query_type}}",
        ),
        unit="reqps",
        description="Queries that the store answers, by class of objects.",
    ),
    timeseries(
        "Query latency by type",
        *(
            Query(
                expression=quantile(part, "queries_durations_ms", IN, "query_type"),
                legend=f"{{{{query_type}}}} p{part * 100:.0f}",
            )
            for part in (0.5, 0.95, 0.99)
        ),
        unit="ms",
        description="Quantiles by type of query. Filters that match little and cold caches show here first.",
    ),
    timeseries(
        "Requests to the store that failed",
        Query(
            expression=total(rate("requests_total", FAILED_QUERIES), "api", "status"),
            legend="{{api}} {{status}}",
        ),
        unit="reqps",
        description="server_error is the store's own; user_error is a caller's.",
    ),
    timeseries(
        "Batch import (p95)",
        Query(
            expression=quantile(0.95, "batch_durations_ms", IN, "operation"),
            legend="{{operation}}",
        ),
        unit="ms",
        description="How long each step of an import takes: objects, references, vectors, or the whole call.",
    ),
    timeseries(
        "Vectors that wait to be indexed",
        Query(expression=f"sum by (class_name) (queue_size{{{IN}}})", legend="{{class_name}}"),
        unit="short",
        description="Imported, but not yet found by a vector search. Only with asynchronous indexing.",
    ),
    table(
        "Objects by class",
        Query(expression=f"sum by (namespace, class_name) (object_count{{{IN}}})", legend="Objects, replicas included"),
        Query(
            expression=f"sum by (namespace, class_name) (vector_index_size{{{IN}}})", legend="Room in the vector index"
        ),
        Query(
            expression=f"sum by (namespace, class_name) (vector_index_tombstones{{{IN}}})",
            legend="Deleted, not cleaned up",
        ),
        columns={"namespace": "Namespace", "class_name": "Class"},
        unit="short",
        description="Each replica of a shard counts its objects. Many deleted ones slow searches down.",
        sort_by="Objects, replicas included",
        width=12,
    ),
)
