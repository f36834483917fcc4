"""Backups: could what is kept be brought back, from when, and what goes wrong on the way into the store."""

from dashboards.expressions import highest, increase, lowest, or_zero, quantile, rate, series, total
from dashboards.layout import Dashboard, row
from dashboards.panels import Query, falling, rising, stat, table, timeseries
from dashboards.postgresql import by_cluster
from dashboards.variables import CLOUD

DAY = 86400
AGE = rising(warning=1.25 * DAY, critical=1.5 * DAY)
ANY = rising(warning=1, critical=1)

SCHEDULED = 'schedule!=""'
"""Velero counts backups that a person made with an empty name of a schedule."""

_SINCE = f"time() - {highest(series('velero_backup_last_successful_timestamp', SCHEDULED), 'schedule')}"
_BARMAN = "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp"


def _now(name: str) -> str:
    return highest(series(name, SCHEDULED), "schedule")


def _counted(name: str, over: str = "1d") -> str:
    return or_zero(total(increase(f"velero_{name}_total", over=over)))


OVERVIEW = row(
    "Now",
    stat(
        "Volumes: oldest copy",
        Query(expression=f"max({_SINCE})"),
        unit="dtdurations",
        description="Of the workload whose last complete copy of volumes is longest ago. There is one every night.",
        thresholds=AGE,
        no_value="none",
    ),
    stat(
        "PostgreSQL: oldest backup anywhere",
        Query(expression=f"max(time() - {highest(by_cluster(f'{_BARMAN} > 0'), 'namespace', 'cluster')})"),
        unit="dtdurations",
        description="Of the cluster whose base backup is longest ago. What was done since is archived as it is done.",
        thresholds=AGE,
        no_value="none",
    ),
    stat(
        "MongoDB: oldest backup",
        Query(
            expression="max(time() - "
            + highest(series("mongodb_pbm_backup_last_transition_ts", 'status="done"'), "namespace", "service")
            + ")"
        ),
        unit="dtdurations",
        description="Of replica sets that their operator backs up. The dumps of others are in the copies of volumes.",
        thresholds=AGE,
        no_value="none",
    ),
    stat(
        "Failed within a day",
        Query(expression=f"{_counted('backup_failure')} + {_counted('backup_validation_failure')}"),
        unit="short",
        decimals=0,
        description="Copies of volumes that failed, or were refused before they began.",
        thresholds=ANY,
    ),
    stat(
        "Incomplete within a day",
        Query(expression=_counted("backup_partial_failure")),
        unit="short",
        decimals=0,
        description="Copies that ended without some of the volumes, or whose preparation in a pod failed.",
        thresholds=ANY,
    ),
    stat(
        "Store",
        Query(expression=lowest("velero_backup_location_status_gauge")),
        unit="bool",
        description="Whether Velero reaches its bucket. While it does not, nothing is copied and nothing restored.",
        thresholds=falling(warning=1, critical=1),
        no_value="none",
    ),
)

VOLUMES = row(
    "Copies of volumes (Velero)",
    table(
        "Schedules",
        Query(expression=_SINCE, legend="Last complete copy", unit="dtdurations", thresholds=AGE),
        Query(
            expression=_now("velero_backup_last_status"),
            legend="Last one went well",
            unit="bool",
            thresholds=falling(warning=1, critical=1),
        ),
        Query(expression=_now("velero_backup_items_total"), legend="Objects in it"),
        Query(
            expression=_now("velero_backup_items_errors"),
            legend="Errors",
            thresholds=ANY,
        ),
        columns={"schedule": "Workload"},
        unit="short",
        description="One schedule for each workload with volumes. A workload that is missing here has none.",
        sort_by="Last complete copy",
        width=14,
    ),
    timeseries(
        "How copies ended",
        *(
            Query(
                expression=total(increase(f"velero_backup_{name}_total", over="1h")),
                legend=legend,
            )
            for name, legend in (
                ("success", "complete"),
                ("partial_failure", "incomplete"),
                ("failure", "failed"),
                ("validation_failure", "refused"),
            )
        ),
        unit="short",
        description="Copies that ended within the hour before, those that a person made among them.",
        width=10,
    ),
    timeseries(
        "How long copies take (p95)",
        Query(
            expression=quantile(0.95, "velero_backup_duration_seconds", "", "schedule", over="1d"),
            legend="{{schedule}}",
        ),
        unit="s",
        description="Of a day, up to the next of 1, 5, 10, 15, 30 minutes and 1 to 4 hours. After four it gives up.",
    ),
    timeseries(
        "Upkeep of repositories that failed",
        Query(
            expression=f"{total(rate('velero_repo_maintenance_failure_total'), 'repository_name')} > 0",
            legend="{{repository_name}}",
        ),
        unit="ops",
        description="What expired is not cleared away: the bucket grows. Nothing here is good.",
    ),
    timeseries(
        "Restores",
        *(
            Query(expression=total(increase(f"velero_restore_{name}_total", over="1h")), legend=legend)
            for name, legend in (
                ("success", "complete"),
                ("partial_failure", "incomplete"),
                ("failed", "failed"),
                ("validation_failed", "refused"),
            )
        ),
        unit="short",
        description="Restores that ended within the hour before. Try one now and then: nothing else proves a copy.",
    ),
)

DASHBOARD = Dashboard(
    uid="gw-backups",
    title="Backups",
    folder="Platform",
    description="Backups of volumes and databases: how old the newest is, and what failed on the way into the store.",
    tags=("backups", "velero", "volumes", "databases"),
    rows=(OVERVIEW, VOLUMES),
    related=("gw-data-services", "gw-platform-health", "gw-capacity-cost"),
    variables=(CLOUD,),
)
