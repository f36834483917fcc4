"""Dashboards: the rendered files of `dashboards/`, as ConfigMaps that Grafana's sidecar loads.

`python -m dashboards` writes the files; nothing here needs the SDK that they are built with.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from components.platform.addresses import PROMETHEUS

RENDERED = Path(__file__).parents[2] / "dashboards" / "rendered"
FOLDERS = RENDERED.with_name("folders.json")
"""Grafana's folder of each dashboard, by uid."""

LABEL = {"grafana_dashboard": "1"}
"""What the sidecar looks for."""

FOLDER_ANNOTATION = "grafana_folder"
"""Where the sidecar reads the folder from: `sidecar.dashboards.folderAnnotation` of Grafana's chart."""


READER = "grafana-dashboards"
"""What lets Grafana's sidecars look for ConfigMaps."""

GRAFANA_ACCOUNT = f"{PROMETHEUS}-grafana"
"""Grafana's service account, as its chart calls it."""


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    namespace: pulumi.Resource
    """The namespace that Grafana runs in: `monitoring`."""


class Dashboards(pulumi.ComponentResource):
    """One ConfigMap for each dashboard, so that one that changes is one resource that changes."""

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Dashboards", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        for uid, folder in folders().items():
            kubernetes.core.v1.ConfigMap(
                f"{name}-{uid.removeprefix('gw-')}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=f"dashboard-{uid}",
                    namespace=MONITORING,
                    labels=LABEL,
                    annotations={FOLDER_ANNOTATION: folder},
                ),
                data={f"{uid}.json": (RENDERED / f"{uid}.json").read_text(encoding="utf-8")},
                opts=child,
            )
        self._reader(name)
        self.register_outputs({})

    def _reader(self, name: str) -> None:
        """Workloads bring dashboards in their own namespaces. The chart's own role would read their Secrets too."""
        child = pulumi.ResourceOptions(parent=self)
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=READER)
        config_maps = kubernetes.rbac.v1.PolicyRuleArgs(
            api_groups=[""], resources=["configmaps"], verbs=["get", "list", "watch"]
        )
        role = kubernetes.rbac.v1.ClusterRole(f"{name}-reader", metadata=metadata, rules=[config_maps], opts=child)
        kubernetes.rbac.v1.ClusterRoleBinding(
            f"{name}-reader-binding",
            metadata=metadata,
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=READER
            ),
            subjects=[
                kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=GRAFANA_ACCOUNT, namespace=MONITORING)
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )


def folders() -> Mapping[str, str]:
    """Grafana's folder of each dashboard, by uid."""
    return json.loads(FOLDERS.read_text(encoding="utf-8"))
