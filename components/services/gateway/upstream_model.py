"""What a workload file says of how the gateway reaches the pods of a service."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.platform.gateway_upstreams import (
    MAX_COUNT,
    ActiveChecks,
    Algorithm,
    Hash,
    HashOn,
    PassiveChecks,
    Target,
    Upstream,
)
from components.services.gateway.plugin_model import HeaderName
from components.services.values import PlainPath
from stacks.model import Distinct, Model, form

CookieName = Annotated[str, form(r"[A-Za-z0-9_-]+", "the name of a cookie, such as session")]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Status = Annotated[int, Field(ge=100, le=599)]


class ActiveSpec(Model):
    """Requests that the gateway makes to each pod, whether somebody uses it or not."""

    path: PlainPath | None = None
    """What is asked for; the path of the readiness probe, if that is on the route's port."""

    interval_seconds: int = Field(default=10, ge=1, le=3600)
    timeout_seconds: int = Field(default=2, ge=1, le=60)
    successes: int = Field(default=1, ge=1, le=MAX_COUNT)
    """Good answers in a row after which a pod gets requests again."""

    failures: int = Field(default=3, ge=1, le=MAX_COUNT)
    """Bad answers in a row after which a pod gets none."""

    statuses: Annotated[tuple[Status, ...], Distinct] = Field(default=(200, 204, 302), min_length=1)
    """Statuses that are good."""


class CircuitSpec(Model):
    """The circuit breaker: what the answers to real requests say about a pod. Active checks let it back in."""

    failures: Count = 5
    """Bad answers in a row after which a pod gets no requests; 0 is never."""

    statuses: Annotated[tuple[Status, ...], Distinct] = Field(default=(500, 502, 503, 504), min_length=1)
    """Statuses that are bad."""

    connection_failures: Count = 3
    """Refused connections in a row after which a pod gets no requests; 0 is never."""

    timeouts: Count = 3
    """Timeouts in a row after which a pod gets no requests; 0 is never."""


class UpstreamSpec(Model):
    """How requests are spread over the pods of a service, and when one is left out."""

    algorithm: Algorithm = "round-robin"
    """`round-robin`; `least-connections`: the pod with the fewest open requests; `latency`: the quickest of late;
    `consistent-hashing`: always the same one for what `hash_on` says."""

    hash_on: HashOn | None = None
    """For `consistent-hashing`: `ip` of the client, `consumer`, `header`, `cookie` (one is given to who has none), or
    `path`. Where there is no such header or consumer, the client's address decides."""

    hash_header: HeaderName | None = None
    hash_cookie: CookieName | None = None
    health_checks: bool = True
    """Whether pods that answer badly are left out, where the gateway has a path to ask for (`active.path`). Pods that
    are not ready get no requests in any case. Those that speak gRPC alone get no checks."""

    active: ActiveSpec = ActiveSpec()
    circuit_breaker: CircuitSpec = CircuitSpec()
    retries: int = Field(default=2, ge=0, le=10)
    """How often a request is tried again at another pod: after a refused connection; after a timeout or a broken answer
    only where the method may be repeated."""

    connect_timeout_seconds: int = Field(default=5, ge=1, le=60)
    """Longest wait for a connection, in seconds."""

    @model_validator(mode="after")
    def _hashes_what_it_says(self) -> Self:
        if (self.algorithm == "consistent-hashing") != (self.hash_on is not None):
            raise ValueError("algorithm: consistent-hashing and hash_on go together")
        for kind, name in (("header", self.hash_header), ("cookie", self.hash_cookie)):
            if (self.hash_on == kind) != (name is not None):
                raise ValueError(f"hash_on: {kind} and hash_{kind} go together")
        return self

    def upstream(
        self, name: str, targets: list[Target], protocol: Literal["http", "grpc"], readiness_path: str | None
    ) -> Upstream:
        """The upstream. `readiness_path` is that of the readiness probe on the targets' port, if it has one."""
        chosen = Hash(on=self.hash_on, name=self.hash_header or self.hash_cookie or "") if self.hash_on else None
        path = self.active.path or readiness_path
        checked = self.health_checks and protocol == "http" and path is not None
        return Upstream(
            name=name,
            targets=targets,
            algorithm=self.algorithm,
            hash=chosen,
            active=self._active(path) if checked and path else None,
            passive=self._passive() if checked else None,
        )

    def _active(self, path: str) -> ActiveChecks:
        active = self.active
        return ActiveChecks(
            path=path,
            interval_seconds=active.interval_seconds,
            timeout_seconds=active.timeout_seconds,
            successes=active.successes,
            failures=active.failures,
            statuses=active.statuses,
        )

    def _passive(self) -> PassiveChecks:
        circuit = self.circuit_breaker
        return PassiveChecks(
            failures=circuit.failures,
            statuses=circuit.statuses,
            connection_failures=circuit.connection_failures,
            timeouts=circuit.timeouts,
        )
