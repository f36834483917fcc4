"""Row of Valkey, and of Redis: redis-exporter speaks for both."""

from dashboards.expressions import highest, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, table, timeseries

IN = 'namespace=~"$namespace"'
INSTANCE = ("namespace", "pod")


def _now(name: str) -> str:
    return highest(series(name, IN), *INSTANCE)


_HITS = total(rate("redis_keyspace_hits_total", IN), "pod")
_MISSES = total(rate("redis_keyspace_misses_total", IN), "pod")
_FILLED = f"{_now('redis_memory_used_bytes')} / ({_now('redis_memory_max_bytes')} > 0)"

VALKEY = row(
    "Valkey",
    table(
        "Valkey: instances",
        Query(expression=_now("redis_up"), legend="Up", unit="bool"),
        Query(expression=total(series("redis_db_keys", IN), *INSTANCE), legend="Keys"),
        Query(expression=_now("redis_memory_used_bytes"), legend="Memory", unit="bytes"),
        Query(
            expression=_FILLED, legend="Of its limit", unit="percentunit", thresholds=rising(warning=0.8, critical=0.95)
        ),
        Query(
            expression=f"{_now('redis_connected_clients')} / {_now('redis_max_clients')}",
            legend="Clients",
            unit="percentunit",
            thresholds=rising(warning=0.7, critical=0.9),
        ),
        Query(expression=_now("redis_connected_slaves"), legend="Replicas"),
        columns={"namespace": "Namespace", "pod": "Instance"},
        unit="short",
        description="Every instance. At its limit of memory it evicts keys, or refuses writes, by its policy.",
    ),
    timeseries(
        "Valkey: commands",
        Query(
            expression=f"topk(10, {total(rate('redis_commands_total', IN), 'pod', 'cmd')})", legend="{{pod}} {{cmd}}"
        ),
        unit="ops",
        description="The ten most frequent commands.",
        width=8,
    ),
    timeseries(
        "Valkey: time of a command",
        Query(
            expression=f"topk(10, {total(rate('redis_commands_duration_seconds_total', IN), 'cmd')}"
            f" / {total(rate('redis_commands_total', IN), 'cmd')})",
            legend="{{cmd}}",
        ),
        unit="s",
        description="Mean time of the ten slowest commands. keys, smembers and the like stop all else meanwhile.",
        width=8,
    ),
    timeseries(
        "Valkey: commands that failed or were refused",
        Query(
            expression=f"{total(rate('redis_commands_failed_calls_total', IN), 'pod', 'cmd')} > 0",
            legend="{{pod}} {{cmd}}",
        ),
        Query(
            expression=f"{total(rate('redis_rejected_connections_total', IN), 'pod')} > 0",
            legend="{{pod}} connections refused",
        ),
        unit="ops",
        description="Errors of commands, and connections above the limit of clients.",
        width=8,
    ),
    timeseries(
        "Valkey: keys that were found",
        Query(expression=f"{_HITS} / ({_HITS} + {_MISSES})", legend="{{pod}}"),
        unit="percentunit",
        description="Share of reads that found their key. A fall after a deployment: the keys have changed.",
        maximum=1,
        width=8,
    ),
    timeseries(
        "Valkey: keys evicted and expired",
        Query(expression=total(rate("redis_evicted_keys_total", IN), "pod"), legend="{{pod}} evicted"),
        Query(expression=total(rate("redis_expired_keys_total", IN), "pod"), legend="{{pod}} expired"),
        unit="ops",
        description="Evicted: memory was full. For a cache that is normal, for sessions and state it is loss.",
        width=8,
    ),
    timeseries(
        "Valkey: memory",
        Query(expression=highest(series("redis_memory_used_bytes", IN), "pod"), legend="{{pod}} used"),
        Query(expression=highest(series("redis_memory_used_rss_bytes", IN), "pod"), legend="{{pod}} of the process"),
        Query(expression=highest(series("redis_memory_max_bytes", IN), "pod") + " > 0", legend="{{pod}} limit"),
        unit="bytes",
        description="A process far above what is used: memory is fragmented.",
        width=8,
    ),
    timeseries(
        "Valkey: replication lag",
        Query(
            expression=highest(series("redis_connected_slave_lag_seconds", IN), "pod", "slave_ip"),
            legend="{{pod}} to {{slave_ip}}",
        ),
        Query(
            expression=highest(series("redis_master_last_io_seconds_ago", IN), "pod"),
            legend="{{pod}} heard its primary",
        ),
        unit="s",
        description="What a failover would lose. Reads from a replica are that old.",
        thresholds=rising(warning=5, critical=30),
    ),
    timeseries(
        "Valkey: snapshots and logs that could not be written",
        Query(
            expression=f"1 - {highest(series('redis_rdb_last_bgsave_status', IN), 'pod')}", legend="{{pod}} snapshot"
        ),
        Query(expression=f"1 - {highest(series('redis_aof_last_write_status', IN), 'pod')}", legend="{{pod}} log"),
        unit="bool",
        description="1: the last one failed, mostly for want of disk or memory. By default writes are then refused.",
    ),
    collapsed=True,
)
