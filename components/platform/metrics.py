"""Metrics and what is made of them: Prometheus, its rules, where alerts go, and Grafana with its dashboards."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.namespaces import MONITORING
from components.platform.alert_routing import AlertRouting, AlertRoutingArgs
from components.platform.alert_rules import AlertRules, AlertRulesArgs
from components.platform.base import Base
from components.platform.dashboards import Dashboards, DashboardsArgs
from components.platform.data_sources import data_sources
from components.platform.grafana import GrafanaAdmin, GrafanaAdminArgs, grafana_values
from components.platform.prometheus import Prometheus, PrometheusArgs
from components.platform.remote_write import LongTermStore, LongTermStoreArgs
from stacks.credentials import AlertCredentials, Credentials


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What the rest of the platform needs of it."""

    admin: GrafanaAdmin
    """The administrator of the monitoring host."""

    prometheus: Prometheus


def build_metrics(base: Base, credentials: Credentials, teams: Mapping[str, str]) -> Metrics:
    """Registers everything between a scraped sample and a person who looks at it."""
    namespace = base.namespaces[MONITORING]
    build_alerts(base, teams)
    Dashboards("dashboards", DashboardsArgs(namespace=namespace), base.opts)
    admin = GrafanaAdmin("grafana-admin", GrafanaAdminArgs(namespace=namespace), base.opts)
    settings = base.stack.metrics
    prometheus = Prometheus(
        "prometheus",
        PrometheusArgs(
            host=base.host,
            retention_days=settings.retention_days,
            storage_gib=settings.storage_gib,
            high_availability=base.stack.high_availability,
            external_labels=base.labels,
            capabilities=base.capabilities,
            grafana=grafana_values(
                admin.secret_name,
                data_sources(),
                base.capabilities.storage_class,
                host=base.host,
                oidc=base.stack.monitoring.oidc,
            ),
            secrets=[admin.secret],
            alert_routing=_routing(base, credentials.alerts),
            long_term_store=_long_term_store(base, credentials),
            namespace=namespace,
            crds=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    return Metrics(admin=admin, prometheus=prometheus)


def build_alerts(base: Base, teams: Mapping[str, str]) -> None:
    """Registers the rules. They need no node."""
    args = AlertRulesArgs(
        capabilities=base.capabilities,
        stack=base.labels,
        teams=teams,
        runbooks=base.stack.alerts.runbooks,
        namespace=base.namespaces[MONITORING],
        crds=base.crds,
    )
    AlertRules("alert-rules", args, base.opts)


def _routing(base: Base, credentials: AlertCredentials) -> AlertRouting:
    args = AlertRoutingArgs(
        namespace=base.namespaces[MONITORING],
        routes=base.stack.alerts.routes,
        mute=base.stack.alerts.mute,
        slack_webhook=credentials.slack_webhook,
        pagerduty_key=credentials.pagerduty_key,
        smtp=credentials.smtp,
        webhook=credentials.webhook,
        heartbeat=credentials.heartbeat,
    )
    return AlertRouting("alert-routing", args, base.opts)


def _long_term_store(base: Base, credentials: Credentials) -> LongTermStore | None:
    target = base.stack.metrics.remote_write
    if target is None:
        return None
    args = LongTermStoreArgs(
        target=target, password=credentials.remote_write_password, namespace=base.namespaces[MONITORING]
    )
    return LongTermStore("long-term-metrics", args, base.opts)
