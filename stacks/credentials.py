"""Credentials of services outside the platform. Each is optional, and a secret of the stack's configuration.

    pulumi config set --secret groundwork:slackWebhook https://hooks.slack.com/services/...
    pulumi config set --secret groundwork:pagerdutyKey ...
    pulumi config set --secret groundwork:smtp 'smtp://user:password@smtp.example.com:587?from=a@example.com&to=b@example.com'
    pulumi config set --secret groundwork:alertWebhook https://hooks.example.com/alerts
    pulumi config set --secret groundwork:heartbeat https://heartbeats.example.com/...
    pulumi config set --secret groundwork:remoteWritePassword ...
    pulumi config set --secret groundwork:oidcClientSecret ...
    pulumi config set --secret groundwork:traceStorePassword ...

They are never part of the settings object, so nothing that shows settings can show them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import pulumi

from stacks.problems import SettingsError
from stacks.settings import Stack

CHANNEL_KEYS = {"slack": "slackWebhook", "pagerduty": "pagerdutyKey", "email": "smtp", "webhook": "alertWebhook"}
"""The credential of each channel that alerts are told on."""

SMTP_FORM = "smtp://user:password@host:port?from=address&to=address"


@dataclass(frozen=True, kw_only=True)
class AlertCredentials:
    """Where alerts are sent. What is not set is absent: no receiver is made for it."""

    slack_webhook: pulumi.Output[str] | None = None
    """URL of an incoming webhook of Slack; the channel belongs to it."""

    pagerduty_key: pulumi.Output[str] | None = None
    """Integration key of a PagerDuty service (Events API v2)."""

    smtp: pulumi.Output[str] | None = None
    """`smtp://user:password@host:port?from=address&to=address`: the server, its credentials, and both addresses."""

    webhook: pulumi.Output[str] | None = None
    """URL that takes Alertmanager's own JSON: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"""

    heartbeat: pulumi.Output[str] | None = None
    """URL of a watcher outside that raises an alarm once it hears nothing more: the dead man's switch's other end."""

    ports: Sequence[int] = ()
    """Ports at which all of them answer: no secret, and what the network has to leave open."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Every credential of the stack."""

    alerts: AlertCredentials = AlertCredentials()

    remote_write_password: pulumi.Output[str] | None = None
    """Password of `metrics.remote_write.username`, or a token where no user is named."""

    oidc_client_secret: pulumi.Output[str] | None = None
    """Secret of the client `monitoring.oidc.client_id`."""

    trace_store_password: pulumi.Output[str] | None = None
    """Password of `traces.store.username`."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """A server that takes mail in, and who writes to whom through it."""

    smarthost: str
    """`host:port`; port 587 where none is given."""

    sender: str
    recipient: str
    username: str | None
    password: str | None


def mail_server(url: str) -> MailServer:
    """What an `smtp` credential says. Raises `ValueError`, without showing the URL, where a part is missing."""
    try:
        parts = urlsplit(url)
        port = parts.port or 587
    except ValueError:
        # The original message shows what is taken for the port, or for the host: it may be a part of the password.
        raise ValueError(f"not of the form {SMTP_FORM}; is the password percent-encoded?") from None
    addresses = parse_qs(parts.query)
    if parts.scheme != "smtp" or not parts.hostname or not {"from", "to"} <= set(addresses):
        raise ValueError(f"not of the form {SMTP_FORM}")
    return MailServer(
        smarthost=f"{parts.hostname}:{port}",
        sender=addresses["from"][0],
        recipient=addresses["to"][0],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def load_credentials(stack: Stack) -> Credentials:
    """The credentials that are set for the stack that is being run.

    Raises `SettingsError`, without showing a value, with each that is not of its form or is missing beside its setting.
    """
    config = pulumi.Config()
    problems = [*_malformed(config), *_missing(config, stack)]
    if problems:
        raise SettingsError(problems, "configuration")
    return Credentials(
        alerts=AlertCredentials(
            slack_webhook=config.get_secret("slackWebhook"),
            pagerduty_key=config.get_secret("pagerdutyKey"),
            smtp=config.get_secret("smtp"),
            webhook=config.get_secret("alertWebhook"),
            heartbeat=config.get_secret("heartbeat"),
            ports=_alert_ports(config),
        ),
        remote_write_password=config.get_secret("remoteWritePassword"),
        oidc_client_secret=config.get_secret("oidcClientSecret"),
        trace_store_password=config.get_secret("traceStorePassword"),
    )


def _alert_ports(config: pulumi.Config) -> list[int]:
    addresses = [urlsplit(url) for key in ("slackWebhook", "alertWebhook", "heartbeat") if (url := config.get(key))]
    ports = {parts.port or (80 if parts.scheme == "http" else 443) for parts in addresses}
    if config.get("pagerdutyKey"):
        ports.add(443)
    if smtp := config.get("smtp"):
        ports.add(int(mail_server(smtp).smarthost.rpartition(":")[2]))
    return sorted(ports)


def _malformed(config: pulumi.Config) -> list[str]:
    problems: list[str] = []
    for key in ("slackWebhook", "alertWebhook", "heartbeat"):
        value = config.get(key)
        if value is not None and not re.match(r"https?://[^\s/?#]", value):
            problems.append(f"groundwork:{key}: expected an https:// address")
    smtp = config.get("smtp")
    if smtp is not None:
        try:
            mail_server(smtp)
        except ValueError as error:
            problems.append(f"groundwork:smtp: {error}")
    return problems


def _missing(config: pulumi.Config, stack: Stack) -> list[str]:
    """Credentials that a setting needs."""
    remote_write, store = stack.metrics.remote_write, stack.traces.store
    routed = {channel for route in stack.alerts.routes for channel in route.channels}
    needed: dict[str, str | None] = {
        **{key: "alerts.routes" if channel in routed else None for channel, key in CHANNEL_KEYS.items()},
        "remoteWritePassword": "metrics.remote_write.username" if remote_write and remote_write.username else None,
        "oidcClientSecret": "monitoring.oidc" if stack.monitoring.oidc else None,
        "traceStorePassword": "traces.store.username" if store and store.username else None,
    }
    return [
        f"groundwork:{key}: missing, and {setting} needs it: pulumi config set --secret groundwork:{key} ..."
        for key, setting in needed.items()
        if setting is not None and config.get(key) is None
    ]
