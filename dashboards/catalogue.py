"""Every dashboard and every template of one, in the order of the index."""

from collections.abc import Iterable, Iterator, Mapping
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
    "backups",
    "load_tests",
)
"""Modules of this package, each with its `DASHBOARD`."""


TEMPLATES = ("services", "gateway", "circuit_breakers", "caches", "machine_learning")
"""Modules of `dashboards.workload`, each with its `DASHBOARD`."""


def dashboards() -> Iterator[Dashboard]:
    return _found(f"dashboards.{topic}" for topic in TOPICS)


def templates() -> Mapping[str, Dashboard]:
    """Dashboards of one workload or service, by the names that workload files have for them."""
    names = [template.replace("_", "-") for template in TEMPLATES]
    return dict(zip(names, _found(f"dashboards.workload.{template}" for template in TEMPLATES), strict=True))


def _found(modules: Iterable[str]) -> Iterator[Dashboard]:
    for module in modules:
        found = import_module(module).DASHBOARD
        assert isinstance(found, Dashboard)
        yield found
