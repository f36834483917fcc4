"""Row of PostgreSQL as CloudNativePG runs it: instances, replication, load, backups, and what wears it out."""

from dashboards.expressions import highest, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, table, timeseries

IN = 'namespace=~"$namespace"'
INSTANCE = ("namespace", "pod")
CONNECTIONS = rising(warning=0.7, critical=0.9)

DAY = 86400


def by_cluster(expression: str) -> str:
    """With the name of the cluster: an instance's pod is called like it, with its number after it."""
    return f'label_replace({expression}, "cluster", "$1", "pod", "(.+)-[0-9]+")'


def since_backup() -> str:
    """Seconds since the last backup of each cluster; a metric of the plugin that writes to the object store."""
    last = series("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", IN)
    return f"time() - {highest(by_cluster(f'{last} > 0'), 'namespace', 'cluster')}"


def _mostly(name: str) -> str:
    return highest(series(name, IN), *INSTANCE)


_ALLOWED = highest(series("cnpg_pg_settings_setting", f'name="max_connections",{IN}'), *INSTANCE)
_READ = total(rate("cnpg_pg_stat_database_blks_read", IN), *INSTANCE)
_HIT = total(rate("cnpg_pg_stat_database_blks_hit", IN), *INSTANCE)

POSTGRESQL = row(
    "PostgreSQL (CloudNativePG)",
    table(
        "PostgreSQL: instances",
        Query(expression=_mostly("cnpg_collector_up"), legend="Up", unit="bool"),
        Query(expression=_mostly("cnpg_pg_replication_in_recovery"), legend="Replica", unit="bool"),
        Query(
            expression=f"{total(series('cnpg_backends_total', IN), *INSTANCE)} / {_ALLOWED}",
            legend="Connections",
            unit="percentunit",
            thresholds=CONNECTIONS,
        ),
        Query(expression=_mostly("cnpg_pg_replication_lag"), legend="Lag", thresholds=rising(warning=10, critical=60)),
        Query(
            expression=_mostly("cnpg_backends_max_tx_duration_seconds"),
            legend="Longest transaction",
            thresholds=rising(warning=300, critical=3600),
        ),
        Query(expression=total(series("cnpg_pg_database_size_bytes", IN), *INSTANCE), legend="Size", unit="bytes"),
        columns={"namespace": "Namespace", "pod": "Instance"},
        unit="s",
        description="Every instance: the one that is no replica takes the writes. A long transaction holds up vacuum.",
        sort_by="Lag",
    ),
    timeseries(
        "PostgreSQL: transactions",
        Query(
            expression=total(rate("cnpg_pg_stat_database_xact_commit", IN), "pod", "datname"),
            legend="{{pod}} {{datname}}",
        ),
        Query(
            expression=total(rate("cnpg_pg_stat_database_xact_rollback", IN), "pod", "datname") + " > 0",
            legend="{{pod}} {{datname}} rolled back",
        ),
        unit="ops",
        description="Committed and rolled back. Many rolled back ones are errors or conflicts of the application.",
        width=8,
    ),
    timeseries(
        "PostgreSQL: connections by state",
        Query(expression=total(series("cnpg_backends_total", IN), "pod", "state"), legend="{{pod}} {{state}}"),
        unit="short",
        description="idle in transaction keeps locks. Many idle ones: pools are too large, or there is no pooler.",
        width=8,
    ),
    timeseries(
        "PostgreSQL: backends that wait for a lock",
        Query(expression=total(series("cnpg_backends_waiting_total", IN), "namespace", "pod"), legend="{{pod}}"),
        Query(
            expression=total(rate("cnpg_pg_stat_database_deadlocks", IN), "pod") + " > 0",
            legend="{{pod}} deadlocks a second",
        ),
        unit="short",
        description="One session blocks the others: find it in pg_stat_activity by the longest transaction.",
        width=8,
    ),
    timeseries(
        "PostgreSQL: replication lag",
        Query(expression=_mostly("cnpg_pg_replication_lag"), legend="{{pod}}"),
        unit="s",
        description="What a failover to this replica would lose, without synchronous replication.",
        thresholds=rising(warning=10, critical=60),
        width=8,
    ),
    timeseries(
        "PostgreSQL: since the last backup and archived log",
        Query(expression=since_backup(), legend="{{cluster}} backup"),
        Query(
            expression=highest(series("cnpg_pg_stat_archiver_seconds_since_last_archival", IN), "pod"),
            legend="{{pod}} log",
        ),
        unit="dtdurations",
        description="What a restore could lose is the time since the last archived log. A backup is due each day.",
        thresholds=rising(warning=1.25 * DAY, critical=2 * DAY),
        width=8,
    ),
    timeseries(
        "PostgreSQL: logs that could not be archived",
        Query(
            expression=f"sum by (pod) (increase(cnpg_pg_stat_archiver_failed_count{{{IN}}}[$__rate_interval])) > 0",
            legend="{{pod}}",
        ),
        unit="short",
        description="The object store refuses or is away. Meanwhile the volume fills with logs that cannot go.",
        width=8,
    ),
    timeseries(
        "PostgreSQL: pages found in memory",
        Query(expression=f"{_HIT} / ({_HIT} + {_READ})", legend="{{pod}}"),
        unit="percentunit",
        description="Share of pages that did not have to be read from disk. Below 95 % more memory mostly pays.",
        maximum=1,
        width=8,
    ),
    timeseries(
        "PostgreSQL: age of the oldest transaction id",
        Query(
            expression=highest(series("cnpg_pg_database_xid_age", IN), "pod", "datname"), legend="{{pod}} {{datname}}"
        ),
        unit="short",
        description="At 2 billion PostgreSQL takes no more writes. Vacuum keeps it below 200 million.",
        thresholds=rising(warning=5e8, critical=1e9),
        width=8,
    ),
    timeseries(
        "PostgreSQL: temporary files",
        Query(
            expression=total(rate("cnpg_pg_stat_database_temp_bytes", IN), "pod", "datname"),
            legend="{{pod}} {{datname}}",
        ),
        unit="Bps",
        description="Sorts and joins that do not fit into work_mem, and are written to disk.",
        width=8,
    ),
    collapsed=True,
)
