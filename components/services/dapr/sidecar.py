"""What asks for a sidecar and shapes it: annotations of the service's pods."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.data.connections import PostgresConnection
from components.services.dapr.components import POSTGRES_CA
from components.services.dapr.model import DaprSpec
from components.services.dapr.object import Declared
from components.services.model import ServiceSpec

CA_VOLUME = "postgres-ca"
"""Volume of the pod that only the sidecar mounts."""

GRACEFUL_SECONDS = 5
"""Time that a sidecar has for what it still does itself, once the service has ended."""


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """What the pods of a service need for their sidecar."""

    annotations: Mapping[str, str]
    labels: Mapping[str, str]

    volumes: Mapping[str, str]
    """Secrets that the sidecar mounts, by the name of the volume."""

    restarted_by: Sequence[str]
    """Secrets that are read when the sidecar starts: a change of one brings new pods."""

    reads_secrets: bool
    """Whether the sidecar reads Secrets of the namespace itself, and needs a token of the Kubernetes API for it."""


def volumes(dapr: DaprSpec, postgres: PostgresConnection | None) -> dict[str, str]:
    """Secrets that the sidecar mounts."""
    keeps = dapr.uses() & {"state", "configuration"}
    return {CA_VOLUME: postgres.ca.name} if keeps and postgres is not None and postgres.ca is not None else {}


def pod_annotations(
    service: str, spec: ServiceSpec, dapr: DaprSpec, postgres: PostgresConnection | None, reads: Sequence[Declared]
) -> dict[str, str]:
    """The annotations of one service's pods. `reads` are the objects that a sidecar reads when it starts and never
    again: pods start anew when one changes.

    https://docs.dapr.io/reference/arguments-annotations-overview/
    """
    values = {
        "enabled": "true",
        "app-id": service,
        "config": service,
        "log-as-json": "true",
        "sidecar-cpu-request": dapr.resources.cpu,
        "sidecar-memory-request": dapr.resources.memory,
        "sidecar-memory-limit": dapr.resources.memory,
        "sidecar-seccomp-profile-type": "RuntimeDefault",
        # Pods have no token of the Kubernetes API, which the store that Dapr brings along would end the sidecar for.
        "disable-builtin-k8s-secret-store": "true",
        **called(spec, dapr),
        **shutdown(spec, dapr),
    }
    if postgres is not None and dapr.uses() & {"state", "configuration"}:
        values["env"] = f"PGSSLMODE={postgres.ssl_mode}"
    if volumes(dapr, postgres):
        values["volume-mounts"] = f"{CA_VOLUME}:{POSTGRES_CA}"
    return {
        **{f"dapr.io/{name}": value for name, value in values.items()},
        "groundwork/dapr-revision": revision(reads),
    }


def called(spec: ServiceSpec, dapr: DaprSpec) -> dict[str, str]:
    """How the sidecar calls the service, if it does."""
    if dapr.port is None:
        return {}
    values = {"app-port": str(spec.ports[dapr.port].number), "app-protocol": dapr.protocol}
    health = health_path(spec, dapr)
    if health is not None:
        values |= {"enable-app-health-check": "true", "app-health-check-path": health}
    return values


def health_path(spec: ServiceSpec, dapr: DaprSpec) -> str | None:
    """What the sidecar asks whether the service can work."""
    probe = spec.probes.readiness
    if dapr.port is None or dapr.health is not None or dapr.protocol == "grpc":
        return dapr.health
    return probe.path if probe is not None and probe.port == dapr.port else None


def shutdown(spec: ServiceSpec, dapr: DaprSpec) -> dict[str, str]:
    """The sidecar is told to stop when the service is, and has to outlive it: it takes no new messages, and goes on
    calling until the service no longer answers, or for as long as load balancers need to forget the pod.
    """
    graceful = min(GRACEFUL_SECONDS, max(1, (spec.grace_seconds - spec.drain_seconds) // 2))
    blocked = spec.grace_seconds - graceful if health_path(spec, dapr) is not None else spec.drain_seconds
    values = {"graceful-shutdown-seconds": str(graceful)}
    return {**values, "block-shutdown-duration": f"{blocked}s"} if blocked else values


def revision(reads: Sequence[Declared]) -> str:
    """Differs where anything in the objects does."""
    text = json.dumps([[one.kind, one.name, one.spec] for one in reads], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
