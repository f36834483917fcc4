"""Grafana below a path of the monitoring host, and who it takes somebody for."""

import json
from typing import Any

import pytest

from components.platform.grafana import grafana_values, role_attribute_path
from stacks.observability import Oidc

HOST = "monitoring.acme.example"
OIDC = Oidc.model_validate_json(
    json.dumps(
        {
            "issuer": "https://login.acme.example",
            "client_id": "groundwork",
            "jwks_url": "https://login.acme.example/keys",
            "groups": ["ops"],
            "admin_groups": ["leads"],
        }
    )
)


def values(oidc: Oidc | None = None) -> dict[str, Any]:
    return grafana_values("grafana-admin", [{"name": "Loki"}], "fast", host=HOST, oidc=oidc)


def test_grafana_is_asked_below_its_path_by_everybody():
    found = values()

    server = found["grafana.ini"]["server"]
    assert server == {"root_url": "https://monitoring.acme.example/grafana", "serve_from_sub_path": True}
    assert found["readinessProbe"]["httpGet"]["path"] == "/grafana/api/health"
    assert found["livenessProbe"]["httpGet"]["path"] == "/grafana/api/health"
    assert found["serviceMonitor"] == {"path": "/grafana/metrics"}
    for kind in ("dashboards", "datasources"):
        reload = f"http://localhost:3000/grafana/api/admin/provisioning/{kind}/reload"
        assert found["sidecar"][kind]["reloadURL"] == reload


def test_without_a_provider_grafana_logs_in_by_itself():
    assert not {"auth", "auth.jwt", "auth.proxy"} & set(values()["grafana.ini"])


def test_a_token_of_the_provider_is_a_login():
    jwt = values(OIDC)["grafana.ini"]["auth.jwt"]

    assert (jwt["enabled"], jwt["header_name"]) == (True, "Authorization")
    assert jwt["jwk_set_url"] == "https://login.acme.example/keys"
    assert json.loads(jwt["expect_claims"]) == {"iss": "https://login.acme.example", "aud": "groundwork"}
    assert jwt["role_attribute_path"] == "contains(groups[*], 'leads') && 'Admin' || 'Viewer'"


def test_signing_out_ends_the_session_of_the_proxy():
    assert values(OIDC)["grafana.ini"]["auth"] == {
        "signout_redirect_url": "https://monitoring.acme.example/oauth2/sign_out"
    }


@pytest.mark.parametrize(
    ("groups", "path"),
    [
        ((), "'Viewer'"),
        (
            ("a", "b"),
            "contains(groups[*], 'a') && 'Admin' || contains(groups[*], 'b') && 'Admin' || 'Viewer'",
        ),
        (("o'clock",), r"contains(groups[*], 'o\'clock') && 'Admin' || 'Viewer'"),
    ],
)
def test_members_of_the_admin_groups_administer_and_others_look(groups: tuple[str, ...], path: str):
    assert role_attribute_path(groups) == path


def test_nothing_secret_is_in_the_values():
    assert values(OIDC)["admin"] == {
        "existingSecret": "grafana-admin",
        "userKey": "admin-user",
        "passwordKey": "admin-password",
    }
    assert "secret" not in json.dumps(values(OIDC)["grafana.ini"])
