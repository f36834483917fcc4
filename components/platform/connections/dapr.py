"""Connections of Dapr's control plane. What sidecars ask of it, each workload declares for itself."""

from components.namespaces import DAPR
from components.network.connections import Connection, Pods, connect, tcp
from components.platform.connections.operators import to_the_api, webhook
from components.platform.connections.situation import Situation, scraped

METRICS_PORT = 9090

SIDECAR_PORT = 50002
"""How sidecars call each other. https://docs.dapr.io/concepts/dapr-services/sidecar/#sidecar-ports"""


def _part(name: str) -> Pods:
    return Pods(name=name, namespace=DAPR, labels={"app": name})


SENTRY, OPERATOR, INJECTOR = _part("dapr-sentry"), _part("dapr-operator"), _part("dapr-sidecar-injector")
PLACEMENT, SCHEDULER = _part("dapr-placement-server"), _part("dapr-scheduler-server")
PARTS = (SENTRY, OPERATOR, INJECTOR, PLACEMENT, SCHEDULER)

SENTRY_PORT, OPERATOR_PORT, PLACEMENT_PORT, SCHEDULER_PORT = 50001, 6500, 50005, 50006

ETCD_PORTS, RAFT_PORT = (2379, 2380), 8201
"""How the replicas of scheduler and placement agree among each other."""


def dapr_connections(situation: Situation) -> list[Connection]:
    """Among the parts, and from the API server."""
    replicated = situation.stack.high_availability
    certified = [part for part in PARTS if part is not SENTRY]
    return [
        *(one for part in PARTS for one in scraped(part, METRICS_PORT)),
        *to_the_api(*PARTS),
        *webhook(INJECTOR, 4000),
        *webhook(OPERATOR, 19443),
        *(one for part in certified for one in connect(part, SENTRY, tcp(SENTRY_PORT), why="certificate of its own")),
        *connect(SCHEDULER, SCHEDULER, tcp(*ETCD_PORTS), why="replicas among each other"),
        *(connect(PLACEMENT, PLACEMENT, tcp(RAFT_PORT), why="replicas among each other") if replicated else []),
    ]


def sidecar_connections(pods: Pods) -> list[Connection]:
    """What a sidecar in the pods asks of the control plane."""
    return [
        *connect(pods, SENTRY, tcp(SENTRY_PORT), why="certificate of the sidecar"),
        *connect(pods, OPERATOR, tcp(OPERATOR_PORT), why="components and configuration"),
        *connect(pods, PLACEMENT, tcp(PLACEMENT_PORT), why="where actors are"),
        *connect(pods, SCHEDULER, tcp(SCHEDULER_PORT), why="jobs"),
    ]
