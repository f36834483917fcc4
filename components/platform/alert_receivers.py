"""Who is told of an alert: Alertmanager's receivers, with the files that hold their credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stacks.credentials import MailServer
from stacks.observability import Channel

CREDENTIALS: Final = "alertmanager-credentials"
"""Name of the Secret that holds one file for each credential."""

MOUNTED: Final = f"/etc/alertmanager/secrets/{CREDENTIALS}"
"""Where the operator mounts it: https://prometheus-operator.dev/docs/api-reference/api/ (AlertmanagerSpec.secrets)."""

FILES: Final[Mapping[str, str]] = {
    "slack": "slack-webhook",
    "email": "smtp-password",
    "pagerduty": "pagerduty-key",
    "webhook": "alert-webhook",
    "heartbeat": "heartbeat",
}
"""Key of the Secret, and name of the file, by receiver."""

NOBODY: Final = "null"
"""The receiver that tells nobody. Alertmanager wants one for every route."""

HEARTBEAT: Final = "heartbeat"
"""The receiver of the dead man's switch: a watcher outside, not a person."""


@dataclass(frozen=True, kw_only=True)
class Receivers:
    """Which receivers there are. Those whose credentials are not configured are absent."""

    slack: bool = False
    pagerduty: bool = False
    webhook: bool = False
    heartbeat: bool = False
    email: MailServer | None = None
    """The server that takes mail in, and both addresses; its password is in a file."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The ways to reach people, the loudest first."""
        there: dict[Channel, bool] = {
            "pagerduty": self.pagerduty,
            "slack": self.slack,
            "email": self.email is not None,
            "webhook": self.webhook,
        }
        return tuple(channel for channel, configured in there.items() if configured)


def receiver_list(receivers: Receivers) -> list[dict[str, Any]]:
    """Alertmanager's `receivers`."""
    found: list[dict[str, Any]] = [{"name": NOBODY}]
    if receivers.heartbeat:
        found.append({"name": HEARTBEAT, "webhook_configs": [webhook("heartbeat", resolved=False)]})
    if receivers.pagerduty:
        found.append({"name": "pagerduty", "pagerduty_configs": [pagerduty()]})
    if receivers.slack:
        found.append({"name": "slack", "slack_configs": [slack()]})
    if receivers.email is not None:
        found.append({"name": "email", "email_configs": [email(receivers.email)]})
    if receivers.webhook:
        found.append({"name": "webhook", "webhook_configs": [webhook("webhook", resolved=True)]})
    return found


def credential_file(receiver: str) -> str:
    """Where Alertmanager reads a credential, each time that it sends: a new one needs no restart."""
    return f"{MOUNTED}/{FILES[receiver]}"


def slack() -> dict[str, Any]:
    """A message in the channel that the webhook belongs to, with links as buttons."""
    return {
        "api_url_file": credential_file("slack"),
        "send_resolved": True,
        "color": '{{ template "groundwork.color" . }}',
        "title": '{{ template "groundwork.title" . }}',
        "title_link": '{{ template "groundwork.alerts" . }}',
        "text": '{{ template "groundwork.text" . }}',
        "fallback": '{{ template "groundwork.title" . }}',
        "footer": "",
        "actions": [
            {"type": "button", "text": "Runbook", "url": '{{ template "groundwork.runbook" . }}'},
            {"type": "button", "text": "Dashboard", "url": '{{ template "groundwork.dashboard" . }}'},
            {"type": "button", "text": "Silence", "url": '{{ template "groundwork.silence" . }}'},
        ],
    }


def pagerduty() -> dict[str, Any]:
    """An incident. PagerDuty's own severities are critical, error, warning and info."""
    return {
        "routing_key_file": credential_file("pagerduty"),
        "send_resolved": True,
        "severity": '{{ template "groundwork.severity" . }}',
        "description": '{{ template "groundwork.title" . }}',
        "client": "Alertmanager",
        "client_url": '{{ template "groundwork.alerts" . }}',
        "component": "{{ .CommonLabels.component }}",
        "group": "{{ .CommonLabels.team }}",
        "details": {
            "alerts": '{{ template "groundwork.text" . }}',
            "firing": "{{ .Alerts.Firing | len }}",
            "resolved": "{{ .Alerts.Resolved | len }}",
        },
        "links": [
            {"text": "Runbook", "href": '{{ template "groundwork.runbook" . }}'},
            {"text": "Dashboard", "href": '{{ template "groundwork.dashboard" . }}'},
            {"text": "Silence", "href": '{{ template "groundwork.silence" . }}'},
        ],
    }


def email(server: MailServer) -> dict[str, Any]:
    """A mail as plain text, through the server of an `smtp` credential."""
    password = {} if server.password is None else {"auth_password_file": credential_file("email")}
    return {
        "smarthost": server.smarthost,
        "from": server.sender,
        "to": server.recipient,
        **({} if server.username is None else {"auth_username": server.username}),
        **password,
        "send_resolved": True,
        "headers": {"Subject": '{{ template "groundwork.title" . }}'},
        "html": "",
        "text": '{{ template "groundwork.mail" . }}',
    }


def webhook(receiver: str, *, resolved: bool) -> dict[str, Any]:
    """A POST of Alertmanager's own JSON."""
    return {"url_file": credential_file(receiver), "send_resolved": resolved}
