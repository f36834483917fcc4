"""Who of the workloads reaches whom: what their files say of calls, routes, metrics and Dapr, and nothing else."""

from collections.abc import Iterator, Mapping

from components.contracts import ServiceAccount
from components.network.connections import Address, Connection, End, Place, Pods, connect, tcp
from components.platform.connections.consul import catalog_connections
from components.platform.connections.dapr import METRICS_PORT, SIDECAR_PORT, sidecar_connections
from components.platform.connections.gateway import KONG
from components.platform.connections.operators import cloud
from components.platform.connections.situation import scraped
from components.platform.connections.traces import COLLECTOR, OTLP_PORTS
from components.platform.dapr import WITH_SIDECAR
from components.services.calls import HostCall, ServiceCall, parse_call
from components.services.dapr.database import JOB
from components.services.data.declared import Declared, declared
from components.services.data.postgres import job_pods
from components.services.gateway.canaries import canary_release
from components.services.gateway.routes import routed_ports
from components.services.model import ServiceSpec, WorkloadSpec
from components.services.pods.task_model import own_pods
from components.services.stack_traits import StackTraits

SECRETS = "secrets of the workload"

SERVICES, SIDECARS = "all.services", "all.sidecars"
"""Policies for several services of a workload at once. No service has a dot in its name."""


def workload_connections(workloads: Mapping[str, WorkloadSpec], traits: StackTraits) -> list[Connection]:
    """The connections of all workloads of a stack."""
    return [
        connection
        for workload, spec in workloads.items()
        for connection in (
            *_together(workload, spec, traits),
            *(one for service in spec.services for one in _service(workload, service, workloads, traits)),
            *_data(workload, spec, traits),
        )
    ]


def pods_of(workload: str, service: str, spec: ServiceSpec) -> Pods:
    """The pods of a service, those of its canary, its jobs and its migrations among them."""
    others = [*([canary_release(service)] if spec.canary else []), *own_pods(service, spec)]
    named: str | tuple[str, ...] = (service, *others) if others else service
    return Pods(
        name=service,
        namespace=workload,
        labels={"app.kubernetes.io/name": named, "app.kubernetes.io/part-of": workload},
    )


def _together(workload: str, spec: WorkloadSpec, traits: StackTraits) -> Iterator[Connection]:
    """What all services have, and all of those with a sidecar."""
    services = Pods(name=SERVICES, namespace=workload, labels={"app.kubernetes.io/part-of": workload})
    yield from connect(services, COLLECTOR, tcp(*OTLP_PORTS), why="traces, metrics and logs")
    if any(service.dapr for service in spec.services.values()):
        sidecars = Pods(name=SIDECARS, namespace=workload, labels=WITH_SIDECAR)
        yield from sidecar_connections(sidecars)
        yield from scraped(sidecars, METRICS_PORT)
        if traits.consul:
            yield from catalog_connections(sidecars)


def _service(
    workload: str, service: str, workloads: Mapping[str, WorkloadSpec], traits: StackTraits
) -> Iterator[Connection]:
    spec = workloads[workload].services[service]
    pods = pods_of(workload, service, spec)
    if spec.metrics is not None:
        yield from scraped(pods, spec.ports[spec.metrics.port].number)
    if routed := routed_ports(spec):
        yield from connect(KONG, pods, tcp(*routed.values()), why="routes")
    for call in map(parse_call, spec.calls):
        yield _to_host(pods, call) if isinstance(call, HostCall) else _to_service(pods, spec, call, workloads)
    if spec.cloud_identity and traits.cloud:
        yield from cloud(pods, SECRETS)
    yield from _secrets(pods, spec, traits)


def _data(workload: str, spec: WorkloadSpec, traits: StackTraits) -> Iterator[Connection]:
    """Of data services with themselves, and with those that use them."""
    data = declared(workload, spec)
    for one in data:
        yield from one.inside(traits)
    if spec.components.configuration is not None and data.database is not None:
        yield from data.database.reached_by(job_pods(workload, JOB), traits)
    for service, used in spec.services.items():
        pods = pods_of(workload, service, used)
        for name in used.data:
            yield from data.named[name].reached_by(pods, traits)
        yield from _components(pods, used, data, traits)


def _to_host(pods: Pods, call: HostCall) -> Connection:
    """No policy knows names: a host by its name is every address outside, at the one port."""
    place: End = Address(f"{call.host}/32") if call.is_address else Place.OUTSIDE
    return Connection(source=pods, target=place, ports=tcp(call.port), why="calls")


def _to_service(pods: Pods, spec: ServiceSpec, call: ServiceCall, workloads: Mapping[str, WorkloadSpec]) -> Connection:
    """Between two services with sidecars only these talk: each proves to the other who it is, and all is encrypted."""
    workload = call.workload or pods.namespace
    called = workloads[workload].services[call.service]
    ports = [SIDECAR_PORT] if spec.dapr and called.dapr else sorted(port.number for port in called.ports.values())
    return Connection(source=pods, target=pods_of(workload, call.service, called), ports=tcp(*ports), why="calls")


def _components(pods: Pods, spec: ServiceSpec, data: Declared, traits: StackTraits) -> Iterator[Connection]:
    """What the sidecar of the service stands on."""
    used = spec.dapr.uses() if spec.dapr else set[str]()
    if "pubsub" in used and data.messages is not None:
        yield from data.messages.reached_by(pods, traits)
    if used & {"state", "configuration"} and data.database is not None:
        yield from data.database.reached_by(pods, traits)


def _secrets(pods: Pods, spec: ServiceSpec, traits: StackTraits) -> Iterator[Connection]:
    """Where the sidecar of the service reads secrets."""
    if spec.dapr is None or "secrets" not in spec.dapr.uses():
        return
    if ServiceAccount(namespace=pods.namespace, name=pods.name) in traits.vault_readers:
        yield from cloud(pods, SECRETS)
    else:
        yield from connect(pods, Place.API_SERVER, why=SECRETS)
