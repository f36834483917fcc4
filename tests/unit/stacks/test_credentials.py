"""Credentials that a setting needs, and the form that each has."""

from typing import Any

import pytest

from stacks.problems import SettingsError
from tests.plans import plan

NEEDED: dict[str, Any] = {
    "metrics.remote_write": {"url": "https://mimir.example.com/api/v1/push", "username": "groundwork"},
    "traces.store": {"kind": "opensearch", "endpoints": ["https://traces.example.com:9200"], "username": "jaeger"},
    "monitoring.oidc": {
        "issuer": "https://login.example.com",
        "jwks_url": "https://login.example.com/keys",
        "client_id": "groundwork",
        "email_domains": ["example.com"],
    },
    "alerts.routes": [{"components": ["database"], "channels": ["email", "slack"]}],
}


def problems(changed: dict[str, Any], credentials: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        plan("local-dev", changed, credentials=credentials)
    return list(raised.value.problems)


def test_every_credential_that_is_missing_is_told_at_once_with_the_setting_that_needs_it():
    found = problems(NEEDED, {})

    assert [problem.partition(": ")[0] for problem in found] == [
        "groundwork:slackWebhook",
        "groundwork:smtp",
        "groundwork:remoteWritePassword",
        "groundwork:oidcClientSecret",
        "groundwork:traceStorePassword",
    ]
    assert found[2] == (
        "groundwork:remoteWritePassword: missing, and metrics.remote_write.username needs it: "
        "pulumi config set --secret groundwork:remoteWritePassword ..."
    )


def test_what_is_no_address_is_told_without_showing_it():
    keys = ("slackWebhook", "alertWebhook", "heartbeat", "smtp")

    found = problems({}, {f"groundwork:{key}": "hunter2" for key in keys})

    assert [problem.partition(": ")[0] for problem in found] == [f"groundwork:{key}" for key in keys]
    assert "hunter2" not in str(found)
