"""What the gateway does, as Kong's declarative configuration: services, their routes, upstreams, plugins and consumers.

https://docs.konghq.com/gateway/3.9.x/production/deployment-topologies/db-less-and-declarative-config/
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from components.platform.gateway_credentials import Consumer, consumer_record, credential_sources
from components.platform.gateway_plugins import Plugin, plugin_record
from components.platform.gateway_upstreams import Upstream, upstream_record

FORMAT_VERSION: Final = "3.0"

Protocol = Literal["http", "https", "grpc", "grpcs"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which requests belong together. A request of plain HTTP for a route of HTTPS alone is redirected."""

    name: str
    """Unique among all routes."""

    hosts: Sequence[str]
    """Host names. One label may be `*`, the first or the last."""

    paths: Sequence[str] = ()
    """Prefixes, or regular expressions that begin with `~` and are anchored at their start. A method of gRPC is the
    path `/<package>.<service>/<method>`."""

    methods: Sequence[str] = ()
    """HTTP methods; all of them, if none is given. Not for gRPC."""

    headers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Values that a request has to have, by header; one that begins with `~*` is a regular expression."""

    protocols: Sequence[Protocol] = ("https",)
    """`http` and `https`, with WebSockets as well; or `grpc` and `grpcs`."""

    plugins: Sequence[Plugin] = ()
    strip_path: bool = False
    """Whether the service gets what follows the prefix, instead of the path as it is. Not for gRPC."""

    preserve_host: bool = True
    """Whether the service gets the host that was asked for, instead of its own."""

    buffering: bool = True
    """Whether Kong waits for whole requests and answers, as far as they fit its buffers. Streams want it off."""

    tags: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something behind the gateway."""

    name: str
    """Unique among all services."""

    host: str
    """A name that the DNS knows, or that of an upstream."""

    port: int
    """Port of the host. An upstream's targets have their own."""

    protocol: Protocol = "http"
    routes: Sequence[Route] = ()
    plugins: Sequence[Plugin] = ()
    timeout_ms: int = 60_000
    """Longest silence of the service that a request waits through, in milliseconds: between two reads, and between
    two writes. A WebSocket that is silent for as long is closed."""

    connect_timeout_ms: int = 5_000
    """Longest wait for a connection, in milliseconds."""

    retries: int = 2
    """How often a request is tried again, at another address where there is one. That is after a refused connection,
    and after a timeout or a broken answer where the method may be repeated; never after an answer."""

    tags: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """All that the gateway does."""

    services: Sequence[Service] = ()
    upstreams: Sequence[Upstream] = ()
    routes: Sequence[Route] = ()
    """Routes without a service: their plugins answer."""

    consumers: Sequence[Consumer] = ()
    plugins: Sequence[Plugin] = ()
    """What is done with every request."""

    @property
    def all_routes(self) -> list[Route]:
        """Those without a service, and those of all services."""
        return [*self.routes, *(route for service in self.services for route in service.routes)]


def merged(*gateways: Gateway) -> Gateway:
    """One gateway that does what all of them do."""
    return Gateway(
        services=[service for one in gateways for service in one.services],
        upstreams=[upstream for one in gateways for upstream in one.upstreams],
        routes=[route for one in gateways for route in one.routes],
        consumers=[consumer for one in gateways for consumer in one.consumers],
        plugins=[plugin for one in gateways for plugin in one.plugins],
    )


def declarative(gateway: Gateway, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Kong's declarative configuration. `credentials` has a value for each place (`credential_sources`)."""
    return {
        "_format_version": FORMAT_VERSION,
        "services": [_service(service) for service in gateway.services],
        "upstreams": [upstream_record(upstream) for upstream in gateway.upstreams],
        "routes": [_route(route) for route in gateway.routes],
        "consumers": [consumer_record(consumer, credentials) for consumer in gateway.consumers],
        "plugins": [plugin_record(plugin) for plugin in gateway.plugins],
    }


def content_hash(gateway: Gateway) -> str:
    """Differs from that of every other configuration, credentials aside: known before any is generated."""
    places = credential_sources(gateway.consumers)
    content = declarative(gateway, {place: f"{source}" for place, source in places.items()})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def _service(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "protocol": service.protocol,
        "host": service.host,
        "port": service.port,
        "connect_timeout": service.connect_timeout_ms,
        "read_timeout": service.timeout_ms,
        "write_timeout": service.timeout_ms,
        "retries": service.retries,
        **_tags(service.tags),
        "routes": [_route(route) for route in service.routes],
        "plugins": [plugin_record(plugin) for plugin in service.plugins],
    }


def _route(route: Route) -> dict[str, Any]:
    optional = {
        "paths": list(route.paths),
        "methods": list(route.methods),
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
        "request_buffering": route.buffering,
        "response_buffering": route.buffering,
        **_tags(route.tags),
        "plugins": [plugin_record(plugin) for plugin in route.plugins],
    }


def _tags(tags: Sequence[str]) -> dict[str, list[str]]:
    return {"tags": list(tags)} if tags else {}
