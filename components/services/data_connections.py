"""Connections of a workload's data services: with those that use them, among their own, and with their operators."""

from collections.abc import Iterator

from components.data import kafka_objects, postgres
from components.data.managed_postgres import NAMESPACE as DATABASES
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import KAFKA_OPERATOR, POSTGRES_OPERATOR
from components.platform.connections.situation import scraped
from components.services.model import WorkloadSpec

BROKER_PORTS, AGENT_PORT, EXPORTER_PORT = (9090, 9091), 8443, 9404
"""What controllers and brokers tell each other, how the operator asks a broker for its state, and metrics.
https://strimzi.io/docs/operators/latest/deploying#con-securing-external-network-access-str"""

ENTITY_PORTS = (8080, 8081)
"""Metrics of the operators of topics and of users."""

INSTANCE_STATUS_PORT, INSTANCE_METRICS_PORT = 8000, 9187


def brokers(workload: str) -> Pods:
    """The brokers of a workload."""
    return Pods(name="data.kafka", namespace=workload, labels=kafka_objects.BROKERS)


def _kafka(workload: str, part: str) -> Pods:
    """What Strimzi puts beside the brokers."""
    name = f"{kafka_objects.CLUSTER}-{part}"
    return Pods(name=f"data.kafka-{part}", namespace=workload, labels={"strimzi.io/name": name})


def instances(workload: str) -> Pods:
    """The instances of a workload's PostgreSQL in the cluster."""
    return Pods(name="data.postgres", namespace=workload, labels=postgres.INSTANCES)


def _postgres(workload: str) -> Pods:
    """The same, and the Jobs that make them."""
    return Pods(name="data.postgres-cluster", namespace=workload, labels={"cnpg.io/cluster": postgres.CLUSTER})


def kafka_connections(workload: str) -> Iterator[Connection]:
    """Of Kafka with itself and its operator. Those who publish and consume have their own."""
    nodes, entities, exporter = (
        brokers(workload),
        _kafka(workload, "entity-operator"),
        _kafka(workload, "kafka-exporter"),
    )
    yield from connect(KAFKA_OPERATOR, nodes, tcp(*BROKER_PORTS, AGENT_PORT), why="looks after the brokers")
    yield from connect(nodes, nodes, tcp(*BROKER_PORTS), why="brokers among each other")
    yield from connect(entities, nodes, tcp(BROKER_PORTS[1]), why="topics and users")
    yield from connect(entities, Place.API_SERVER, why="topics and users")
    yield from connect(exporter, nodes, tcp(BROKER_PORTS[1]), why="how far consumers are")
    yield from scraped(nodes, EXPORTER_PORT)
    yield from scraped(exporter, EXPORTER_PORT)
    yield from scraped(entities, *ENTITY_PORTS)


def to_brokers(pods: Pods) -> list[Connection]:
    """What publishes and consumes."""
    return connect(pods, brokers(pods.namespace), tcp(kafka_objects.PORT), why="messages")


def database_connections(workload: str, spec: WorkloadSpec, managed_port: int | None) -> Iterator[Connection]:
    """Of PostgreSQL with itself, its operator and the Jobs that prepare it; where the cloud runs it, of those alone."""
    if spec.components.configuration is not None:
        yield database_of(_job(workload, "configuration-table"), managed_port)
    if managed_port is not None:
        yield database_of(_job(DATABASES, f"{workload}-database"), managed_port)
        return
    served, cluster = instances(workload), _postgres(workload)
    ports = tcp(INSTANCE_STATUS_PORT, postgres.PORT)
    yield from connect(POSTGRES_OPERATOR, served, ports, why="looks after instances")
    yield from connect(cluster, served, ports, why="standbys")
    yield from connect(cluster, Place.API_SERVER, why="who is the primary")
    yield from scraped(served, INSTANCE_METRICS_PORT)


def database_of(pods: Pods, managed_port: int | None) -> Connection:
    """From a client to the database: in its own namespace, or where the cloud runs it."""
    if managed_port is None:
        return Connection(source=pods, target=instances(pods.namespace), ports=tcp(postgres.PORT), why="database")
    return Connection(source=pods, target=Place.DATABASES, ports=tcp(managed_port), why="database")


def _job(namespace: str, name: str) -> Pods:
    return Pods(name=f"job.{name}", namespace=namespace, labels={"app.kubernetes.io/name": name})
