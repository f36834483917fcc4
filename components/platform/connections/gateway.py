"""Connections of the way in: clients, the gateway, who asks people for their name, and the monitoring host."""

from components.data.valkey import PORT as VALKEY_PORT
from components.namespaces import GATEWAY, MONITORING
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform import kong_listeners, oauth2_proxy, rate_counters
from components.platform.connections.metrics import (
    ALERTMANAGER,
    ALERTMANAGER_PORT,
    GRAFANA,
    GRAFANA_PORT,
    PROMETHEUS_PORT,
)
from components.platform.connections.situation import PROMETHEUS, Situation, port_of, scraped
from components.platform.connections.traces import COLLECTOR, JAEGER, OTLP_PORTS, QUERY_PORT
from components.platform.gateway_config import Gateway

CLIENT_PORTS = (kong_listeners.HTTP, kong_listeners.TLS, kong_listeners.H2C)

STATUS_PORT, COUNTERS_METRICS_PORT = 8100, 9121

KONG = Pods(
    name="kong",
    namespace=GATEWAY,
    labels={"app.kubernetes.io/name": "kong", "app.kubernetes.io/instance": "kong"},
)
COUNTERS = Pods(
    name=rate_counters.RELEASE, namespace=GATEWAY, labels={"app.kubernetes.io/instance": rate_counters.RELEASE}
)
OAUTH2_PROXY = Pods(name="oauth2-proxy", namespace=MONITORING, labels=oauth2_proxy.LABELS)


def gateway_connections(situation: Situation) -> list[Connection]:
    """Between a client and the monitoring host. Services have their own way from the gateway."""
    return [
        *connect(Place.ANYBODY, KONG, tcp(*CLIENT_PORTS), why="clients"),
        *_plugins(situation.applications.gateway),
        *scraped(KONG, STATUS_PORT),
        *_login(situation),
    ]


def _plugins(gateway: Gateway) -> list[Connection]:
    """What plugins of routes need."""
    traces = any(plugin.name == "opentelemetry" for route in gateway.all_routes for plugin in route.plugins)
    return [
        *(connect(KONG, COLLECTOR, tcp(OTLP_PORTS[1]), why="traces") if traces else []),
        *(_counters() if rate_counters.counted(gateway) else []),
    ]


def _counters() -> list[Connection]:
    return [
        *connect(KONG, COUNTERS, tcp(VALKEY_PORT), why="limits that are counted together"),
        *scraped(COUNTERS, COUNTERS_METRICS_PORT),
    ]


def _login(situation: Situation) -> list[Connection]:
    oidc = situation.stack.monitoring.oidc
    if oidc is None:
        return _shown(KONG)
    return [
        *connect(KONG, OAUTH2_PROXY, tcp(oauth2_proxy.PORT), why="monitoring host"),
        *connect(KONG, GRAFANA, tcp(GRAFANA_PORT), why="monitoring host"),
        *_shown(OAUTH2_PROXY),
        *connect(OAUTH2_PROXY, Place.OUTSIDE, tcp(port_of(oidc.issuer)), why="identity provider"),
        *scraped(OAUTH2_PROXY, oauth2_proxy.METRICS_PORT),
    ]


def _shown(by: Pods) -> list[Connection]:
    """What the monitoring host shows."""
    return [
        *connect(by, GRAFANA, tcp(GRAFANA_PORT), why="monitoring host"),
        *connect(by, PROMETHEUS, tcp(PROMETHEUS_PORT), why="monitoring host"),
        *connect(by, ALERTMANAGER, tcp(ALERTMANAGER_PORT), why="monitoring host"),
        *connect(by, JAEGER, tcp(QUERY_PORT), why="monitoring host"),
    ]
