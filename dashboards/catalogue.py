"""Every dashboard, in the order of the index."""

from collections.abc import Iterator
from importlib import import_module

from dashboards.layout import Dashboard

TOPICS = (
    "service_overview",
    "application_logs",
    "websocket",
    "grpc",
    "event_processing",
    "resiliency",
    "gateway",
    "ml_serving",
    "service_mesh",
    "slo",
    "platform_health",
    "capacity_cost",
    "data_services",
)
"""Modules of this package, each with its `DASHBOARD`."""


def dashboards() -> Iterator[Dashboard]:
    for topic in TOPICS:
        found = import_module(f"dashboards.{topic}").DASHBOARD
        assert isinstance(found, Dashboard)
        yield found
