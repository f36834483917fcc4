"""Alertmanager's configuration, by the credentials that are there: who is told of which alert."""

import itertools
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pulumi
import pytest
import yaml

from components.platform.alert_receivers import Receivers, email
from components.platform.alert_routing import AlertRouting, AlertRoutingArgs, routing
from stacks.credentials import SMTP_FORM, mail_server
from stacks.observability import AlertRoute, Component, Mute
from tests.mock_engine import Deployed
from tests.programs import program
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.platform.test_alert_inhibitions import alerts

SMTP = "smtp://alerts:p%40ss@smtp.example.com:2525?from=a@example.com&to=b@example.com"
EVERYTHING = Receivers(slack=True, pagerduty=True, webhook=True, heartbeat=True, email=mail_server(SMTP))
NOTHING = Receivers()

NIGHTS = Mute(name="nights", days=("friday", "sunday"), start="22:00", end="06:00", timezone="Europe/Madrid")
SUNDAYS = Mute(name="sundays", days=("sunday",), severities=("info",))

LOOKED_AT = ("severity", "component")

ROUTES = {
    "Watchdog": {"severity": "none", "component": "monitoring"},
    "critical": {"severity": "critical", "component": "application"},
    "warning": {"severity": "warning", "component": "application"},
    "info": {"severity": "info", "component": "nodes"},
    "none": {"severity": "none"},
    "without severity": {},
    "critical of monitoring": {"severity": "critical", "component": "monitoring"},
    "warning of monitoring": {"severity": "warning", "component": "monitoring"},
    "info of monitoring": {"severity": "info", "component": "monitoring"},
    "AlertmanagerMembersMissing": {"severity": "warning", "component": "monitoring"},
}

REACHED = [
    (
        EVERYTHING,
        {
            "Watchdog": "heartbeat",
            "critical": "pagerduty,slack,email,webhook",
            "warning": "slack,email,webhook",
            "info": "slack,webhook",
            "none": "null",
            "without severity": "slack,email,webhook",
            "critical of monitoring": "pagerduty,slack,email,webhook",
            "warning of monitoring": "slack,email,webhook",
            "info of monitoring": "slack,webhook",
            "AlertmanagerMembersMissing": "pagerduty,slack,email,webhook",
        },
    ),
    (
        Receivers(slack=True, pagerduty=True),
        {
            "Watchdog": "null",
            "critical": "pagerduty,slack",
            "warning": "slack",
            "info": "slack",
            "none": "null",
            "without severity": "slack",
            "critical of monitoring": "pagerduty,slack",
            "warning of monitoring": "slack",
            "info of monitoring": "slack",
            "AlertmanagerMembersMissing": "pagerduty,slack",
        },
    ),
    (Receivers(email=mail_server(SMTP)), dict.fromkeys(ROUTES, "email") | {"Watchdog": "null", "none": "null"}),
    (Receivers(pagerduty=True), dict.fromkeys(ROUTES, "pagerduty") | {"Watchdog": "null", "none": "null"}),
    (
        Receivers(webhook=True, heartbeat=True),
        dict.fromkeys(ROUTES, "webhook") | {"Watchdog": "heartbeat", "none": "null"},
    ),
    (NOTHING, dict.fromkeys(ROUTES, "null")),
]


def amtool(*arguments: str) -> str:
    """What amtool says."""
    done = subprocess.run([program("amtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def written(folder: Path, name: str, configuration: dict[str, Any]) -> str:
    """A file with a configuration."""
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(configuration))
    return str(file)


def sets_of_receivers() -> Iterator[Receivers]:
    """Each set of receivers that can be configured."""
    for slack, pagerduty, webhook, heartbeat, mail in itertools.product((False, True), repeat=5):
        yield Receivers(
            slack=slack,
            pagerduty=pagerduty,
            webhook=webhook,
            heartbeat=heartbeat,
            email=mail_server(SMTP) if mail else None,
        )


@pytest.mark.parametrize(("receivers", "reached"), REACHED)
def test_alerts_reach_the_receivers_of_their_severity(tmp_path: Path, receivers: Receivers, reached: dict[str, str]):
    file = written(tmp_path, "alertmanager", routing(receivers))

    def told(case: str) -> str:
        labels = {"alertname": case.replace(" ", ""), "namespace": "todo"} | ROUTES[case]
        pairs = [f"{name}={value}" for name, value in labels.items()]
        return amtool("config", "routes", "test", f"--config.file={file}", *pairs)

    assert {case: told(case) for case in ROUTES} == reached


@pytest.mark.parametrize(
    "receivers",
    [
        EVERYTHING,
        Receivers(slack=True),
        Receivers(pagerduty=True),
        Receivers(webhook=True),
        Receivers(email=mail_server(SMTP)),
    ],
)
def test_every_alert_of_the_rule_files_reaches_somebody(tmp_path: Path, receivers: Receivers):
    file = written(tmp_path, "alertmanager", routing(receivers))
    # What routes look at, and nothing else.
    seen = {
        (alert["alert"] if alert["alert"] == "Watchdog" else "Something", *map(alert["labels"].get, LOOKED_AT))
        for alert in alerts()
    }

    for name, *values in sorted(seen):
        pairs = [f"alertname={name}", *(f"{key}={value}" for key, value in zip(LOOKED_AT, values, strict=True))]
        told = amtool("config", "routes", "test", f"--config.file={file}", *pairs)
        watcher = "heartbeat" if receivers.heartbeat else "null"
        assert (told == watcher) if name == "Watchdog" else (told not in ("", "null")), pairs


def test_alertmanager_takes_the_configuration_of_every_set_of_receivers(tmp_path: Path):
    configurations = [routing(receivers, [NIGHTS, SUNDAYS]) for receivers in sets_of_receivers()]
    files = [written(tmp_path, str(number), one) for number, one in enumerate(configurations)]

    assert "FAILED" not in amtool("check-config", *files)


def test_a_receiver_that_is_not_configured_is_absent():
    for receivers in sets_of_receivers():
        names = [receiver["name"] for receiver in routing(receivers)["receivers"]]
        heartbeat = ["heartbeat"] if receivers.heartbeat else []
        assert names == ["null", *heartbeat, *receivers.channels]


def test_every_receiver_has_its_own_credential_from_a_file():
    found = {receiver["name"]: receiver for receiver in routing(EVERYTHING)["receivers"]}

    folder = "/etc/alertmanager/secrets/alertmanager-credentials"
    assert found["slack"]["slack_configs"][0]["api_url_file"] == f"{folder}/slack-webhook"
    assert found["pagerduty"]["pagerduty_configs"][0]["routing_key_file"] == f"{folder}/pagerduty-key"
    assert found["email"]["email_configs"][0]["auth_password_file"] == f"{folder}/smtp-password"
    assert found["webhook"]["webhook_configs"] == [{"url_file": f"{folder}/alert-webhook", "send_resolved": True}]
    assert found["heartbeat"]["webhook_configs"] == [{"url_file": f"{folder}/heartbeat", "send_resolved": False}]


def test_a_mail_server_without_a_login_is_asked_for_none():
    mail = email(replace(mail_server(SMTP), username=None, password=None))

    assert not {"auth_username", "auth_password", "auth_password_file"} & set(mail)
    assert (mail["smarthost"], mail["from"], mail["to"]) == ("smtp.example.com:2525", "a@example.com", "b@example.com")


@pytest.mark.parametrize("url", ["", "smtp.example.com", "smtp://host?from=a@example.com", "https://h?from=a&to=b"])
def test_a_wrong_mail_server_is_told_without_showing_it(url: str):
    with pytest.raises(ValueError, match="not of the form smtp://user:password@host:port") as raised:
        mail_server(url)

    assert not url or url not in str(raised.value)


@pytest.mark.parametrize("password", ["pa/ss", "pass\N{ACCOUNT OF}", "[pass"])
def test_a_password_that_is_not_encoded_is_not_shown_as_port_or_host(password: str):
    with pytest.raises(ValueError, match="is the password percent-encoded") as raised:
        mail_server(f"smtp://user:{password}@smtp.example.com?from=a@b.c&to=d@e.f")

    assert str(raised.value) == f"not of the form {SMTP_FORM}; is the password percent-encoded?"


def test_the_louder_the_alert_the_sooner_it_is_told_and_the_more_often():
    routes = {route["matchers"][-1]: route for route in routing(EVERYTHING)["route"]["routes"]}

    critical, info = routes['severity = "critical"'], routes['severity = "info"']
    assert (critical["group_wait"], critical["repeat_interval"]) == ("10s", "1h")
    assert (info["group_wait"], info["repeat_interval"]) == ("5m", "24h")
    assert routes['alertname = "Watchdog"']["repeat_interval"] == "1m"


def test_a_window_past_midnight_is_one_interval_on_each_side_of_it():
    (interval,) = routing(EVERYTHING, [NIGHTS])["time_intervals"]

    assert interval == {
        "name": "nights",
        "time_intervals": [
            {
                "weekdays": ["friday", "sunday"],
                "times": [{"start_time": "22:00", "end_time": "24:00"}],
                "location": "Europe/Madrid",
            },
            {
                "weekdays": ["monday", "saturday"],
                "times": [{"start_time": "00:00", "end_time": "06:00"}],
                "location": "Europe/Madrid",
            },
        ],
    }


@pytest.mark.parametrize(
    ("start", "end", "times"),
    [
        ("00:00", "24:00", [None]),
        ("09:00", "17:30", [("09:00", "17:30")]),
        ("22:00", "00:00", [("22:00", "24:00")]),
        ("00:00", "00:00", [None]),
        ("22:00", "22:00", [("22:00", "24:00"), ("00:00", "22:00")]),
    ],
)
def test_a_window_lasts_from_its_start_to_its_end(start: str, end: str, times: list[tuple[str, str] | None]):
    window = Mute.model_validate({"name": "window", "days": ("monday",), "start": start, "end": end})
    (interval,) = routing(EVERYTHING, [window])["time_intervals"]

    def of(part: dict[str, Any]) -> tuple[str, str] | None:
        return (part["times"][0]["start_time"], part["times"][0]["end_time"]) if "times" in part else None

    assert [of(part) for part in interval["time_intervals"]] == times


def test_windows_mute_their_severities_on_every_channel_and_no_other():
    routes = routing(EVERYTHING, [NIGHTS, SUNDAYS])["route"]["routes"]
    muted = {
        route["matchers"][-1]: {tuple(leaf.get("mute_time_intervals", [])) for leaf in route["routes"]}
        for route in routes
        if "routes" in route
    }

    assert muted == {
        'alertname =~ "Alertmanager.+|PrometheusNotifications.+"': {("nights",)},
        'severity = "critical"': {()},
        'severity = "info"': {("nights", "sundays")},
        'severity !~ "critical|info"': {("nights",)},
    }


def test_credentials_reach_alertmanager_through_a_secret_only(deploy: Callable[..., Deployed]):
    def program() -> None:
        secret = pulumi.Output.secret
        AlertRouting(
            "routing",
            AlertRoutingArgs(
                namespace=Prerequisite("namespace"),
                slack_webhook=secret("https://hooks.slack.example/secret"),
                pagerduty_key=secret("pagerduty-secret"),
                smtp=secret(SMTP),
                webhook=secret("https://hooks.example/secret"),
                heartbeat=secret("https://heartbeat.example/secret"),
            ),
        )

    deployed = deploy(program)

    assert deployed.named("routing-credentials").inputs["stringData"] == {
        "slack-webhook": "https://hooks.slack.example/secret",
        "smtp-password": "p@ss",
        "pagerduty-key": "pagerduty-secret",
        "alert-webhook": "https://hooks.example/secret",
        "heartbeat": "https://heartbeat.example/secret",
    }
    configuration = deployed.named("routing-configuration").inputs["stringData"]["alertmanager.yaml"]
    assert yaml.safe_load(configuration) == routing(EVERYTHING)
    assert "secret" not in configuration.replace("/etc/alertmanager/secrets/", "")
    assert "p@ss" not in configuration


def test_without_credentials_alerts_go_nowhere_and_alertmanager_starts(deploy: Callable[..., Deployed]):
    def program() -> None:
        AlertRouting("routing", AlertRoutingArgs(namespace=Prerequisite("namespace")))

    deployed = deploy(program)

    assert deployed.named("routing-credentials").inputs["stringData"] == {}
    configuration = deployed.named("routing-configuration").inputs["stringData"]["alertmanager.yaml"]
    assert yaml.safe_load(configuration)["receivers"] == [{"name": "null"}]


BY_COMPONENT = (
    AlertRoute(components=("database", "messaging"), severities=("warning", "info"), channels=("email",)),
    AlertRoute(components=("database",), channels=("webhook",)),
)


@pytest.mark.parametrize(
    ("labels", "reached"),
    [
        ({"severity": "warning", "component": "database"}, "email"),
        ({"severity": "warning", "component": "messaging"}, "email"),
        ({"severity": "critical", "component": "database"}, "webhook"),
        ({"severity": "critical", "component": "messaging"}, "pagerduty,slack,email,webhook"),
        ({"severity": "warning", "component": "nodes"}, "slack,email,webhook"),
        ({"severity": "none", "component": "database"}, "null"),
    ],
)
def test_components_may_have_channels_of_their_own(tmp_path: Path, labels: dict[str, str], reached: str):
    file = written(tmp_path, "by-component", routing(EVERYTHING, (NIGHTS,), BY_COMPONENT))

    assert amtool("check-config", file)
    told = amtool(
        "config", "routes", "test", f"--config.file={file}", *(f"{key}={text}" for key, text in labels.items())
    )
    assert told.strip() == reached


def test_a_component_whose_channel_is_not_configured_is_told_as_its_severity_is(tmp_path: Path):
    file = written(tmp_path, "missing", routing(Receivers(slack=True), (), BY_COMPONENT))

    told = amtool("config", "routes", "test", f"--config.file={file}", "severity=warning", "component=database")
    assert told.strip() == "slack"


def test_settings_know_every_component_that_alerts_are_about():
    components = {alert["labels"]["component"] for alert in alerts()}

    assert components | {"slo"} == set(get_args(Component))
