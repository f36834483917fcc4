"""Credentials of services outside the platform. Each is optional, and a secret of the stack's configuration.

    pulumi config set --secret groundwork:slackWebhook https://hooks.slack.com/services/...
    pulumi config set --secret groundwork:pagerdutyKey ...
    pulumi config set --secret groundwork:smtp 'smtp://user:password@smtp.example.com:587?from=a@example.com&to=b@example.com'

They are never part of the settings object, so nothing that shows settings can show them.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import pulumi

from stacks.problems import SettingsError

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
    parts = urlsplit(url)
    addresses = parse_qs(parts.query)
    if parts.scheme != "smtp" or not parts.hostname or not {"from", "to"} <= set(addresses):
        raise ValueError(f"not of the form {SMTP_FORM}")
    return MailServer(
        smarthost=f"{parts.hostname}:{parts.port or 587}",
        sender=addresses["from"][0],
        recipient=addresses["to"][0],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def load_alert_credentials() -> AlertCredentials:
    """The credentials that are set for the stack that is being run.

    Raises `SettingsError`, without showing the value, where one is not of its form.
    """
    config = pulumi.Config()
    smtp = config.get("smtp")
    if smtp is not None:
        try:
            mail_server(smtp)
        except ValueError as error:
            raise SettingsError([f"groundwork:smtp: {error}"], "configuration") from None
    return AlertCredentials(
        slack_webhook=config.get_secret("slackWebhook"),
        pagerduty_key=config.get_secret("pagerdutyKey"),
        smtp=config.get_secret("smtp"),
    )
