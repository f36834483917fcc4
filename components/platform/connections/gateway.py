"""Connections of the way in: clients, the gateway, who asks people for their name, and the monitoring host."""

from components.namespaces import GATEWAY, MONITORING
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform import oauth2_proxy
from components.platform.connections.metrics import (
    ALERTMANAGER,
    ALERTMANAGER_PORT,
    GRAFANA,
    GRAFANA_PORT,
    PROMETHEUS_PORT,
)
from components.platform.connections.situation import PROMETHEUS, Situation, port_of, scraped
from components.platform.connections.traces import JAEGER, QUERY_PORT

CLIENT_PORTS, STATUS_PORT = (8000, 8443), 8100

KONG = Pods(
    name="kong",
    namespace=GATEWAY,
    labels={"app.kubernetes.io/name": "kong", "app.kubernetes.io/instance": "kong"},
)
OAUTH2_PROXY = Pods(name="oauth2-proxy", namespace=MONITORING, labels=oauth2_proxy.LABELS)


def gateway_connections(situation: Situation) -> list[Connection]:
    """Between a client and the monitoring host. Services have their own way from the gateway."""
    return [
        *connect(Place.ANYBODY, KONG, tcp(*CLIENT_PORTS), why="clients"),
        *scraped(KONG, STATUS_PORT),
        *_login(situation),
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
