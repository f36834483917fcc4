"""What a workload file says of how a service's calls are kept alive: timeouts, retries and circuit breakers."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.model import Distinct, Model, form

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST = 3600.0
Policy = Literal["timeout", "retry", "circuit_breaker"]


def seconds(duration: str) -> float:
    """How many seconds a duration such as 1m30s has."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))


def _within(duration: str) -> str:
    if not 0 < seconds(duration) <= LONGEST:
        raise ValueError("expected more than nothing, and an hour at most")
    return duration


Duration = Annotated[
    str,
    form(r"([0-9]+(\.[0-9]+)?(ms|s|m|h))+", "a duration such as 500ms, 10s or 1m30s"),
    AfterValidator(_within),
]
"""Until an hour."""


def _codes(low: int, high: int) -> AfterValidator:
    """A list of codes and ranges, as Dapr reads it: a space makes it invalid."""

    def check(text: str) -> str:
        for item in text.split(","):
            first, dash, last = item.partition("-")
            numbers = [int(part) if part.isdigit() else -1 for part in ((first, last) if dash else (first,))]
            if not all(low <= number <= high for number in numbers) or numbers[0] > numbers[-1]:
                raise ValueError(
                    f"expected codes from {low} to {high} and ranges of them, such as {low},{low + 1}-{high}"
                )
        return text

    return AfterValidator(check)


class Retry(Model):
    """What is tried again, and when."""

    policy: Literal["constant", "exponential"] = "exponential"
    """Whether the time between attempts stays or grows. It begins with half a second where it grows."""

    attempts: int = Field(default=3, ge=-1, le=100)
    """Times that it is tried again; -1 does so without an end, 0 not at all."""

    interval: Duration = "1s"
    """Time between attempts, where it stays."""

    max_interval: Duration = "15s"
    """Longest time between attempts, where it grows."""

    http_status_codes: Annotated[str, _codes(100, 599)] | None = None
    """Answers of HTTP that are tried again, such as 429,502-504; every error, if neither these nor gRPC's are given."""

    grpc_status_codes: Annotated[str, _codes(0, 16)] | None = None
    """Answers of gRPC that are tried again, such as 4,14."""


class CircuitBreaker(Model):
    """When a target is left alone, for it does not answer anyway."""

    failures: int = Field(default=5, ge=1, le=1000)
    """Failures in a row that open it."""

    open_for: Duration = "30s"
    """How long nothing is called then, until a trial."""

    trials: int = Field(default=1, ge=1, le=100)
    """Calls that are let through as a trial: they close it, or open it again."""


class Policies(Model):
    """How calls to one target are kept alive. What is not said here is the default."""

    timeout: Duration | None = None
    """How long one attempt may take."""

    retry: Retry | None = None
    circuit_breaker: CircuitBreaker | None = None
    without: Annotated[tuple[Policy, ...], Distinct] = ()
    """Defaults that the target is to be called without."""


class ComponentPolicies(Model):
    """A component has two directions: what the service asks of it, and what it brings to the service."""

    outbound: Policies = Policies()
    inbound: Policies = Policies()


class ActorPolicies(Policies):
    """How calls to actors of one type are kept alive."""

    breaker_scope: Literal["type", "id", "both"] = "type"
    """Whether a breaker is about all actors of the type, or about each by itself."""


class Resiliency(Model):
    """How the service's calls through Dapr are kept alive, by target. Every target has defaults (docs/dapr.md)."""

    services: dict[str, Policies] = Field(default_factory=dict[str, Policies])
    """By the called service, as `calls` names it."""

    components: dict[str, ComponentPolicies] = Field(default_factory=dict[str, ComponentPolicies])
    """By the name of the component: pubsub, state, configuration, secrets."""

    actors: dict[
        Annotated[str, form(r"[A-Za-z][A-Za-z0-9_.-]{0,62}", "a type of actor such as Order")], ActorPolicies
    ] = Field(default_factory=dict[str, ActorPolicies])
    """By the type of the actor. They have no defaults: who calls actors is not said anywhere else."""
