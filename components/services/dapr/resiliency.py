"""How calls through Dapr are kept alive: the policies of each service, for every target that it has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.services.calls import ServiceCall, parse_call
from components.services.dapr.model import DaprSpec
from components.services.dapr.object import Declared
from components.services.dapr.resiliency_model import (
    CircuitBreaker,
    ComponentPolicies,
    Policies,
    Policy,
    Retry,
)

BREAKER = CircuitBreaker()
SERVICE = Policies(
    timeout="10s",
    # What was refused may be asked again. What failed may have been done.
    retry=Retry(attempts=3, max_interval="5s", http_status_codes="429,502-504", grpc_status_codes="14"),
    circuit_breaker=BREAKER,
)
"""A call to another service."""

OUTBOUND = Policies(timeout="10s", retry=Retry(attempts=3, max_interval="5s"), circuit_breaker=BREAKER)
"""What a service asks of a component."""

INBOUND = Policies(timeout="60s", retry=Retry(attempts=5, max_interval="30s"))
"""A message. No breaker: it would be the one of messages that are sent, since a component has one for both."""

NONE = Policies()


@dataclass
class _Document:
    """A Resiliency that is being written. Each policy has the name of its target: none is shared by two."""

    timeouts: dict[str, str] = field(default_factory=dict[str, str])
    retries: dict[str, Any] = field(default_factory=dict[str, Any])
    breakers: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(self, name: str, asked: Policies, default: Policies) -> dict[str, str]:
        """The policies of one target, by their names."""
        target: dict[str, str] = {}
        if timeout := _chosen(asked, default, "timeout"):
            self.timeouts[name] = timeout
            target["timeout"] = name
        if retry := _chosen(asked, default, "retry"):
            self.retries[name] = retry_policy(retry)
            target["retry"] = name
        if breaker := _chosen(asked, default, "circuit_breaker"):
            self.breakers[name] = circuit_breaker(breaker)
            target["circuitBreaker"] = name
        return target

    def policies(self) -> dict[str, Any]:
        written = {"timeouts": self.timeouts, "retries": self.retries, "circuitBreakers": self.breakers}
        return {kind: policies for kind, policies in written.items() if policies}


def _chosen(asked: Policies, default: Policies, policy: Policy) -> Any:
    if policy in asked.without:
        return None
    return getattr(asked, policy) or getattr(default, policy)


def resiliency(service: str, dapr: DaprSpec, calls: Sequence[str]) -> Declared | None:
    """The policies of one service, for whatever it calls; none if it calls nothing."""
    document = _Document()
    targets = {
        "apps": dict(_apps(document, dapr, calls)),
        "components": dict(_components(document, dapr)),
        "actors": dict(_actors(document, dapr)),
    }
    known = {kind: found for kind, found in targets.items() if found}
    if not known:
        return None
    spec = {"policies": document.policies(), "targets": known}
    return Declared(kind="Resiliency", name=service, spec=spec, scopes=[service])


def _apps(document: _Document, dapr: DaprSpec, calls: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for text in calls:
        if isinstance(call := parse_call(text), ServiceCall):
            # An app of another namespace is called, and has its policies, by both names.
            app = f"{call.service}.{call.workload}" if call.workload else call.service
            asked = dapr.resiliency.services.get(text, NONE)
            if target := document.add(f"service-{app}", asked, SERVICE):
                yield app, target


def _components(document: _Document, dapr: DaprSpec) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in sorted(dapr.uses()):
        asked = dapr.resiliency.components.get(name, ComponentPolicies())
        directions: dict[str, Any] = {}
        if name != "pubsub" or dapr.publishes:
            directions["outbound"] = document.add(f"{name}-outbound", asked.outbound, OUTBOUND)
        if name == "pubsub" and dapr.subscribes:
            directions["inbound"] = document.add(f"{name}-inbound", asked.inbound, INBOUND)
        if known := {direction: target for direction, target in directions.items() if target}:
            yield name, known


def _actors(document: _Document, dapr: DaprSpec) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, asked in dapr.resiliency.actors.items():
        target = document.add(f"actor-{name}", asked, NONE)
        if "circuitBreaker" in target:
            target["circuitBreakerScope"] = asked.breaker_scope
        if target:
            yield name, target


def retry_policy(retry: Retry) -> dict[str, Any]:
    """What is tried again. Without `matching` every error is."""
    grows = {"maxInterval": retry.max_interval}
    policy: dict[str, Any] = {"policy": retry.policy, "maxRetries": retry.attempts}
    policy |= grows if retry.policy == "exponential" else {"duration": retry.interval}
    matching = {"httpStatusCodes": retry.http_status_codes, "gRPCStatusCodes": retry.grpc_status_codes}
    if codes := {name: listed for name, listed in matching.items() if listed is not None}:
        policy["matching"] = codes
    return policy


def circuit_breaker(breaker: CircuitBreaker) -> dict[str, Any]:
    """When a target is left alone. Failures in a row are counted until one call succeeds."""
    return {
        "maxRequests": breaker.trials,
        "timeout": breaker.open_for,
        "trip": f"consecutiveFailures >= {breaker.failures}",
    }
