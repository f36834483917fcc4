"""Where alerts go: Alertmanager's configuration, kept in a Secret because receivers carry credentials."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from stacks.credentials import mail_server

SECRET = "alertmanager-routing"


@dataclass(frozen=True, kw_only=True)
class AlertRoutingArgs:
    namespace: pulumi.Resource
    """The namespace that Alertmanager runs in: `monitoring`."""

    slack_webhook: pulumi.Input[str] | None = None
    """URL of an incoming webhook of Slack."""

    pagerduty_key: pulumi.Input[str] | None = None
    """Integration key of a PagerDuty service (Events API v2)."""

    smtp: pulumi.Input[str] | None = None
    """`smtp://user:password@host:port?from=address&to=address`."""


class AlertRouting(pulumi.ComponentResource):
    """Sends alerts to Slack and by e-mail, critical ones to PagerDuty too: to as many of them as are configured."""

    secret_name: pulumi.Output[str]
    """Name of the Secret, with the key `alertmanager.yaml`."""

    def __init__(self, name: str, args: AlertRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AlertRouting", name, {}, opts)
        possible = {"slack": args.slack_webhook, "pagerduty": args.pagerduty_key, "smtp": args.smtp}
        configured = {receiver: value for receiver, value in possible.items() if value is not None}
        configuration = pulumi.Output.all(**configured).apply(lambda credentials: json.dumps(routing(credentials)))
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-configuration",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=MONITORING),
            string_data={"alertmanager.yaml": pulumi.Output.secret(configuration)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

        self.secret_name = pulumi.Output.from_input(SECRET)
        self.register_outputs({"secret_name": self.secret_name})


def routing(credentials: Mapping[str, str]) -> dict[str, Any]:
    """Alertmanager's configuration, for the receivers whose credentials are there."""
    default: dict[str, Any] = {"name": "default"}
    if "slack" in credentials:
        default["slack_configs"] = [{"api_url": credentials["slack"], "send_resolved": True}]
    if "smtp" in credentials:
        default["email_configs"] = [email(credentials["smtp"])]
    receivers: list[dict[str, Any]] = [{"name": "null"}, default]
    # The dead man's switch always fires: it is for a watcher outside, not for people.
    routes: list[dict[str, Any]] = [{"matchers": ['alertname = "Watchdog"'], "receiver": "null"}]
    if "pagerduty" in credentials:
        receivers.append({"name": "pagerduty", "pagerduty_configs": [{"routing_key": credentials["pagerduty"]}]})
        routes.append({"matchers": ['severity = "critical"'], "receiver": "pagerduty", "continue": True})
        routes.append({"receiver": "default"})
    return {
        "route": {"receiver": "default", "group_by": ["namespace", "alertname"], "routes": routes},
        "receivers": receivers,
        "inhibit_rules": [
            {
                "source_matchers": ['severity = "critical"'],
                "target_matchers": ['severity =~ "warning|info"'],
                "equal": ["namespace", "alertname"],
            }
        ],
    }


def email(url: str) -> dict[str, Any]:
    """An e-mail receiver from an `smtp` credential."""
    server = mail_server(url)
    login = {"auth_username": server.username, "auth_password": server.password}
    return {
        "smarthost": server.smarthost,
        "from": server.sender,
        "to": server.recipient,
        "send_resolved": True,
        **{key: value for key, value in login.items() if value is not None},
    }
