"""Grafana: its generated admin password, and the values that kube-prometheus-stack deploys it with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.namespaces import MONITORING

ADMIN_USER = "admin"
SECRET = "grafana-admin"


@dataclass(frozen=True, kw_only=True)
class GrafanaAdminArgs:
    namespace: pulumi.Resource
    """The namespace that Grafana runs in: `monitoring`."""


class GrafanaAdmin(pulumi.ComponentResource):
    """A generated password, handed to Grafana as a Secret and by its name only."""

    secret_name: pulumi.Output[str]
    """Name of the Secret, with the keys `admin-user` and `admin-password`."""

    def __init__(self, name: str, args: GrafanaAdminArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GrafanaAdmin", name, {}, opts)
        password = random.RandomPassword(
            f"{name}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-credentials",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=MONITORING),
            string_data={"admin-user": ADMIN_USER, "admin-password": password.result},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

        self.secret_name = pulumi.Output.from_input(SECRET)
        self.register_outputs({"secret_name": self.secret_name})


def grafana_values(
    admin_secret: pulumi.Input[str], data_sources: Sequence[Mapping[str, Any]], storage_class: str
) -> dict[str, Any]:
    """The `grafana` block of the kube-prometheus-stack chart.

    A rolling update would wait for a volume that the old pod holds, so the pod is recreated.
    """
    return {
        "admin": {"existingSecret": admin_secret, "userKey": "admin-user", "passwordKey": "admin-password"},
        "deploymentStrategy": {"type": "Recreate"},
        "persistence": {"enabled": True, "size": "5Gi", "storageClassName": storage_class},
        "additionalDataSources": list(data_sources),
        "sidecar": {
            "dashboards": {
                "searchNamespace": "ALL",
                "folderAnnotation": "grafana_folder",
                "provider": {"foldersFromFilesStructure": True},
            }
        },
        "grafana.ini": {"analytics": {"reporting_enabled": False, "check_for_updates": False}},
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }
