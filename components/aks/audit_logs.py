"""What the API server of an AKS cluster was asked to change and by whom, kept in Log Analytics."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place

CATEGORIES = ("kube-audit-admin", "guard")
"""Changes, and log-ins through Entra ID. `kube-audit` would add every read, at many times the volume:
https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs"""


@dataclass(frozen=True, kw_only=True)
class AksAuditLogsArgs:
    place: Place
    """Where the logs lie."""

    cluster: pulumi.Input[str]
    """Id of the cluster."""

    retention_days: int
    """Days that the logs are kept; Log Analytics keeps 30 at least."""


class AksAuditLogs(pulumi.ComponentResource):
    """Sends the control plane's audit logs to a workspace of their own."""

    workspace_id: pulumi.Output[str]
    """Id of the Log Analytics workspace."""

    def __init__(self, name: str, args: AksAuditLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksAuditLogs", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        workspace = azure.operationalinsights.Workspace(
            f"{name}-workspace",
            resource_group_name=args.place.resource_group,
            location=args.place.location,
            sku=azure.operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=max(args.retention_days, 30),
            tags=args.place.tags,
            opts=child,
        )
        azure.monitor.DiagnosticSetting(
            f"{name}-control-plane",
            resource_uri=args.cluster,
            workspace_id=workspace.id,
            # One table by category, which can be given a cheaper plan, instead of one for all of Azure.
            log_analytics_destination_type="Dedicated",
            logs=[azure.monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True) for category in CATEGORIES],
            opts=child,
        )

        self.workspace_id = workspace.id
        self.register_outputs({"workspace_id": self.workspace_id})
