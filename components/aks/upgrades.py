"""When an AKS cluster is upgraded, and what its upgrade channel changes by itself."""

import pulumi_azure_native as azure

MAINTENANCE = ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
"""The windows that upgrades of Kubernetes and of the nodes' system keep to. Azure takes other names and ignores them:
https://learn.microsoft.com/azure/aks/planned-maintenance"""


def maintenance_window() -> azure.containerservice.MaintenanceWindowArgs:
    """Upgrades on Sundays, from 02:00 to 08:00 UTC. AKS asks for four hours at least."""
    service = azure.containerservice
    return service.MaintenanceWindowArgs(
        schedule=service.ScheduleArgs(
            weekly=service.WeeklyScheduleArgs(day_of_week=service.WeekDay.SUNDAY, interval_weeks=1)
        ),
        start_time="02:00",
        utc_offset="+00:00",
        duration_hours=6,
    )


def follows_minor_versions(upgrade_channel: str) -> bool:
    """Whether a channel goes to the next minor version by itself; the others stay with the one that was asked for."""
    return upgrade_channel == "stable"


def drifting(upgrade_channel: str) -> list[str]:
    """What the cloud changes by itself: numbers of nodes, and versions where a channel moves them.

    Only these are ignored. Were it the whole list of pools, an update would send back the pools of long ago.
    """
    moved = ["kubernetes_version", "agentPoolProfiles[*].orchestratorVersion"]
    return ["agentPoolProfiles[*].count", *(moved if follows_minor_versions(upgrade_channel) else [])]
