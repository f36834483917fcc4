"""Where alerts go: Alertmanager's configuration, and the credentials of its receivers in a Secret of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components.namespaces import MONITORING
from components.platform.alert_inhibitions import inhibit_rules
from components.platform.alert_messages import FILE, MOUNTED, message_templates
from components.platform.alert_mute_windows import mute_names, time_intervals
from components.platform.alert_receivers import CREDENTIALS, FILES, HEARTBEAT, NOBODY, Receivers, receiver_list
from stacks.credentials import mail_server
from stacks.observability import AlertRoute, Channel, Mute

SECRET: Final = "alertmanager-routing"

GROUP_BY: Final = ("alertname", "namespace", "service")
"""One message for each of these, however many pods or nodes have the problem."""

CHANNELS: Final[Mapping[str, tuple[Channel, ...]]] = {
    "critical": ("pagerduty", "slack", "email", "webhook"),
    "warning": ("slack", "email", "webhook"),
    "info": ("slack", "webhook"),
}
"""The channels of each severity. Where none of them is configured, whatever is configured stands in: better a page for
a warning than silence."""

ABOUT_TELLING: Final = (
    'component = "monitoring"',
    'severity = "warning"',
    'alertname =~ "Alertmanager.+|PrometheusNotifications.+"',
)
"""Warnings that alerts may not arrive."""

TIMING: Final[Mapping[str, Mapping[str, str]]] = {
    "critical": {"group_wait": "10s", "group_interval": "2m", "repeat_interval": "1h"},
    "warning": {"group_wait": "1m", "group_interval": "5m", "repeat_interval": "12h"},
    "info": {"group_wait": "5m", "group_interval": "30m", "repeat_interval": "24h"},
}
"""How long a first message waits for more of its group, how soon it is followed by what joins the group, and how
often it is said again."""


@dataclass(frozen=True, kw_only=True)
class AlertRoutingArgs:
    namespace: pulumi.Resource
    """The namespace that Alertmanager runs in: `monitoring`."""

    routes: Sequence[AlertRoute] = ()
    """Components whose alerts go to other channels than those of their severity."""

    mute: Sequence[Mute] = ()
    """Windows in which alerts of some severities are told to nobody."""

    slack_webhook: pulumi.Input[str] | None = None
    """URL of an incoming webhook of Slack."""

    pagerduty_key: pulumi.Input[str] | None = None
    """Integration key of a PagerDuty service (Events API v2)."""

    smtp: pulumi.Input[str] | None = None
    """`smtp://user:password@host:port?from=address&to=address`."""

    webhook: pulumi.Input[str] | None = None
    """URL that takes Alertmanager's own JSON."""

    heartbeat: pulumi.Input[str] | None = None
    """URL of the watcher that raises an alarm once the dead man's switch falls silent."""


class AlertRouting(pulumi.ComponentResource):
    """Sends alerts to Slack, e-mail, PagerDuty and a webhook, as far as they are configured."""

    secret_name: pulumi.Output[str]
    """Name of the Secret with the keys `alertmanager.yaml` and `groundwork.tmpl`. No credential is in it."""

    credentials_name: pulumi.Output[str]
    """Name of the Secret with the credentials, to be mounted under `/etc/alertmanager/secrets`."""

    def __init__(self, name: str, args: AlertRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AlertRouting", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        self.credentials = kubernetes.core.v1.Secret(
            f"{name}-credentials",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=CREDENTIALS, namespace=MONITORING),
            string_data=credential_files(args),
            opts=child,
        )
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-configuration",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=MONITORING),
            string_data={"alertmanager.yaml": configuration(args), FILE: message_templates()},
            opts=child,
        )

        self.secret_name = pulumi.Output.from_input(SECRET)
        self.credentials_name = pulumi.Output.from_input(CREDENTIALS)
        self.register_outputs({"secret_name": self.secret_name, "credentials_name": self.credentials_name})


def credential_files(args: AlertRoutingArgs) -> dict[str, pulumi.Input[str]]:
    """The files that the configuration names, one for each credential that there is."""
    password = None if args.smtp is None else pulumi.Output.from_input(args.smtp).apply(_password)
    credentials: dict[str, pulumi.Input[str] | None] = {
        "slack": args.slack_webhook,
        "email": password,
        "pagerduty": args.pagerduty_key,
        "webhook": args.webhook,
        "heartbeat": args.heartbeat,
    }
    return {
        FILES[receiver]: pulumi.Output.secret(value) for receiver, value in credentials.items() if value is not None
    }


def configuration(args: AlertRoutingArgs) -> pulumi.Input[str]:
    """`alertmanager.yaml`. What it has of the `smtp` credential are the server, its user and both addresses."""

    def written(smtp: str | None) -> str:
        receivers = Receivers(
            slack=args.slack_webhook is not None,
            pagerduty=args.pagerduty_key is not None,
            webhook=args.webhook is not None,
            heartbeat=args.heartbeat is not None,
            email=None if smtp is None else mail_server(smtp),
        )
        return yaml.safe_dump(routing(receivers, args.mute, args.routes), sort_keys=False, width=120)

    if args.smtp is None:
        return written(None)
    return pulumi.Output.unsecret(pulumi.Output.from_input(args.smtp).apply(written))


SEVERITIES: Final[Mapping[str, Sequence[str]]] = {
    "critical": ['severity = "critical"'],
    "info": ['severity = "info"'],
    # And whatever comes without a severity of ours: told, not lost.
    "warning": ['severity !~ "critical|info"'],
}
"""Matchers of each severity."""


def routing(receivers: Receivers, mute: Sequence[Mute] = (), routes: Sequence[AlertRoute] = ()) -> dict[str, Any]:
    """Alertmanager's configuration, for the receivers that there are."""
    watchdog = {"group_wait": "0s", "group_interval": "1m", "repeat_interval": "1m"}
    return {
        "route": {
            "receiver": NOBODY,
            "group_by": list(GROUP_BY),
            "routes": [
                {
                    # Always fires. It is for the watcher outside, which hears when it stops.
                    "matchers": ['alertname = "Watchdog"'],
                    "receiver": HEARTBEAT if receivers.heartbeat else NOBODY,
                    **watchdog,
                },
                # Rules that only serve to hush others.
                {"matchers": ['severity = "none"'], "receiver": NOBODY},
                # Any one channel may be the thing that fails: alerts about telling are told on all of them.
                _route("warning", ABOUT_TELLING, receivers.channels, mute),
                *component_routes(receivers, mute, routes),
                *(
                    _route(severity, matchers, channels(severity, receivers), mute)
                    for severity, matchers in SEVERITIES.items()
                ),
            ],
        },
        "receivers": receiver_list(receivers),
        "inhibit_rules": inhibit_rules(),
        **({"time_intervals": time_intervals(mute)} if mute else {}),
        "templates": [MOUNTED],
    }


def component_routes(
    receivers: Receivers, mute: Sequence[Mute], routes: Sequence[AlertRoute]
) -> Iterator[dict[str, Any]]:
    """What comes before the routes of severities, because it is about a component that has channels of its own."""
    for route in routes:
        told: tuple[Channel, ...] = tuple(channel for channel in receivers.channels if channel in route.channels)
        for severity in route.severities:
            matchers = [f'component =~ "{"|".join(route.components)}"', *SEVERITIES[severity]]
            yield _route(severity, matchers, told or channels(severity, receivers), mute)


def channels(severity: str, receivers: Receivers) -> tuple[Channel, ...]:
    """The ways in which alerts of a severity reach people."""
    there = receivers.channels
    return tuple(channel for channel in there if channel in CHANNELS[severity]) or there


def _route(severity: str, matchers: Sequence[str], told: Sequence[Channel], mute: Sequence[Mute]) -> dict[str, Any]:
    """A route with one child for each channel. Children do not inherit mute windows, so each has its own."""
    muted = mute_names(mute, severity)
    windows = {"mute_time_intervals": muted} if muted else {}
    leaves = [{"receiver": channel, "continue": True, **windows} for channel in told]
    return {
        "matchers": list(matchers),
        "receiver": NOBODY,
        **TIMING[severity],
        **({"routes": leaves} if leaves else {}),
    }


def _password(smtp: str) -> str:
    """The password of an `smtp` credential, empty where the server wants none."""
    return mail_server(smtp).password or ""
