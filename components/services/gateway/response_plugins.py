"""What a workload file says of the gateway's plugins that answer, mark or change requests, as Kong knows them."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from components.services.gateway.plugin_model import HeaderName, Headers, PluginSpec, Text
from stacks.model import Distinct, form

Origin = Annotated[
    str,
    form(
        r"\*|https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?",
        "an origin such as https://app.acme.example or https://*.acme.example, or * for every one",
    ),
]
ContentType = Annotated[
    str, form(r"[a-z0-9*.+-]+/[a-z0-9*.+-]+(; ?[a-z-]+=[A-Za-z0-9-]+)?", "a type such as text/plain")
]
Value = Annotated[
    str,
    form(
        r"(?!.*\$\()[^\x00-\x1f\x7f]+", "text in one line, without $( that Kong would take for the start of a program"
    ),
]
ParameterName = Annotated[str, form(r"[A-Za-z0-9_.-]+", "the name of a parameter")]
Method = Literal["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"]


class Cors(PluginSpec):
    """Which pages of other origins a browser lets use the answers. Kong answers what browsers ask beforehand."""

    origins: Annotated[tuple[Origin, ...], Distinct] = Field(min_length=1)
    """Origins of those pages."""

    methods: Annotated[tuple[Method, ...], Distinct] = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS")
    headers: Headers = ()
    """Headers that a page may send; those that it asks for, if none is given."""

    exposed_headers: Headers = ()
    """Headers of answers that a page may read."""

    credentials: bool = False
    """Whether a page may send cookies and passwords. Not with every origin."""

    max_age_seconds: int = Field(default=3600, ge=0, le=86400)
    """Seconds that a browser does not ask again."""

    @model_validator(mode="after")
    def _does_not_trust_everybody(self) -> Self:
        if self.credentials and "*" in self.origins:
            raise ValueError("credentials with every origin would let any page act as its visitor")
        return self

    def config(self) -> dict[str, Any]:
        return {
            "origins": [_origin(origin) for origin in self.origins],
            "methods": list(self.methods),
            **({"headers": list(self.headers)} if self.headers else {}),
            **({"exposed_headers": list(self.exposed_headers)} if self.exposed_headers else {}),
            "credentials": self.credentials,
            "max_age": self.max_age_seconds,
        }


def _origin(origin: str) -> str:
    """The origin, or a regular expression of all those below it."""
    before, star, after = origin.partition("*.")
    return rf"^{re.escape(before)}[a-z0-9.-]+\.{re.escape(after)}$" if star and before else origin


class Prometheus(PluginSpec):
    """Metrics of the route by consumer as well. Without it there are those that every route has."""

    per_consumer: bool = True
    """Whether each consumer has series of its own."""

    def config(self) -> dict[str, Any]:
        return {
            "status_code_metrics": True,
            "latency_metrics": True,
            "bandwidth_metrics": True,
            "upstream_health_metrics": True,
            "per_consumer": self.per_consumer,
        }


class ProxyCache(PluginSpec):
    """Keeps answers in the memory of each replica of the gateway."""

    ttl_seconds: int = Field(default=300, ge=1, le=86400)
    """Seconds that an answer is kept, where `cache_control` does not say it."""

    cache_control: bool = True
    """Whether an answer is kept only if, and for as long as, its `Cache-Control` header allows. Without, every answer
    is that has one of the statuses and types below."""

    methods: Annotated[tuple[Literal["GET", "HEAD"], ...], Distinct] = Field(default=("GET", "HEAD"), min_length=1)
    statuses: Annotated[tuple[Annotated[int, Field(ge=200, le=599)], ...], Distinct] = Field(
        default=(200, 301, 404), min_length=1
    )
    content_types: Annotated[tuple[ContentType, ...], Distinct] = Field(
        default=("application/json", "application/json; charset=utf-8", "text/plain", "text/plain; charset=utf-8"),
        min_length=1,
    )
    """Types of answers, with the character set that they say."""

    vary_headers: Headers = ()
    """Headers besides Authorization and Cookie that make it another answer."""

    vary_query_params: Annotated[tuple[ParameterName, ...], Distinct] = ()
    """Parameters that make it another answer; all of them, if none is given."""

    def config(self) -> dict[str, Any]:
        # Kong keeps answers apart by consumer, and not by what a service itself asks: without these two headers, one
        # user would get what another was told (cache_key.lua of the plugin).
        vary = ["authorization", "cookie", *(header.lower() for header in self.vary_headers)]
        return {
            "strategy": "memory",
            "cache_ttl": self.ttl_seconds,
            "cache_control": self.cache_control,
            "request_method": list(self.methods),
            "response_code": list(self.statuses),
            "content_type": list(self.content_types),
            "vary_headers": list(dict.fromkeys(vary)),
            **({"vary_query_params": list(self.vary_query_params)} if self.vary_query_params else {}),
        }


class CorrelationId(PluginSpec):
    """Gives each request a name that logs of the gateway and of services have in common."""

    header_name: HeaderName = "X-Request-ID"
    generator: Literal["uuid", "uuid#counter", "tracker"] = "uuid"
    """What it is made of, where the client has sent none."""

    echo_downstream: bool = True
    """Whether the client is told."""

    def config(self) -> dict[str, Any]:
        return {
            "header_name": self.header_name,
            "generator": self.generator,
            "echo_downstream": self.echo_downstream,
        }


class RequestTermination(PluginSpec):
    """Answers in the place of the service: while it is being worked on, or for paths that are closed."""

    status: int = Field(default=503, ge=200, le=599)
    message: Text | None = None
    """Text of an answer in the form that the client asked for."""

    body: Text | None = None
    """The whole answer, in the place of a message."""

    content_type: ContentType | None = None
    """Type of the body."""

    trigger: HeaderName | None = None
    """Header, or parameter, that a request has to have for it to be answered so."""

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        if self.message is not None and self.body is not None:
            raise ValueError("expected message or body, and not both")
        if self.content_type is not None and self.body is None:
            raise ValueError("content_type is that of a body, which is missing")
        return self

    def config(self) -> dict[str, Any]:
        fields = {
            "message": self.message,
            "body": self.body,
            "content_type": self.content_type,
            "trigger": self.trigger,
        }
        return {"status_code": self.status, **{name: value for name, value in fields.items() if value is not None}}


class OpenTelemetry(PluginSpec):
    """Sends spans of the gateway to the collector. Requests have the trace that their sender began, else a new one."""

    sampling_rate: float | None = Field(default=None, ge=0, le=1)
    """Part of the traces that begin here which is kept; what the gateway as a whole keeps, if not given."""

    def config(self) -> dict[str, Any]:
        return {
            "resource_attributes": {"service.name": "kong"},
            "propagation": {"default_format": "w3c"},
            **({"sampling_rate": self.sampling_rate} if self.sampling_rate is not None else {}),
        }


class RequestTransformer(PluginSpec):
    """Changes what the service gets."""

    remove_headers: Headers = ()
    set_headers: dict[HeaderName, Value] = Field(default_factory=dict[HeaderName, Value])
    """Headers and their values, whatever the client has sent."""

    remove_parameters: Annotated[tuple[ParameterName, ...], Distinct] = ()
    set_parameters: dict[ParameterName, Value] = Field(default_factory=dict[ParameterName, Value])
    """Parameters of the address and their values, whatever the client has sent."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.remove_headers or self.set_headers or self.remove_parameters or self.set_parameters):
            raise ValueError("expected something that is removed or set")
        return self

    def config(self) -> dict[str, Any]:
        headers = [f"{name}:{value}" for name, value in self.set_headers.items()]
        parameters = [f"{name}:{value}" for name, value in self.set_parameters.items()]
        # `replace` changes what is there, and `add` what is not.
        put = {"headers": headers, "querystring": parameters}
        removed = {"headers": list(self.remove_headers), "querystring": list(self.remove_parameters)}
        return {"remove": removed, "replace": put, "add": put}
