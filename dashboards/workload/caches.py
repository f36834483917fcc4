"""Caches: what each Valkey of a workload finds, evicts and holds."""

from dashboards.expressions import or_zero, rate, total
from dashboards.layout import Dashboard, row
from dashboards.panels import Query, falling, rising, stat
from dashboards.valkey import IN, VALKEY
from dashboards.variables import CLOUD, GIVEN_NAMESPACE

HITS, MISSES = (total(rate(f"redis_keyspace_{kind}_total", IN)) for kind in ("hits", "misses"))
USED = f"max(redis_memory_used_bytes{{{IN}}} / (redis_memory_max_bytes{{{IN}}} > 0))"

NOW = row(
    "Now",
    stat(
        "Keys that were found",
        Query(expression=f"{HITS} / ({HITS} + {MISSES} > 0)"),
        unit="percentunit",
        description="Share of reads that found their key, of all caches together. Below a half, a cache costs more "
        "than it saves.",
        thresholds=falling(warning=0.8, critical=0.5),
        width=6,
    ),
    stat(
        "Evicted",
        Query(expression=or_zero(total(rate("redis_evicted_keys_total", IN)))),
        unit="ops",
        description="Keys that made room for others, each second. For a cache that is normal, for sessions loss.",
        thresholds=rising(warning=1, critical=100),
        width=6,
    ),
    stat(
        "Fullest cache",
        Query(expression=USED),
        unit="percentunit",
        description="Memory that keys and values take, of what they may, in the cache that is the fullest.",
        thresholds=rising(warning=0.9, critical=1),
        width=6,
    ),
    stat(
        "Commands",
        Query(expression=total(rate("redis_commands_total", IN))),
        unit="ops",
        description="Commands that all caches answer, each second.",
        width=6,
    ),
)

SHOWN = ("instances", "keys that were found", "keys evicted and expired", "memory", "commands", "time of a command")
CACHES = row("By cache", *(panel for panel in VALKEY.panels if panel.title.removeprefix("Valkey: ") in SHOWN))

DASHBOARD = Dashboard(
    uid="gw-workload-caches",
    title="Caches",
    folder="Workloads",
    description="Reads that found their key, keys that were evicted, and the memory of each Valkey.",
    tags=("workload", "valkey"),
    related=("gw-data-services", "gw-service-overview"),
    variables=(CLOUD, GIVEN_NAMESPACE),
    rows=(NOW, CACHES),
)
