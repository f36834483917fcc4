"""The Secrets of a plan, and which pods use which."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from components.restarts import RESTARTS
from rehearsal.providers.kubernetes.controllers import outcome, tokens
from rehearsal.providers.wire import Properties
from tests.mock_engine import Deployed, Registration

SECRET: Final = "kubernetes:core/v1:Secret"
PODS: Final = (
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:apps/v1:DaemonSet",
)
"""What runs on. Jobs read what they find, once."""


@dataclass(frozen=True)
class Use:
    """Pods that name a Secret of their namespace."""

    namespace: str
    user: str
    secret: str
    restarted: bool
    """Whether a change of it brings new pods."""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.user} uses {self.secret}"


class _Everything:
    """A cluster in which controllers find all that they look for."""

    def runs_in(self, chart: str) -> str | None:
        return chart

    def find(self, kind: str, name: str, namespace: str) -> Properties | None:
        group, _, short = kind.partition("/")
        return {"apiVersion": f"{group}/v1", "kind": short, "metadata": {"name": name, "namespace": namespace}}

    def in_vault(self, name: str) -> bool:
        return True


def secrets(deployed: Deployed) -> set[tuple[str, str]]:
    """Namespace and name of every Secret that the plan brings, by itself or through a controller."""
    found = {place(one) for one in deployed.of_type(SECRET)}
    for token, kind in tokens().items():
        for one in deployed.of_type(token):
            found |= {(made.namespace, made.name) for made in outcome(kind, one.inputs, _Everything()).secrets}
    return found


def uses(deployed: Deployed) -> Iterator[Use]:
    """Each use once. A service and its Secret have one name, so that some of what is found only looks like a use."""
    known = secrets(deployed)
    for kind in PODS:
        for one in deployed.of_type(kind):
            namespace, user = place(one)
            content = {key: one.inputs[key] for key in ("values", "spec") if key in one.inputs}
            named = {text for text in texts(content) if (namespace, text) in known}
            restarted = set(watched(content))
            yield from (Use(namespace, user, secret, secret in restarted) for secret in sorted(named))


def place(one: Registration) -> tuple[str, str]:
    """Namespace and name of an object or a release."""
    metadata = one.inputs.get("metadata", one.inputs)
    return metadata["namespace"], metadata["name"]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def watched(value: Any) -> Iterator[str]:
    """The Secrets whose change brings new pods, as annotations say."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == RESTARTS:
                yield from item.split(",")
            else:
                yield from watched(item)
    elif isinstance(value, list):
        for item in value:
            yield from watched(item)
