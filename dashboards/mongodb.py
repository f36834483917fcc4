"""Row of MongoDB: members, replication, operations, and how full cache and connections are."""

from dashboards.expressions import highest, lowest, rate, series, total
from dashboards.layout import row
from dashboards.panels import Query, rising, table, timeseries

IN = 'namespace=~"$namespace"'
EXPORTER = ("namespace", "pod")


def _optime(state: str) -> str:
    return series("mongodb_rs_members_optimeDate", f'{IN},member_state="{state}"')


LAG = highest(
    f"({highest(_optime('PRIMARY'), *EXPORTER)} - on (namespace, pod) group_right () {_optime('SECONDARY')}) / 1000",
    "namespace",
    "member_idx",
)
"""Seconds. Each member reports what it knows of all: the difference is taken within each report."""

_CONNECTIONS = "mongodb_ss_connections"
_CURRENT, _FREE = (
    highest(series(_CONNECTIONS, f'{IN},conn_type="{kind}"'), *EXPORTER) for kind in ("current", "available")
)
_CACHED, _CACHE = (
    highest(series(f"mongodb_ss_wt_cache_{name}", IN), *EXPORTER)
    for name in ("bytes_currently_in_the_cache", "maximum_bytes_configured")
)

MONGODB = row(
    "MongoDB",
    table(
        "MongoDB: members",
        Query(
            expression=lowest(series("mongodb_rs_members_health", IN), "namespace", "member_idx", "member_state"),
            legend="Healthy",
            unit="bool",
        ),
        columns={"namespace": "Namespace", "member_idx": "Member", "member_state": "State"},
        unit="short",
        description="Every member as the others see it: exactly one of a set is PRIMARY, and takes the writes.",
        width=12,
    ),
    timeseries(
        "MongoDB: replication lag",
        Query(expression=LAG, legend="{{member_idx}}"),
        unit="s",
        description="How far a secondary is behind. Beyond the oplog it has to copy everything anew.",
        thresholds=rising(warning=10, critical=60),
    ),
    timeseries(
        "MongoDB: operations",
        Query(
            expression=total(rate("mongodb_ss_opcounters", IN), "namespace", "legacy_op_type"),
            legend="{{namespace}} {{legacy_op_type}}",
        ),
        unit="ops",
        description="By kind, over all members.",
        width=8,
    ),
    timeseries(
        "MongoDB: operations that wait",
        Query(
            expression=highest(series("mongodb_ss_globalLock_currentQueue", IN), "pod", "count_type"),
            legend="{{pod}} {{count_type}}",
        ),
        unit="short",
        description="Queued for a lock. More than a few for long: slow queries, or a disk that does not keep up.",
        width=8,
    ),
    timeseries(
        "MongoDB: connections taken",
        Query(expression=f"{_CURRENT} / ({_CURRENT} + {_FREE})", legend="{{pod}}"),
        unit="percentunit",
        description="Of all that a member takes. Each costs about 1 MB.",
        thresholds=rising(warning=0.7, critical=0.9),
        width=8,
    ),
    timeseries(
        "MongoDB: cache filled",
        Query(expression=f"{_CACHED} / {_CACHE}", legend="{{pod}}"),
        unit="percentunit",
        description="WiredTiger keeps it at 80 %. At 95 % the threads of clients have to make room, and latency rises.",
        thresholds=rising(warning=0.85, critical=0.95),
        maximum=1,
        width=8,
    ),
    timeseries(
        "MongoDB: size of databases",
        Query(
            expression=highest(series("mongodb_dbstats_dataSize", IN), "namespace", "database"),
            legend="{{namespace}} {{database}}",
        ),
        Query(
            expression=highest(series("mongodb_dbstats_indexSize", IN), "namespace", "database"),
            legend="{{namespace}} {{database}} indexes",
        ),
        unit="bytes",
        description="Data before compression, and indexes: those should fit into the cache.",
        width=8,
    ),
    timeseries(
        "MongoDB: errors",
        Query(
            expression=total(rate("mongodb_ss_asserts", IN), "pod", "assert_type") + " > 0",
            legend="{{pod}} {{assert_type}}",
        ),
        unit="ops",
        description="user: refused by what the client sent or may do. regular and msg are the server's own.",
        width=8,
    ),
    collapsed=True,
)
