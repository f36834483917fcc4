"""Connections of Velero: its server, the agents on nodes, and the pods that these make for each copy."""

from components.contracts import BACKUPS_WRITER
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import cloud
from components.platform.connections.situation import HTTPS, Situation, scraped
from components.platform.velero import TO_THE_STORE

METRICS_PORT = 8085

EVERYTHING = Pods(name="all.pods", namespace=BACKUPS_WRITER.namespace, labels={})

WRITERS = Pods(name="velero", namespace=BACKUPS_WRITER.namespace, labels=TO_THE_STORE)
"""The server, and the pods that copies and the upkeep of repositories run in: all but the agents."""

PARTS = Pods(name="velero-parts", namespace=BACKUPS_WRITER.namespace, labels={"app.kubernetes.io/name": "velero"})
"""The server and the agents."""


def backups_connections(situation: Situation) -> list[Connection]:
    """Between a volume and the store."""
    why = "object storage"
    return [
        *connect(EVERYTHING, Place.API_SERVER, why="what there is to back up, and what came of it"),
        *(
            cloud(WRITERS, why)
            if situation.backups_by_identity
            else connect(WRITERS, Place.OUTSIDE, tcp(HTTPS), why=why)
        ),
        *scraped(PARTS, METRICS_PORT),
    ]
