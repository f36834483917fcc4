"""What a workload file says of the gateway: the routes to its services, and who may use them."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, Field, field_validator, model_validator

from components.platform.gateway_config import Protocol
from components.platform.gateway_plugins import PLUGINS, PluginName
from components.services.gateway.authentication_plugins import Acl, BasicAuth, Jwt, KeyAuth
from components.services.gateway.consumer_model import ConsumerName, ConsumerSpec
from components.services.gateway.plugin_model import HeaderName, PluginSpec
from components.services.gateway.response_plugins import (
    CorrelationId,
    Cors,
    OpenTelemetry,
    Prometheus,
    ProxyCache,
    RequestTermination,
    RequestTransformer,
    Value,
)
from components.services.gateway.restriction_plugins import (
    BotDetection,
    IpRestriction,
    RateLimiting,
    RequestSizeLimiting,
)
from components.services.values import PortName
from stacks.model import Distinct, Model, at, form

HTTP_SECONDS, WEBSOCKET_SECONDS = 60, 3600
"""Silence that a request waits through, and an open WebSocket."""

_PLAIN = re.compile(r"/[A-Za-z0-9._~/%:@!$&'()*+,;=-]*")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def _path(text: str) -> str:
    """Paths as Kong takes them: kong/db/schema/typedefs.lua, validate_path_with_regexes."""
    if not text.startswith(("/", "~/")) or "//" in text:
        raise ValueError(
            "expected a prefix such as /api, or a regular expression such as ~/v[0-9]+/todos$; no // in it"
        )
    if text.startswith("~"):
        try:
            re.compile(text[1:])
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return text
    if not _PLAIN.fullmatch(text) or re.search(r"%(?![0-9A-F]{2})", text):
        raise ValueError("expected characters of an address, others written as % and two digits, 0 to 9 and A to F")
    if re.search(r"[()*$+]", text):
        raise ValueError("looks like a regular expression; one begins with ~/, and in a prefix ( is written %28")
    coded = [code for code in re.findall(r"%..", text) if _UNRESERVED.fullmatch(unquote(code))]
    if coded or re.search(r"/\.{1,2}(/|$)", text):
        raise ValueError(f"not in its simplest form: {coded[0] if coded else './ or ../'} stands for something shorter")
    return text


RoutePath = Annotated[str, AfterValidator(_path)]
RouteName = Annotated[
    str, form(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", "40 lower-case letters, digits and hyphens at most")
]
HostLabel = Annotated[
    str, form(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "the first part of a host below the stack's domain, such as api")
]
Package = Annotated[
    str, form(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*", "a package of Protocol Buffers, such as todo.v1")
]
RouteMethod = Literal["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"]


class Plugins(Model):
    """Plugins of a route, or of all routes of a workload. One of a route takes the place of the workload's."""

    acl: Acl | None = None
    basic_auth: BasicAuth | None = Field(default=None, alias="basic-auth")
    bot_detection: BotDetection | None = Field(default=None, alias="bot-detection")
    correlation_id: CorrelationId | None = Field(default=None, alias="correlation-id")
    cors: Cors | None = None
    ip_restriction: IpRestriction | None = Field(default=None, alias="ip-restriction")
    jwt: Jwt | None = None
    key_auth: KeyAuth | None = Field(default=None, alias="key-auth")
    opentelemetry: OpenTelemetry | None = None
    prometheus: Prometheus | None = None
    proxy_cache: ProxyCache | None = Field(default=None, alias="proxy-cache")
    rate_limiting: RateLimiting | None = Field(default=None, alias="rate-limiting")
    request_size_limiting: RequestSizeLimiting | None = Field(default=None, alias="request-size-limiting")
    request_termination: RequestTermination | None = Field(default=None, alias="request-termination")
    request_transformer: RequestTransformer | None = Field(default=None, alias="request-transformer")

    @field_validator("*")
    @classmethod
    def _none_is_empty(cls, plugin: PluginSpec | None) -> PluginSpec:
        """A plugin without a value, as `key-auth:` is in YAML, would not be there, and the route be open."""
        if plugin is None:
            raise ValueError("expected a mapping; {} for the plugin as it is")
        return plugin

    @property
    def chosen(self) -> dict[PluginName, PluginSpec]:
        """The plugins that there are, by Kong's names for them."""
        fields: dict[PluginName, PluginSpec | None] = {
            name: getattr(self, name.replace("-", "_"), None) for name in PLUGINS
        }
        return {name: plugin for name, plugin in fields.items() if plugin is not None}


class RouteSpec(Model):
    """Requests from outside that reach the service: all that match every condition which is given."""

    name: RouteName | None = None
    """Tells the routes of a service apart. Needed where it has several."""

    paths: Annotated[tuple[RoutePath, ...], Distinct] = ()
    """Prefixes, or regular expressions that begin with `~/`. The longest prefix wins, and an expression before it."""

    packages: Annotated[tuple[Package, ...], Distinct] = ()
    """For `grpc`: packages, all of whose services the route is for. In the place of paths."""

    hosts: Annotated[tuple[HostLabel, ...], Distinct] = ()
    """Hosts below the stack's domain, by their first part; the name of the workload, if none is given."""

    methods: Annotated[tuple[RouteMethod, ...], Distinct] = ()
    """Methods; every one, if none is given. Not for `grpc`."""

    headers: dict[HeaderName, Annotated[tuple[Value, ...], Field(min_length=1), Distinct]] = Field(
        default_factory=dict[HeaderName, tuple[Value, ...]]
    )
    """Headers and the values that they may have."""

    protocol: Literal["http", "grpc", "websocket"] = "http"
    tls_only: bool = True
    """Whether plain HTTP is redirected, and plain gRPC refused, instead of answered."""

    port: PortName | None = None
    """Name of the service's port; the only one, or that of the protocol's name, if not given."""

    strip_path: bool = False
    """Whether the service gets what follows the prefix, instead of the path as it is. Not for `grpc`."""

    preserve_host: bool = True
    """Whether the service gets the host that was asked for, instead of its own."""

    buffering: bool = True
    """Whether the gateway collects requests and answers before it passes them on. Server-sent events and large uploads
    want it off. Never for `websocket` and `grpc`."""

    timeout_seconds: int | None = Field(default=None, ge=1, le=86400)
    """Longest silence that is waited through, in seconds: 60, for `websocket` 3600."""

    consumers: Annotated[tuple[ConsumerName, ...], Distinct] = ()
    """Who may use the route, of the workload's consumers; all of them, if none is given and a plugin asks who it is."""

    plugins: Plugins = Plugins()
    without: Annotated[tuple[PluginName, ...], Distinct] = ()
    """Plugins of the workload that this route does without."""

    @model_validator(mode="after")
    def _matches_what_its_protocol_can(self) -> Self:
        problems: list[tuple[str, str]] = []
        grpc = self.protocol == "grpc"
        if self.packages and (not grpc or self.paths):
            problems.append(("packages", "for protocol: grpc, and in the place of paths"))
        if not self.paths and not self.packages:
            problems.append(("paths", "missing; / is everything"))
        if grpc and self.methods:
            problems.append(("methods", "gRPC has no method but POST"))
        if grpc and self.strip_path:
            problems.append(("strip_path", "the path of gRPC is the name of what is called"))
        if any(name.lower() == "host" for name in self.headers):
            problems.append(("headers", "hosts go into hosts"))
        if self.consumers and self.plugins.acl is not None:
            problems.append(("consumers", "acl says already who may use the route"))
        if problems:
            raise at(*problems)
        return self

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """Protocols as Kong names them."""
        if self.protocol == "grpc":
            return ("grpcs",) if self.tls_only else ("grpc", "grpcs")
        return ("https",) if self.tls_only else ("http", "https")

    @property
    def match_paths(self) -> tuple[str, ...]:
        """Paths as Kong matches them, packages included."""
        return (*self.paths, *(f"/{package}." for package in self.packages))

    @property
    def timeout_ms(self) -> int:
        """Longest silence that is waited through, in milliseconds."""
        default = WEBSOCKET_SECONDS if self.protocol == "websocket" else HTTP_SECONDS
        return 1000 * (self.timeout_seconds or default)


class GatewaySpec(Model):
    """What all routes of a workload have in common."""

    plugins: Plugins = Plugins()
    consumers: dict[ConsumerName, ConsumerSpec] = Field(default_factory=dict[ConsumerName, ConsumerSpec])
    """Who may use routes that ask who somebody is: programs, mostly."""
