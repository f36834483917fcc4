"""What a message about alerts says: summary, description, and links to runbook, dashboard and silence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

TEMPLATES: Final = Path(__file__).with_name("alert_messages.tmpl")

FILE: Final = "groundwork.tmpl"
"""Key of the templates in the Secret of Alertmanager's configuration, and name of the file."""

MOUNTED: Final = f"/etc/alertmanager/config/{FILE}"
"""Where the operator mounts what stands beside `alertmanager.yaml` in that Secret."""

PLATFORM_HEALTH: Final = "gw-platform-health"

DASHBOARDS: Final[Mapping[str, str]] = {
    "application": "gw-service-overview",
    "dapr": "gw-resiliency",
    "database": "gw-data-services",
    "kong": "gw-gateway",
    "kubernetes": "gw-capacity-cost",
    "messaging": "gw-event-processing",
    "nodes": "gw-capacity-cost",
    "slo": "gw-slo",
    "velero": "gw-backups",
    "volumes": "gw-capacity-cost",
    "websocket": "gw-websocket",
}
"""The dashboard that shows what an alert is about, by its label `component`; the platform's own for any other."""


def message_templates() -> str:
    """The templates that receivers name."""
    return f"{TEMPLATES.read_text(encoding='utf-8')}\n{_dashboard_uid()}\n"


def _dashboard_uid() -> str:
    chosen = "".join(f'{{{{ if eq . "{component}" }}}}{uid}{{{{ else }}}}' for component, uid in DASHBOARDS.items())
    ends = "{{ end }}" * len(DASHBOARDS)
    named = f"{{{{ with .CommonLabels.component }}}}{chosen}{PLATFORM_HEALTH}{ends}"
    return (
        f'{{{{ define "groundwork.dashboard_uid" }}}}{named}{{{{ else }}}}{PLATFORM_HEALTH}{{{{ end }}}}{{{{ end }}}}'
    )
