"""Credentials of services outside the platform. Each is optional, and a secret of the stack's configuration.

    pulumi config set --secret groundwork:slackWebhook https://hooks.slack.com/services/...
    pulumi config set --secret groundwork:pagerdutyKey ...
    pulumi config set --secret groundwork:smtp 'smtp://user:password@smtp.example.com:587?from=a@example.com&to=b@example.com'

They are never part of the settings object, so nothing that shows settings can show them.
"""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class AlertCredentials:
    """Where alerts are sent. What is not set is absent: no receiver is made for it."""

    slack_webhook: pulumi.Output[str] | None = None
    """URL of an incoming webhook of Slack; the channel belongs to it."""

    pagerduty_key: pulumi.Output[str] | None = None
    """Integration key of a PagerDuty service (Events API v2)."""

    smtp: pulumi.Output[str] | None = None
    """`smtp://user:password@host:port?from=address&to=address`: the server, its credentials, and both addresses."""


def load_alert_credentials() -> AlertCredentials:
    """The credentials that are set for the stack that is being run."""
    config = pulumi.Config()
    return AlertCredentials(
        slack_webhook=config.get_secret("slackWebhook"),
        pagerduty_key=config.get_secret("pagerdutyKey"),
        smtp=config.get_secret("smtp"),
    )
