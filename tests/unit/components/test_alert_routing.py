"""Alertmanager's configuration, by the credentials that are there."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.platform.alert_routing import AlertRouting, AlertRoutingArgs, email, routing
from tests.mock_engine import Deployed
from tests.unit.components.test_component_contract import Prerequisite

SMTP = "smtp://alerts:p%40ss@smtp.example.com:2525?from=a@example.com&to=b@example.com"


def receivers(credentials: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {receiver["name"]: receiver for receiver in routing(credentials)["receivers"]}


def test_without_credentials_alerts_go_nowhere_and_alertmanager_starts():
    assert routing({})["receivers"] == [{"name": "null"}, {"name": "default"}]
    assert routing({})["route"]["receiver"] == "default"


def test_every_receiver_that_a_route_names_exists():
    everything = routing({"slack": "https://hooks.slack.example/x", "pagerduty": "key", "smtp": SMTP})
    named = {everything["route"]["receiver"], *(route["receiver"] for route in everything["route"]["routes"])}

    assert named <= {receiver["name"] for receiver in everything["receivers"]}


def test_critical_alerts_reach_pagerduty_and_the_others_as_well():
    routes = routing({"pagerduty": "key", "slack": "https://hooks.slack.example/x"})["route"]["routes"]

    assert routes[1:] == [
        {"matchers": ['severity = "critical"'], "receiver": "pagerduty", "continue": True},
        {"receiver": "default"},
    ]


def test_a_receiver_that_is_not_configured_is_absent():
    assert set(receivers({"slack": "https://hooks.slack.example/x"})) == {"null", "default"}
    assert "email_configs" not in receivers({"slack": "https://hooks.slack.example/x"})["default"]


def test_a_mail_server_is_read_from_its_url():
    assert email(SMTP) == {
        "smarthost": "smtp.example.com:2525",
        "from": "a@example.com",
        "to": "b@example.com",
        "send_resolved": True,
        "auth_username": "alerts",
        "auth_password": "p@ss",
    }


@pytest.mark.parametrize("url", ["", "smtp.example.com", "smtp://host?from=a@example.com", "https://h?from=a&to=b"])
def test_a_wrong_mail_server_is_told_without_showing_it(url: str):
    with pytest.raises(ValueError, match="not of the form smtp://user:password@host:port") as raised:
        email(url)

    assert not url or url not in str(raised.value)


def test_credentials_reach_alertmanager_through_a_secret_only(deploy: Callable[..., Deployed]):
    def program() -> None:
        webhook = pulumi.Output.secret("https://hooks.slack.example/secret")
        AlertRouting("routing", AlertRoutingArgs(namespace=Prerequisite("namespace"), slack_webhook=webhook))

    secret = deploy(program).only("kubernetes:core/v1:Secret")

    configuration = json.loads(secret.inputs["stringData"]["alertmanager.yaml"])
    assert configuration["receivers"][1]["slack_configs"][0]["api_url"] == "https://hooks.slack.example/secret"
