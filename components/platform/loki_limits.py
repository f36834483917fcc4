"""How much Loki takes in, answers and keeps."""

from typing import Any

INDEXED_RESOURCE_ATTRIBUTES = ("namespace", "pod", "container", "app", "level", "service.name")
"""Resource attributes of OTLP logs that become labels of their stream, dots as underscores: those that the collector
sets, as the agents do for what pods write. What else a service sends with its logs is structured metadata."""

SERVICE_NAME_FROM = ("app", "container")
"""Labels that Loki makes the label `service_name` of, the first of them that a stream has."""


def limits(retention_days: int, *, distributed: bool) -> dict[str, Any]:
    """Limits of the one tenant. https://grafana.com/docs/loki/latest/configure/#limits_config"""
    return {
        "retention_period": f"{retention_days * 24}h",
        # Nobody can ask for what retention has taken, and a query of all that is kept is within the limit.
        "max_query_lookback": f"{retention_days * 24}h",
        "max_query_length": f"{retention_days * 24 + 1}h",
        "reject_old_samples": True,
        "reject_old_samples_max_age": f"{min(retention_days, 7) * 24}h",
        "allow_structured_metadata": True,
        "discover_log_levels": True,
        "discover_service_name": list(SERVICE_NAME_FROM),
        "otlp_config": {
            "resource_attributes": {
                "ignore_defaults": True,
                "attributes_config": [{"action": "index_label", "attributes": list(INDEXED_RESOURCE_ATTRIBUTES)}],
            }
        },
        "volume_enabled": True,
        **ingestion(distributed),
        **querying(distributed),
    }


def ingestion(distributed: bool) -> dict[str, Any]:
    """MB/s are of all distributors together; a stream's are its own. A line that is too long loses its end alone."""
    return {
        "ingestion_rate_mb": 32 if distributed else 8,
        "ingestion_burst_size_mb": 64 if distributed else 16,
        "per_stream_rate_limit": "5MB",
        "per_stream_rate_limit_burst": "20MB",
        "max_global_streams_per_user": 20_000 if distributed else 5_000,
        "max_line_size": "256KB",
        "max_line_size_truncate": True,
    }


def querying(distributed: bool) -> dict[str, Any]:
    """How far one query is split, and how long it may take."""
    return {
        "query_timeout": "5m",
        "split_queries_by_interval": "15m" if distributed else "1h",
        "max_query_parallelism": 32 if distributed else 4,
        "tsdb_max_query_parallelism": 128 if distributed else 8,
        "max_entries_limit_per_query": 5_000,
        "max_cache_freshness_per_query": "10m",
    }
