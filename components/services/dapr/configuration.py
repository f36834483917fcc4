"""The Configuration of each sidecar: who may call its service, what it traces and measures, which secrets it gives."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from components.contracts import ServiceAccount
from components.namespaces import TRACING
from components.platform.addresses import OTEL_COLLECTOR
from components.secret_names import prefix
from components.services.calls import ServiceCall, parse_call
from components.services.dapr.model import DaprSpec
from components.services.dapr.object import Declared
from components.services.model import WorkloadSpec

TRUST_DOMAIN = "groundwork"
"""First part of the identity in the certificates of sidecars: `spiffe://<trust domain>/ns/<namespace>/<app-id>`."""

BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000]
"""Bounds of the histograms, in milliseconds. Dapr's own are twice as many."""

PATHS = (
    "/v1.0/configuration/{store}",
    "/v1.0/invoke/{app_id}/method/{path...}",
    "/v1.0/publish/{pubsub}/{topic}",
    "/v1.0/secrets/{store}/{name}",
    "/v1.0/state/{store}",
    "/v1.0/state/{store}/{key}",
)
"""Calls of the sidecar that are told apart in its metrics. Any other has no path in them, so that what a client puts
into a path makes no series. https://docs.dapr.io/operations/observability/metrics/metrics-overview/"""

Callers = Mapping[str, Mapping[str, Sequence[ServiceAccount]]]
"""By workload and service, the services that call it."""


def callers(workloads: Mapping[str, WorkloadSpec]) -> Callers:
    """Who calls whom through Dapr: by workload and service, the callers with a sidecar, in order."""
    found: defaultdict[str, defaultdict[str, list[ServiceAccount]]] = defaultdict(lambda: defaultdict(list))
    for workload, spec in workloads.items():
        for name, service in spec.services.items():
            for text in service.calls if service.dapr is not None else ():
                if isinstance(call := parse_call(text), ServiceCall):
                    found[call.workload or workload][call.service].append(ServiceAccount(namespace=workload, name=name))
    return {
        workload: {
            service: sorted(accounts, key=lambda one: (one.namespace, one.name)) for service, accounts in inside.items()
        }
        for workload, inside in found.items()
    }


def configuration(
    workload: str,
    service: str,
    dapr: DaprSpec,
    called_by: Sequence[ServiceAccount],
    name_resolution: Mapping[str, Any] | None = None,
) -> Declared:
    """The Configuration of one service's sidecars. `name_resolution` is how they find others, if not by Kubernetes."""
    spec: dict[str, Any] = {
        "accessControl": access_control(called_by),
        "metrics": metrics(dapr),
        "secrets": {"scopes": secret_scopes(workload, dapr)},
        "tracing": tracing(),
    }
    if name_resolution is not None:
        spec["nameResolution"] = dict(name_resolution)
    return Declared(kind="Configuration", name=service, spec=spec)


def access_control(called_by: Sequence[ServiceAccount]) -> dict[str, Any]:
    """Nobody may call the service but those that say they do. Identity is that of the caller's certificate.

    https://docs.dapr.io/operations/configuration/invoke-allowlist/
    """
    return {
        "defaultAction": "deny",
        "trustDomain": TRUST_DOMAIN,
        "policies": [
            {
                "appId": caller.name,
                "namespace": caller.namespace,
                "trustDomain": TRUST_DOMAIN,
                "defaultAction": "allow",
            }
            for caller in called_by
        ],
    }


def metrics(dapr: DaprSpec) -> dict[str, Any]:
    """What the sidecar measures of requests, by few and known paths."""
    routes = {one.route for one in (*dapr.subscribes, *dapr.cron.values())}
    return {
        "enabled": True,
        "recordErrorCodes": True,
        "latencyDistributionBuckets": BUCKETS_MS,
        "http": {
            "increasedCardinality": False,
            # In a brace they would be patterns, and two patterns that overlap end the sidecar.
            "pathMatching": [*PATHS, *sorted(route for route in routes if "{" not in route)],
        },
    }


def secret_scopes(workload: str, dapr: DaprSpec) -> list[dict[str, Any]]:
    """The secrets that the service names, and none of those that the workload's other services have."""
    scope: dict[str, Any] = {"storeName": "secrets", "defaultAccess": "deny"}
    if dapr.secrets:
        scope["allowedSecrets"] = [f"{prefix(workload)}{name}" for name in dapr.secrets]
    return [scope]


def tracing() -> dict[str, Any]:
    """Every span goes to the collector: which traces are kept is decided once they are complete."""
    return {
        "samplingRate": "1",
        "otel": {"endpointAddress": f"{OTEL_COLLECTOR}.{TRACING}.svc:4317", "protocol": "grpc", "isSecure": False},
    }
