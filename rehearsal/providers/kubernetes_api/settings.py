"""The provider's settings, with the environment variables that stand in for what a program leaves out."""

import os
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.providers.wire import UNKNOWN, Properties, plain

BOUND: Final = "REHEARSAL_AWAIT_SECONDS"
"""How long a rehearsal waits for an object at most, whatever the program allows."""

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds. Source: pulumi-kubernetes provider/pkg/await/await.go."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a provider is told."""

    kubeconfig: Any = None
    """Text, a map, a path, or None for the user's own file; UNKNOWN before its cluster is there."""
    context: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    server_side_apply: bool = True
    patch_force: bool = False
    upsert: bool = False
    """Whether a create takes over an object that is there already."""
    skip_update_unreachable: bool = False
    delete_unreachable: bool = False


def settings_of(configuration: Properties) -> Settings:
    """Source: pulumi-kubernetes provider.go Configure."""
    given = plain(configuration)
    return Settings(
        kubeconfig=given.get("kubeconfig") or None,
        context=_text(given, "context"),
        cluster=_text(given, "cluster"),
        namespace=_text(given, "namespace"),
        server_side_apply=_switch(given, "enableServerSideApply", "ENABLE_SERVER_SIDE_APPLY", default=True),
        patch_force=_switch(given, "enablePatchForce", "ENABLE_PATCH_FORCE"),
        upsert=_switch(given, "upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
        skip_update_unreachable=_switch(given, "skipUpdateUnreachable", "SKIP_UPDATE_UNREACHABLE"),
        delete_unreachable=_switch(given, "deleteUnreachable", "DELETE_UNREACHABLE"),
    )


def patience(custom: float, annotated: str | None) -> float:
    """How many seconds to wait for an object: its custom timeout, else its annotation, else ten minutes."""
    allowed = custom or DEFAULT_TIMEOUT
    if not custom and annotated is not None and annotated.isdigit():
        allowed = float(annotated)
    bound = os.environ.get(BOUND)
    return min(allowed, float(bound)) if bound else allowed


def _text(given: Properties, key: str) -> str | None:
    value = given.get(key)
    return value if isinstance(value, str) and value else None


def _switch(given: Properties, key: str, variable: str, *, default: bool = False) -> bool:
    value = given.get(key)
    if value is None or value is UNKNOWN:
        value = os.environ.get(f"PULUMI_K8S_{variable}", default)
    return value in (True, "true")
