"""Connections of Velero: its server, the agents on nodes, and the pods that these make for each copy."""

from components.contracts import BACKUPS_WRITER
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.operators import cloud
from components.platform.connections.situation import HTTPS, Situation, scraped

METRICS_PORT = 8085

EVERYTHING = Pods(name="velero", namespace=BACKUPS_WRITER.namespace, labels={})
"""Copies and the upkeep of repositories run in pods of their own, with labels of their own: all of them do the same."""

PARTS = Pods(name="velero-parts", namespace=BACKUPS_WRITER.namespace, labels={"app.kubernetes.io/name": "velero"})
"""The server and the agents."""


def backups_connections(situation: Situation) -> list[Connection]:
    """Between a volume and the store."""
    why = "object storage"
    return [
        *connect(EVERYTHING, Place.API_SERVER, why="what there is to back up, and what came of it"),
        *(
            cloud(EVERYTHING, why)
            if situation.backups_by_identity
            else connect(EVERYTHING, Place.OUTSIDE, tcp(HTTPS), why=why)
        ),
        *scraped(PARTS, METRICS_PORT),
    ]
