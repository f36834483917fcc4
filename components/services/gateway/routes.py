"""Compiles the routes of workloads into what the gateway does.

Pure: from models to dataclasses, so that everything is known, and refused, before the first resource. Names follow from
those in the workload files: `<workload>.<service>.<port>` is a service of the gateway with its upstream, and
`<workload>.<service>.<route>` a route. Neither a name of a workload nor of a service has a dot, so no two are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.platform.addresses import collector_url
from components.platform.gateway_config import Gateway, Route, Service, merged
from components.platform.gateway_plugins import Plugin
from components.platform.gateway_problems import problems
from components.platform.gateway_upstreams import Target, Upstream
from components.platform.rate_counters import COUNTERS
from components.services.gateway.access import PluginContext, consumers, route_plugins
from components.services.gateway.canaries import canary_name, canary_upstream, chooser
from components.services.gateway.checks import route_port
from components.services.gateway.model import RouteSpec
from components.services.model import ServiceSpec, WorkloadSpec
from stacks.problems import SettingsError


@dataclass(frozen=True)
class Backend:
    """A port of a service, as the gateway uses it. What differs in any of these is a service of its own in Kong."""

    port: str
    protocol: str
    """`http`, `websocket` or `grpc`."""

    timeout_ms: int
    default_timeout: bool
    """Whether the time is that of the protocol."""

    def name(self, workload: str, service: str) -> str:
        """Name of the service in Kong."""
        protocol = [] if self.protocol == "http" else [self.protocol]
        timeout = [] if self.default_timeout else [f"{self.timeout_ms // 1000}s"]
        return ".".join([workload, service, self.port, *protocol, *timeout])

    def upstream(self, workload: str, service: str) -> str:
        """Name of the upstream, which services that differ in time alone share."""
        return ".".join([workload, service, self.port, *(["grpc"] if self.protocol == "grpc" else [])])


def gateway_of(workloads: Mapping[str, WorkloadSpec], domain: str, *, shared_counters: bool) -> Gateway:
    """What the gateway does for all workloads. Raises `SettingsError` for what it would refuse.

    `domain` is what their hosts live below; `shared_counters` says whether pods of the gateway count requests together.
    """
    endpoint = f"{collector_url()}/v1/traces"
    context = PluginContext(traces_endpoint=endpoint, counters=COUNTERS if shared_counters else None)
    gateway = merged(*(_workload(name, spec, domain, context) for name, spec in workloads.items()))
    if found := problems(gateway):
        raise SettingsError(found, "gateway")
    return gateway


def routed_ports(spec: ServiceSpec) -> dict[str, int]:
    """Ports of a service that the gateway connects to, by name."""
    names = {port for route in spec.routes if (port := route_port(route, spec.ports))}
    return {name: port.number for name, port in spec.ports.items() if name in names}


def pods_host(workload: str, service: str) -> str:
    """Name that has the addresses of the pods of a service."""
    return f"{service}-pods.{workload}.svc"


def _workload(workload: str, spec: WorkloadSpec, domain: str, context: PluginContext) -> Gateway:
    parts = [_service(workload, service, one, spec, domain, context) for service, one in spec.services.items()]
    return merged(*parts, Gateway(consumers=consumers(workload, spec.gateway)))


def _service(
    workload: str, service: str, spec: ServiceSpec, whole: WorkloadSpec, domain: str, context: PluginContext
) -> Gateway:
    routes: dict[Backend, list[Route]] = {}
    for route in spec.routes:
        plugins = route_plugins(workload, whole.gateway, route, context)
        routes.setdefault(_backend(route, spec), []).append(_route(workload, service, route, domain, plugins))
    stable = {backend.upstream(workload, service): _upstream(workload, service, spec, backend) for backend in routes}
    canary = spec.canary
    return Gateway(
        services=[
            one for backend, found in routes.items() for one in _services(workload, service, spec, backend, found)
        ],
        upstreams=[
            *stable.values(),
            *(canary_upstream(upstream, workload, service) for upstream in stable.values() if canary is not None),
        ],
    )


def _backend(route: RouteSpec, spec: ServiceSpec) -> Backend:
    port = route_port(route, spec.ports)
    assert port is not None, "the model refuses routes without a port"
    default = route.model_copy(update={"timeout_seconds": None}).timeout_ms
    return Backend(port, route.protocol, route.timeout_ms, route.timeout_ms == default)


def _services(workload: str, service: str, spec: ServiceSpec, backend: Backend, routes: list[Route]) -> list[Service]:
    """The service in Kong, and where there is a canary another one without routes: what its requests are counted by."""
    name, upstream = backend.name(workload, service), backend.upstream(workload, service)
    canary = spec.canary
    stable = Service(
        name=name,
        host=upstream,
        port=spec.ports[backend.port].number,
        protocol="grpc" if backend.protocol == "grpc" else "http",
        routes=routes,
        plugins=[chooser(canary, canary_name(name), canary_name(upstream))] if canary else [],
        timeout_ms=backend.timeout_ms,
        connect_timeout_ms=1000 * spec.upstream.connect_timeout_seconds,
        retries=spec.upstream.retries,
        tags=[workload, service],
    )
    if canary is None:
        return [stable]
    return [stable, replace(stable, name=canary_name(name), host=canary_name(upstream), routes=[], plugins=[])]


def _upstream(workload: str, service: str, spec: ServiceSpec, backend: Backend) -> Upstream:
    readiness = spec.probes.readiness
    path = readiness.path if readiness is not None and readiness.port == backend.port else None
    target = Target(host=pods_host(workload, service), port=spec.ports[backend.port].number)
    family = "grpc" if backend.protocol == "grpc" else "http"
    return spec.upstream.upstream(backend.upstream(workload, service), [target], family, path)


def _route(workload: str, service: str, route: RouteSpec, domain: str, plugins: list[Plugin]) -> Route:
    return Route(
        name=".".join([workload, service, *([route.name] if route.name else [])]),
        hosts=[f"{host}.{domain}" for host in route.hosts or (workload,)],
        paths=route.match_paths,
        methods=route.methods,
        headers=route.headers,
        protocols=route.protocols,
        plugins=plugins,
        strip_path=route.strip_path,
        preserve_host=route.preserve_host,
        buffering=route.buffering and route.protocol == "http",
        tags=[workload, service],
    )
