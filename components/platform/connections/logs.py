"""Connections of logs: what reads them, and the parts of Loki."""

from components.contracts import LOGS_WRITER
from components.namespaces import MONITORING
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.addresses import LOKI as RELEASE
from components.platform.connections.metrics import GRAFANA
from components.platform.connections.situation import HTTPS, Situation, scraped
from components.platform.loki_config import GRPC_PORT, HTTP_PORT

GATEWAY_PORT, MEMBERS_PORT, CACHE_PORT = 8080, 7946, 11211

_NAMED = {"app.kubernetes.io/name": RELEASE, "app.kubernetes.io/instance": RELEASE}

ALLOY = Pods(name="alloy", namespace=MONITORING, labels={"app.kubernetes.io/name": "alloy"})
LOKI = Pods(
    name="loki",
    namespace=LOGS_WRITER.namespace,
    labels={**_NAMED, "app.kubernetes.io/part-of": "memberlist"},
)
"""The one process, or all parts that know each other."""

LOKI_GATEWAY = Pods(
    name="loki-gateway", namespace=LOGS_WRITER.namespace, labels={**_NAMED, "app.kubernetes.io/component": "gateway"}
)
CACHES = Pods(
    name="loki-caches",
    namespace=LOGS_WRITER.namespace,
    labels={**_NAMED, "app.kubernetes.io/component": ("memcached-chunks-cache", "memcached-results-cache")},
)


def logs_connections(situation: Situation) -> list[Connection]:
    """Between a line of a log and the answer to a query."""
    store = situation.logs
    return [
        *scraped(ALLOY, 12345),
        *scraped(LOKI, HTTP_PORT),
        *connect(ALLOY, Place.API_SERVER, why="finds pods, reads events"),
        *connect(ALLOY, LOKI_GATEWAY, tcp(GATEWAY_PORT), why="logs"),
        *connect(GRAFANA, LOKI_GATEWAY, tcp(GATEWAY_PORT), why="queries"),
        *connect(LOKI_GATEWAY, LOKI, tcp(HTTP_PORT), why="requests"),
        *connect(LOKI, LOKI, tcp(HTTP_PORT, GRPC_PORT, MEMBERS_PORT), why="the parts among each other"),
        *(connect(LOKI, CACHES, tcp(CACHE_PORT), why="cache") if situation.stack.high_availability else []),
        *(connect(LOKI, Place.OUTSIDE, tcp(HTTPS), why="object storage") if store.kind != "filesystem" else []),
        *(connect(LOKI, Place.IDENTITY, why="identity for object storage") if store.key is None else []),
    ]
