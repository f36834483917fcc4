"""Connections of traces: the collector, what samples, Jaeger, the operator that puts agents into services."""

from components.namespaces import TRACING
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.addresses import JAEGER as JAEGER_RELEASE
from components.platform.addresses import OTEL_COLLECTOR
from components.platform.connections.logs import GATEWAY_PORT, LOKI_GATEWAY
from components.platform.connections.metrics import GRAFANA, PROMETHEUS_PORT
from components.platform.connections.situation import PROMETHEUS, Situation, port_of, scraped
from components.platform.otel_collector import SAMPLER as SAMPLER_RELEASE
from components.platform.otel_operator import RELEASE as OPERATOR_RELEASE

OTLP_PORTS = (4317, 4318)
"""OTLP over gRPC and over HTTP."""

TELEMETRY_PORT, QUERY_PORT = 8888, 16686


def _of(name: str) -> Pods:
    return Pods(name=name, namespace=TRACING, labels={"app.kubernetes.io/instance": name})


COLLECTOR, SAMPLER, JAEGER = _of(OTEL_COLLECTOR), _of(SAMPLER_RELEASE), _of(JAEGER_RELEASE)
OPERATOR = _of(OPERATOR_RELEASE)


def traces_connections(situation: Situation) -> list[Connection]:
    """Between a span and a person who looks at its trace. Services have their own way to the collector."""
    sampled = situation.stack.high_availability
    judges = SAMPLER if sampled else COLLECTOR
    grpc = tcp(OTLP_PORTS[0])
    return [
        *scraped(COLLECTOR, TELEMETRY_PORT),
        *(scraped(SAMPLER, TELEMETRY_PORT) if sampled else []),
        *scraped(JAEGER, TELEMETRY_PORT),
        *scraped(OPERATOR, 8443),
        *connect(COLLECTOR, Place.API_SERVER, why="names the pods that send"),
        *connect(COLLECTOR, PROMETHEUS, tcp(PROMETHEUS_PORT), why="metrics"),
        *connect(COLLECTOR, LOKI_GATEWAY, tcp(GATEWAY_PORT), why="logs"),
        *(connect(COLLECTOR, SAMPLER, grpc, why="spans") if sampled else []),
        *connect(judges, JAEGER, grpc, why="traces that are kept"),
        *connect(GRAFANA, JAEGER, tcp(QUERY_PORT), why="queries"),
        *_store(situation),
        *connect(OPERATOR, Place.API_SERVER, why="looks after its objects"),
        *connect(Place.ANYBODY, OPERATOR, tcp(9443), why="webhook"),
    ]


def _store(situation: Situation) -> list[Connection]:
    store = situation.stack.traces.store
    if store is None:
        return []
    ports = sorted({port_of(endpoint) for endpoint in store.endpoints})
    return connect(JAEGER, Place.OUTSIDE, tcp(*ports), why="store of traces")
