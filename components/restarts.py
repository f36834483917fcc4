"""Which Secrets' changes bring new pods: what is asked of Reloader (`components/platform/reloader.py`)."""

from collections.abc import Mapping
from typing import Final

RESTARTS: Final = "secret.reloader.stakater.com/reload"
"""Annotation of pods: the Secrets, by name, with a comma between two, whose change brings new pods."""


def restarts(*secrets: str) -> dict[str, str]:
    """The annotation of pods that are to be replaced when one of these Secrets changes."""
    return {RESTARTS: ",".join(secrets)} if secrets else {}


def with_restarts(annotations: Mapping[str, str], *secrets: str) -> dict[str, str]:
    """The annotations of pods, which a change of these Secrets replaces too, besides those that they name already."""
    watched = filter(None, annotations.get(RESTARTS, "").split(","))
    return {**annotations, **restarts(*dict.fromkeys([*watched, *secrets]))}
