"""Service level objectives of a service, as its part of the workload file promises them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from components.span_metrics import LATENCY_BOUNDS_MS
from stacks.model import Distinct, Model

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

LOWEST_PERCENT, HIGHEST_PERCENT = 95.0, 99.999
"""Objectives that can be alerted on: below, a burn rate of 14.4 is more than everything failing; above, a month has
fewer bad events than an alert needs."""

AVAILABILITY, WEBSOCKET, AUDIT, EVENTS = 99.9, 99.5, 99.99, 99.9
P95_MS, P99_MS = 500, 1000

OF_ITS_OWN_METRICS = ("websocket_availability", "audit_durability")
"""Objectives whose indicator is what the service itself exposes (docs/application-metrics.md)."""


def _or_default(default: float) -> Callable[[Any], Any]:
    """`true` is the default, `false` is none."""
    return lambda value: (default if value else None) if isinstance(value, bool) else value


def _percent(value: Any) -> Any:
    number = isinstance(value, int | float)
    if value is not None and not (number and LOWEST_PERCENT <= value <= HIGHEST_PERCENT):
        raise ValueError(f"expected a percentage from {LOWEST_PERCENT:g} to {HIGHEST_PERCENT:g}, true or false")
    return value


def _bound(value: Any) -> Any:
    if value is not None and not (isinstance(value, int) and value in LATENCY_BOUNDS_MS):
        known = ", ".join(map(str, LATENCY_BOUNDS_MS))
        raise ValueError(f"expected one of {known}, which are the bounds that latencies are counted by, true or false")
    return value


def _or(default: float, written: Any) -> BeforeValidator:
    """A boolean, or what is `written` in place of one."""
    return BeforeValidator(_or_default(default), json_schema_input_type=written)


_Percent = Annotated[float, Field(ge=LOWEST_PERCENT, le=HIGHEST_PERCENT)] | bool | None
_Bound = Literal[LATENCY_BOUNDS_MS] | bool | None

Availability = Annotated[float | None, BeforeValidator(_percent), _or(AVAILABILITY, _Percent)]
WebSocketAvailability = Annotated[float | None, BeforeValidator(_percent), _or(WEBSOCKET, _Percent)]
AuditDurability = Annotated[float | None, BeforeValidator(_percent), _or(AUDIT, _Percent)]
EventDurability = Annotated[float | None, BeforeValidator(_percent), _or(EVENTS, _Percent)]
P95 = Annotated[int | None, BeforeValidator(_bound), _or(P95_MS, _Bound)]
P99 = Annotated[int | None, BeforeValidator(_bound), _or(P99_MS, _Bound)]


class Hours(Model):
    """When a floor holds, in UTC. Where `until` is not after `since`, the hours go past midnight."""

    since: int = Field(default=0, ge=0, le=23)
    """Hour at which it begins to hold."""

    until: int = Field(default=24, ge=1, le=24)
    """Hour at which it ends."""

    days: Annotated[tuple[Day, ...], Distinct] = Field(
        default=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), min_length=1
    )
    """Days, in UTC, on which it holds; the hours after midnight are those of the day that they are on."""

    @field_validator("until")
    @classmethod
    def _is_another_hour(cls, until: int, info: ValidationInfo) -> int:
        if until == info.data.get("since"):
            raise ValueError(f"expected another hour than since ({until}); leave both out for the whole day")
        return until


class Throughput(Model):
    """Floors: what a service gets done, averaged over half an hour, while there is something to do."""

    requests_per_second: float | None = Field(default=None, gt=0, le=1_000_000)
    """Requests, of all pods together."""

    events_per_second: float | None = Field(default=None, gt=0, le=1_000_000)
    """Events that it takes from Dapr's pub/sub and processes, of all pods together."""

    hours: Hours = Hours()
    """When the floors hold. Always, if not given."""

    idle_counts: bool = False
    """Whether nothing at all is below the floor as well. By default a service without any traffic is only idle."""

    @model_validator(mode="after")
    def _has_a_floor(self) -> Self:
        if self.requests_per_second is None and self.events_per_second is None:
            raise ValueError("expected requests_per_second or events_per_second")
        return self


class Slos(Model):
    """What a service promises over 30 days. `true` is the default of an objective, `false` is no such objective."""

    availability: Availability = AVAILABILITY
    """Percent of the requests that do not end in an error of the server. From the spans of the service."""

    latency_p95_ms: P95 = P95_MS
    """Milliseconds within which 95 of 100 requests are answered. From the spans of the service."""

    latency_p99_ms: P99 = P99_MS
    """Milliseconds within which 99 of 100 requests are answered. From the spans of the service."""

    websocket_availability: WebSocketAvailability = None
    """Percent of the openings and closings of WebSocket connections that are no fault of the server; 99.5 for `true`.
    From the service's own metrics."""

    audit_durability: AuditDurability = None
    """Percent of the audit events that are stored, of those received; 99.99 for `true`. From the service's own
    metrics."""

    event_durability: EventDurability = None
    """Percent of the events that are neither refused by the broker when published nor dropped undelivered; 99.9 for
    `true`. From the service's Dapr sidecar."""

    throughput: Throughput | None = None
    """Floors of throughput."""

    @field_validator("latency_p99_ms")
    @classmethod
    def _the_slowest_may_take_longer(cls, p99: int | None, info: ValidationInfo) -> int | None:
        p95: int | None = info.data.get("latency_p95_ms")
        if p99 is not None and p95 is not None and p99 < p95:
            raise ValueError(f"expected latency_p95_ms ({p95}) or more")
        return p99

    def unmeasured(self, *, answers: bool, measured: bool) -> list[tuple[str, str]]:
        """Objectives that the file names and nothing could measure: each its key, and why.

        `answers` says whether the service has a port, `measured` whether its metrics are scraped.
        """
        of_spans = ("availability", "latency_p95_ms", "latency_p99_ms")
        named = {key for key in self.model_fields_set if getattr(self, key) is not None}
        without_port = [(key, "the service has no port to answer at") for key in of_spans if key in named]
        without_metrics = [
            (key, "the service's own metrics measure it: metrics is missing")
            for key in OF_ITS_OWN_METRICS
            if key in named
        ]
        requests = self.throughput is not None and self.throughput.requests_per_second is not None
        if requests:
            without_port.append(("throughput.requests_per_second", "the service has no port to answer at"))
        return [*([] if answers else without_port), *([] if measured else without_metrics)]
