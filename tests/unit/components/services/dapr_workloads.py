"""A workload whose services use all of Dapr, and the data services behind its components."""

from typing import Any

import pulumi

from components.data.connections import KafkaConnection, Pods, PostgresConnection, SecretKey
from components.platform.vault_secret import Vault
from components.services.dapr.application import DaprApplicationArgs
from components.services.model import WorkloadSpec, parse_workload

BACKEND: dict[str, Any] = {
    "port": "http",
    "publishes": ["tasks"],
    "state": True,
    "secrets": ["api-key"],
    "cron": {"cleanup": {"schedule": "0 3 * * *", "route": "/jobs/cleanup"}},
}
NOTIFICATION: dict[str, Any] = {"port": "http", "subscribes": [{"topic": "tasks", "route": "/tasks"}]}
COMPONENTS: dict[str, Any] = {"pubsub": {"kind": "kafka"}, "state": {"kind": "postgresql"}}


def service(dapr: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    return {"image": {"tag": "1"}, "ports": {"http": 8080}, "dapr": dapr, **changes}


def workload(components: dict[str, Any] = COMPONENTS, **services: dict[str, Any]) -> WorkloadSpec:
    known = {"backend": service(BACKEND, calls=["notification"]), "notification": service(NOTIFICATION)}
    return parse_workload("todo", {"components": components, "services": {**known, **services}})


def kafka(**changes: Any) -> KafkaConnection:
    return KafkaConnection(
        **{
            "host": "kafka-bootstrap.todo.svc",
            "port": 9093,
            "user": "dapr",
            "password": SecretKey(name="dapr", key="password"),
            "ca": SecretKey(name="kafka-ca", key="ca.crt"),
            "version": "4.3.1",
            "pods": Pods(namespace="todo", labels={}),
            "ready": (),
            **changes,
        }
    )


def postgres(**changes: Any) -> PostgresConnection:
    return PostgresConnection(
        **{
            "host": "postgres-rw.todo.svc",
            "port": 5432,
            "database": "dapr",
            "user": "dapr",
            "password": SecretKey(name="postgres-app", key="password"),
            "uri": SecretKey(name="postgres-app", key="uri"),
            "ssl_mode": "verify-full",
            "ca": SecretKey(name="postgres-ca", key="ca.crt"),
            "pods": None,
            "ready": (),
            **changes,
        }
    )


def application(wait: pulumi.Resource, spec: WorkloadSpec | None = None, **changes: Any) -> DaprApplicationArgs:
    """Everything that it waits for is `wait`, but what is given."""
    return DaprApplicationArgs(
        **{
            "workload": "todo",
            "spec": spec or workload(),
            "callers": {},
            "kafka": kafka(ready=[wait]),
            "postgres": postgres(ready=[wait]),
            "vault": Vault(field=None, refresh_minutes=5, ready=[wait]),
            "namespace": wait,
            "definitions": [wait],
            "control_plane": wait,
            **changes,
        }
    )
