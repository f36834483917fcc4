"""What is wrong with the routes of a workload although each of them is right, and with those of several workloads."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from components.platform.gateway_plugins import AUTHENTICATION, PluginName
from components.services.gateway.access import effective_plugins
from components.services.gateway.authentication_plugins import Acl
from components.services.gateway.model import GatewaySpec, RouteSpec
from components.services.gateway.plugin_model import PluginSpec
from components.services.gateway.upstream_model import UpstreamSpec
from components.services.pods.port_model import Port
from components.services.pods.probe_model import Probes

MONITORING_HOST = "monitoring"
"""First part of the host that shows metrics, logs and traces."""

DEFAULT_PORTS: Mapping[str, Sequence[str]] = {
    "http": ("http",),
    "websocket": ("websocket", "ws", "http"),
    "grpc": ("grpc",),
}
"""Ports that a route of a protocol goes to if it names none and the service has several, the first that there is; then
the only one of that protocol."""


class _Service(Protocol):
    @property
    def routes(self) -> Sequence[RouteSpec]: ...

    @property
    def ports(self) -> Mapping[str, Port]: ...


class _Checked(_Service, Protocol):
    @property
    def probes(self) -> Probes: ...

    @property
    def upstream(self) -> UpstreamSpec: ...


class _Workload(Protocol):
    @property
    def services(self) -> Mapping[str, _Service]: ...

    @property
    def gateway(self) -> GatewaySpec: ...


def route_port(route: RouteSpec, ports: Mapping[str, Port]) -> str | None:
    """Name of the service's port that a route goes to; None where it cannot be told."""
    if route.port is not None:
        return route.port if route.port in ports else None
    if len(ports) == 1:
        return next(iter(ports))
    named = next((name for name in DEFAULT_PORTS[route.protocol] if name in ports), None)
    spoken = [name for name, port in ports.items() if port.protocol == route.protocol]
    return named or (spoken[0] if len(spoken) == 1 else None)


def service_problems(routes: Sequence[RouteSpec], ports: Mapping[str, Port]) -> list[tuple[str, str]]:
    """What is wrong with the routes of one service by themselves: key path below `routes`, and text."""
    names = [route.name for route in routes]
    return [
        problem
        for index, route in enumerate(routes)
        for problem in (*_name(index, route, names), *_port(index, route, ports))
    ]


def health_problems(service: _Checked) -> Iterator[tuple[str, str]]:
    """What is wrong with the readiness probe of a service as the gateway's own question: key path, and text."""
    readiness, upstream = service.probes.readiness, service.upstream
    if readiness is None or "?" not in (readiness.path or "") or upstream.active.path or not upstream.health_checks:
        return
    asked = {route_port(route, service.ports) for route in service.routes if route.protocol != "grpc"}
    if readiness.port in asked:
        yield (
            "path",
            "the gateway asks the pods for it too, which takes no question after a path; give it another one as "
            "upstream.active.path, or say upstream.health_checks: false",
        )


def access_problems(workload: _Workload) -> list[tuple[str, str]]:
    """What is wrong with who may use the routes of a workload: key path, and text."""
    asked: set[PluginName] = set()
    problems: list[tuple[str, str]] = []
    for path, route in _routes(workload):
        plugins = effective_plugins(workload.gateway, route)
        asked |= AUTHENTICATION.keys() & plugins.keys()
        problems += [(f"{path}{key}", text) for key, text in _access(route, plugins, workload.gateway)]
    for name, consumer in workload.gateway.consumers.items():
        held = {"key-auth": consumer.keys, "basic-auth": consumer.passwords, "jwt": consumer.tokens}
        problems += [
            (
                f"gateway.consumers.{name}.{AUTHENTICATION[plugin]}s",
                f"no route has the plugin {plugin}, which asks for them",
            )
            for plugin in AUTHENTICATION
            if held[plugin] and plugin not in asked
        ]
    return problems


def route_problems(workloads: Mapping[str, _Workload]) -> list[str]:
    """What is wrong between the workloads of a stack, one line each."""
    return [*host_problems(workloads), *match_problems(workloads), *credential_problems(workloads)]


def host_problems(workloads: Mapping[str, _Workload]) -> list[str]:
    """Routes for hosts that are somebody else's, one line each."""
    return [
        f"workloads/{name}.yaml: {path}.hosts: {host} is the host of {_holder(host)}"
        for name, workload in workloads.items()
        for path, route in _routes(workload)
        for host in route.hosts
        if host != name and (host == MONITORING_HOST or host in workloads)
    ]


def match_problems(workloads: Mapping[str, _Workload]) -> list[str]:
    """Routes that match the same requests as another, one line each: the gateway would take either."""
    found: dict[tuple[object, ...], tuple[str, str]] = {}
    problems: dict[tuple[str, str], str] = {}
    for name, workload in workloads.items():
        for path, route in _routes(workload):
            for match in _matches(name, route):
                first, where = found.setdefault(match, (f"workloads/{name}.yaml", path))
                here = f"workloads/{name}.yaml: {path}"
                if f"{first}: {where}" != here:
                    other = where if first == f"workloads/{name}.yaml" else f"{where} of {first}"
                    _, host, match_path, method, _ = match
                    shown = f"{method} {host}.<domain>{match_path}".strip()
                    problems.setdefault((here, other), f"{here}: matches the same requests as {other}: {shown}")
    return list(problems.values())


def credential_problems(workloads: Mapping[str, _Workload]) -> list[str]:
    """User names and issuers that two consumers have, one line each: the gateway knows each once."""
    found: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for workload, spec in workloads.items():
        for name, consumer in spec.gateway.consumers.items():
            here = f"workloads/{workload}.yaml: gateway.consumers.{name}"
            named = [
                *(("passwords", "username", one.username) for one in consumer.passwords if one.username),
                *(("tokens", "issuer", one.issuer) for one in consumer.tokens),
            ]
            for kind, key, value in named:
                other = found.setdefault((kind, value), here)
                if other != here:
                    problems.append(f"{here}.{kind}: the {key} {value} is that of {other} already")
    return problems


def _holder(host: str) -> str:
    return "metrics, logs and traces" if host == MONITORING_HOST else f"the workload {host}"


def _routes(workload: _Workload) -> Iterator[tuple[str, RouteSpec]]:
    for service, spec in workload.services.items():
        for index, route in enumerate(spec.routes):
            yield f"services.{service}.routes.{index}", route


def _matches(workload: str, route: RouteSpec) -> Iterator[tuple[object, ...]]:
    headers = tuple(sorted((name.lower(), tuple(sorted(values))) for name, values in route.headers.items()))
    family = "grpc" if route.protocol == "grpc" else "http"
    for host in route.hosts or (workload,):
        for path in route.match_paths:
            for method in route.methods or ("",):
                yield family, host, path, method, headers


def _name(index: int, route: RouteSpec, names: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    if route.name is None and len(names) > 1:
        yield f"{index}.name", "missing; each of several routes needs one"
    if route.name is not None and route.name in names[:index]:
        yield f"{index}.name", f"{route.name} is the name of another route of the service"


def _port(index: int, route: RouteSpec, ports: Mapping[str, Port]) -> Iterator[tuple[str, str]]:
    port = route_port(route, ports)
    if port is not None:
        spoken, asked = ports[port].protocol, route.protocol
        if spoken != "tcp" and (spoken == "grpc") != (asked == "grpc"):
            yield f"{index}.port", f"{spoken} is spoken at the port {port}, and the route is for {asked}"
    elif not ports:
        yield f"{index}.port", "the service has no ports"
    elif route.port is not None:
        yield f"{index}.port", f"there is no port {route.port}{_suggestion(route.port, ports)}"
    else:
        yield f"{index}.port", f"missing; one of {', '.join(ports)}"


def _access(
    route: RouteSpec, plugins: Mapping[PluginName, PluginSpec], gateway: GatewaySpec
) -> Iterator[tuple[str, str]]:
    for position, name in enumerate(route.without):
        if name not in gateway.plugins.chosen:
            yield (
                f".without.{position}",
                f"{name} is none of the workload's plugins{_suggestion(name, gateway.plugins.chosen)}",
            )
    for position, name in enumerate(route.consumers):
        if name not in gateway.consumers:
            yield f".consumers.{position}", f"there is no consumer {name}{_suggestion(name, gateway.consumers)}"
    asks: list[PluginName] = [name for name in AUTHENTICATION if name in plugins]
    if not asks and (route.consumers or "acl" in plugins):
        yield (
            ".consumers" if route.consumers else "",
            (f"nothing asks who somebody is: {', '.join(AUTHENTICATION)} do, and without one nobody gets through"),
        )
    for name in asks:
        held = f"{AUTHENTICATION[name]}s"
        if not any(getattr(consumer, held) for consumer in gateway.consumers.values()):
            yield "", f"{name} asks for {held}, and no consumer of the workload has any: nobody gets through"
    groups = {group for consumer in gateway.consumers.values() for group in consumer.groups}
    acl = plugins.get("acl")
    for group in (*acl.allow, *acl.deny) if isinstance(acl, Acl) else ():
        if group not in groups:
            yield ".plugins.acl", f"no consumer is in the group {group}{_suggestion(group, groups)}"
    if isinstance(acl, Acl) and acl.deny and all(set(one.groups) & set(acl.deny) for one in gateway.consumers.values()):
        yield ".plugins.acl.deny", "every consumer is in one of these groups: nobody gets through"


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f', did you mean "{near[0]}"?' if near else ""
