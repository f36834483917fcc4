"""Grafana: its generated admin password, and the values that kube-prometheus-stack deploys it with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.namespaces import MONITORING
from components.platform.addresses import GRAFANA_PATH
from components.platform.data_sources import BUILT_IN
from components.platform.oauth2_proxy import SIGN_OUT
from components.pod_resources import requests
from components.priorities import PLATFORM
from stacks.observability import Oidc

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
        self.password = password.result
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-credentials",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=MONITORING),
            string_data={"admin-user": ADMIN_USER, "admin-password": password.result},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

        self.secret_name = pulumi.Output.from_input(SECRET)
        self.register_outputs({"secret_name": self.secret_name})


def grafana_values(
    admin_secret: pulumi.Input[str],
    data_sources: Sequence[Mapping[str, Any]],
    storage_class: str,
    *,
    host: str,
    oidc: Oidc | None = None,
) -> dict[str, Any]:
    """The `grafana` block of the kube-prometheus-stack chart, for a Grafana that answers below a path of `host`.

    A rolling update would wait for a volume that the old pod holds, so the pod is recreated.
    """
    return {
        "admin": {"existingSecret": admin_secret, "userKey": "admin-user", "passwordKey": "admin-password"},
        "deploymentStrategy": {"type": "Recreate"},
        "priorityClassName": PLATFORM,
        "persistence": {"enabled": True, "size": "5Gi", "storageClassName": storage_class},
        "initChownData": {"resources": requests("5m", "16Mi")},
        "additionalDataSources": list(data_sources),
        # What the sidecars may read is beside the dashboards; the chart's role would read every Secret of the cluster.
        "rbac": {"create": False},
        **below_a_path(),
        "grafana.ini": {
            "analytics": {"reporting_enabled": False, "check_for_updates": False},
            "server": {"root_url": f"https://{host}{GRAFANA_PATH}", "serve_from_sub_path": True},
            "security": {"cookie_secure": True},
            "users": {"allow_sign_up": False, "auto_assign_org_role": "Viewer", "viewers_can_edit": True},
            **({} if oidc is None else login(host, oidc)),
        },
        "resources": {"requests": {"cpu": "50m", "memory": "192Mi"}, "limits": {"memory": "512Mi"}},
    }


def below_a_path() -> dict[str, Any]:
    """What asks Grafana something has to ask below its path: anything else is redirected to the host.

    The chart knows nothing of the path: https://github.com/prometheus-community/helm-charts/pull/364
    """
    health = {"httpGet": {"path": f"{GRAFANA_PATH}/api/health"}}
    reload = f"http://localhost:3000{GRAFANA_PATH}/api/admin/provisioning"
    return {
        "readinessProbe": health,
        "livenessProbe": health,
        "serviceMonitor": {"path": f"{GRAFANA_PATH}/metrics"},
        "sidecar": {
            "dashboards": {
                "resource": "configmap",
                "searchNamespace": "ALL",
                "folderAnnotation": "grafana_folder",
                "provider": {"foldersFromFilesStructure": True},
                "reloadURL": f"{reload}/dashboards/reload",
            },
            "datasources": {**BUILT_IN, "resource": "configmap", "reloadURL": f"{reload}/datasources/reload"},
            # Two of them, one for dashboards and one for data sources.
            "resources": requests("5m", "80Mi"),
        },
    }


def login(host: str, oidc: Oidc) -> dict[str, Any]:
    """Takes the identity token that the proxy before Grafana passes on: nobody logs in twice, and no header is believed
    that the provider has not signed. https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/
    """
    return {
        "auth.jwt": {
            "enabled": True,
            "header_name": "Authorization",
            "jwk_set_url": oidc.jwks_url,
            "cache_ttl": "60m",
            "expect_claims": json.dumps({"iss": oidc.issuer, "aud": oidc.client_id}),
            "username_claim": "email",
            "email_claim": "email",
            "auto_sign_up": True,
            "role_attribute_path": role_attribute_path(oidc.admin_groups),
        },
        "auth": {"signout_redirect_url": f"https://{host}{SIGN_OUT}"},
    }


def role_attribute_path(admin_groups: Sequence[str]) -> str:
    """Who administers Grafana, as JMESPath over the claims of a token."""
    escaped = [group.replace("\\", "\\\\").replace("'", "\\'") for group in admin_groups]
    return " || ".join([*(f"contains(groups[*], '{group}') && 'Admin'" for group in escaped), "'Viewer'"])
