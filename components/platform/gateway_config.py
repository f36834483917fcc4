"""What the gateway does, as Kong's declarative configuration: services, their routes, plugins and consumers.

https://docs.konghq.com/gateway/3.9.x/production/deployment-topologies/db-less-and-declarative-config/
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

FORMAT_VERSION: Final = "3.0"

Item = TypeVar("Item")

Protocol = Literal["http", "https", "grpc", "grpcs"]
PluginName = Literal["basic-auth", "prometheus", "request-termination", "request-transformer"]


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """Something that Kong does with a request, of one route, of one service, or of all."""

    name: PluginName
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The plugin's own fields; those that are absent have its defaults."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which requests belong together. A request of plain HTTP for a route of HTTPS alone is redirected."""

    name: str
    """Unique among all routes."""

    hosts: Sequence[str]
    paths: Sequence[str] = ()
    """Prefixes, or regular expressions that begin with `~` and are anchored at their start."""

    headers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Values that a request has to have, by header; one that begins with `~*` is a regular expression."""

    protocols: Sequence[Protocol] = ("https",)
    plugins: Sequence[Plugin] = ()
    strip_path: bool = False
    """Whether the service gets what follows the prefix, instead of the path as it is."""

    preserve_host: bool = True
    """Whether the service gets the host that was asked for, instead of its own."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something behind the gateway."""

    name: str
    """Unique among all services."""

    host: str
    port: int
    protocol: Protocol = "http"
    routes: Sequence[Route] = ()
    plugins: Sequence[Plugin] = ()
    timeout_ms: int = 60_000
    """Longest silence of the service that a request waits through, in milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """Somebody who proves who they are. The password is put in where the configuration is written."""

    username: str


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """All that the gateway does."""

    services: Sequence[Service] = ()
    routes: Sequence[Route] = ()
    """Routes without a service: their plugins answer."""

    consumers: Sequence[Consumer] = ()
    plugins: Sequence[Plugin] = ()
    """What is done with every request."""


METRICS: Final = Plugin(
    name="prometheus",
    config={
        "status_code_metrics": True,
        "latency_metrics": True,
        "bandwidth_metrics": True,
        "upstream_health_metrics": True,
    },
)
"""Metrics of every route and service. Without its switches the plugin counts connections and no more."""


def declarative(gateway: Gateway, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Kong's declarative configuration. `passwords` has one for each consumer."""
    return {
        "_format_version": FORMAT_VERSION,
        "services": [_service(service) for service in gateway.services],
        "routes": [_route(route) for route in gateway.routes],
        "consumers": [
            {
                "username": consumer.username,
                "basicauth_credentials": [{"username": consumer.username, "password": passwords[consumer.username]}],
            }
            for consumer in gateway.consumers
        ],
        "plugins": [_plugin(plugin) for plugin in gateway.plugins],
    }


def content_hash(gateway: Gateway) -> str:
    """Differs from that of every other configuration, passwords aside: known before any is generated."""
    content = declarative(gateway, {consumer.username: "" for consumer in gateway.consumers})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def problems(gateway: Gateway) -> list[str]:
    """What Kong would refuse, or silently do otherwise than meant: names and matches that are there twice."""
    routes = [*gateway.routes, *(route for service in gateway.services for route in service.routes)]
    matches = [
        (protocol, host, path, tuple((name, tuple(values)) for name, values in sorted(route.headers.items())))
        for route in routes
        for protocol in route.protocols
        for host in route.hosts
        for path in route.paths or ("/",)
    ]
    return [
        *(f"service {name} is there twice" for name in _twice([service.name for service in gateway.services])),
        *(f"route {name} is there twice" for name in _twice([route.name for route in routes])),
        *(f"consumer {name} is there twice" for name in _twice([one.username for one in gateway.consumers])),
        *(f"two routes match {protocol}://{host}{path}" for protocol, host, path, _ in _twice(matches)),
    ]


def _service(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "protocol": service.protocol,
        "host": service.host,
        "port": service.port,
        "read_timeout": service.timeout_ms,
        "write_timeout": service.timeout_ms,
        "routes": [_route(route) for route in service.routes],
        "plugins": [_plugin(plugin) for plugin in service.plugins],
    }


def _route(route: Route) -> dict[str, Any]:
    optional = {
        "paths": list(route.paths),
        "headers": {name: list(values) for name, values in route.headers.items()},
    }
    return {
        "name": route.name,
        "hosts": list(route.hosts),
        **{key: value for key, value in optional.items() if value},
        "protocols": list(route.protocols),
        "https_redirect_status_code": 308,
        "strip_path": route.strip_path,
        "preserve_host": route.preserve_host,
        "plugins": [_plugin(plugin) for plugin in route.plugins],
    }


def _plugin(plugin: Plugin) -> dict[str, Any]:
    return {"name": plugin.name, "config": dict(plugin.config)}


def _twice(items: Sequence[Item]) -> list[Item]:
    return list(dict.fromkeys(item for item in items if items.count(item) > 1))
