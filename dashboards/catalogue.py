"""Every dashboard, in the order of the index."""

from collections.abc import Iterator
from importlib import import_module

from dashboards.layout import Dashboard

TOPICS = ("service_overview",)
"""Modules of this package, each with its `DASHBOARD`."""


def dashboards() -> Iterator[Dashboard]:
    for topic in TOPICS:
        found = import_module(f"dashboards.{topic}").DASHBOARD
        assert isinstance(found, Dashboard)
        yield found
