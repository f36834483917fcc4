"""How the kubelet sees that a service has started, is alive, and can serve."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from components.services.pods.port_model import Port
from components.services.values import HttpPath, PortName
from stacks.model import Model, form

HealthService = Annotated[str, form(r"[A-Za-z0-9._/-]{1,253}", "the name of a gRPC service, for example orders.Orders")]


class Probe(Model):
    """A question of the kubelet: an HTTP request, which 2xx and 3xx answer well, or, at a port of protocol grpc, the
    gRPC health check (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
    """

    path: HttpPath | None = None
    """What is requested by HTTP. Not at a port of protocol grpc."""

    port: PortName
    """Name of the port."""

    service: HealthService | None = None
    """Which gRPC service is asked for; if not given, the server as a whole."""

    period_seconds: int = Field(default=10, ge=1, le=3600)
    """Seconds between two questions."""

    timeout_seconds: int = Field(default=2, ge=1, le=3600)
    """Seconds that an answer may take."""

    failures: int = Field(default=3, ge=1, le=1000)
    """Failures in a row after which the pod is restarted, or taken out of service."""


class Probes(Model):
    """What the kubelet asks of each pod."""

    startup: Probe | None = None
    """Whether it has started. Until then nothing else is asked; where it never does, the pod is restarted."""

    liveness: Probe | None = None
    """Whether it is alive: if not, it is restarted."""

    readiness: Probe | None = None
    """Whether it can serve: if not, it gets no requests."""

    def problems(self, ports: Mapping[str, Port]) -> list[tuple[str, str]]:
        """What is wrong with them on a service that has these ports: key path, and text."""
        return [
            (f"{kind}.{key}", text)
            for kind, probe in self
            if probe is not None
            for key, text in _problems(probe, ports)
        ]

    def paths(self) -> set[str]:
        """What the kubelet requests by HTTP."""
        return {probe.path for _kind, probe in self if probe is not None and probe.path is not None}

    @property
    def ask_by_grpc(self) -> bool:
        """Whether the kubelet makes gRPC health checks."""
        return any(probe is not None and probe.path is None for _kind, probe in self)


def _problems(probe: Probe, ports: Mapping[str, Port]) -> Iterator[tuple[str, str]]:
    port = ports.get(probe.port)
    if port is None:
        yield "port", f"{probe.port} is not one of the ports"
    elif port.protocol == "tcp":
        yield "port", f"{probe.port} speaks neither HTTP nor gRPC, which probes ask by"
    elif port.protocol == "grpc" and probe.path is not None:
        yield "path", f"{probe.port} is asked by gRPC, which knows no paths; leave it out, or name a service"
    elif port.protocol != "grpc" and probe.path is None:
        yield "path", f"missing; {probe.port} is asked by HTTP"
    elif port.protocol != "grpc" and probe.service is not None:
        yield "service", f"{probe.port} is asked by HTTP; only ports of protocol grpc are asked for a service"
