"""Connections of Consul: servers among each other, what tells them of services, and who asks."""

from components.namespaces import CONSUL
from components.network.connections import Connection, Pods, connect, tcp, udp
from components.platform.connections.operators import to_the_api
from components.platform.connections.situation import scraped
from components.platform.consul import HTTPS_PORT
from components.platform.consul_reader import JOB
from components.platform.consul_values import labels


def _part(component: str) -> Pods:
    return Pods(name=f"consul-{component}", namespace=CONSUL, labels=labels(component))


SERVERS, SYNC = _part("server"), _part("sync-catalog")

READER = Pods(name=JOB, namespace=CONSUL, labels={"app.kubernetes.io/name": JOB})

ACLS, ACLS_CLEANUP = _part("server-acl-init"), _part("server-acl-init-cleanup")
GOSSIP, TLS, TLS_CLEANUP = _part("gossip-encryption-autogenerate"), _part("tls-init"), _part("tls-init-cleanup")
"""The chart's Jobs."""

RPC_PORT, GOSSIP_PORTS, GRPC_PORT = 8300, (8301, 8302), 8502
"""https://developer.hashicorp.com/consul/docs/reference/architecture/ports"""

SYNC_METRICS_PORT = 20300


def consul_connections() -> list[Connection]:
    """Among the parts. Servers ask the API who a token of a pod is, and for the zone of their node; they gossip twice,
    the second time as they would with other datacenters.
    """
    gossip = (*tcp(RPC_PORT, *GOSSIP_PORTS), *udp(*GOSSIP_PORTS))
    told = tcp(HTTPS_PORT, GRPC_PORT)
    return [
        *connect(SERVERS, SERVERS, gossip, why="replicas among each other"),
        *connect(SYNC, SERVERS, told, why="services of the workloads"),
        *connect(ACLS, SERVERS, told, why="tokens of the parts"),
        *connect(READER, SERVERS, tcp(HTTPS_PORT), why="the token that reads"),
        *to_the_api(SERVERS, SYNC, ACLS, ACLS_CLEANUP, GOSSIP, TLS, TLS_CLEANUP),
        *scraped(SERVERS, HTTPS_PORT),
        *scraped(SYNC, SYNC_METRICS_PORT),
    ]


def catalog_connections(pods: Pods) -> list[Connection]:
    """What a sidecar in the pods asks of the servers."""
    return connect(pods, SERVERS, tcp(HTTPS_PORT), why="where services are")
