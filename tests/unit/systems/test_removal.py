"""A service that goes takes along what there was for it: routes, policies, rules, dashboards, secrets."""

import json
import re
from typing import Any

import pytest

from components.services import entries
from components.services.model import read_workload
from tests.mock_engine import Deployed
from tests.plans import plan
from tests.unit.systems.system import gateway_file, system

REMOVED = [("todo", "audit"), ("orders", "payment"), ("indexforge", "ml-service"), ("bakery", "sales")]
REMOVED_FROM_SOME = [one for one in REMOVED if one[0] != "orders"]
"""Without orders, all of whose services call the payment service or are called by it."""


def without(values: dict[str, Any], gone: str) -> dict[str, Any]:
    """The file without a service, and without those who call it."""
    services = {name: dict(one) for name, one in values["services"].items() if name != gone}
    for one in services.values():
        one["calls"] = [called for called in one.get("calls", []) if called != gone]
        if targets := one.get("dapr", {}).get("resiliency", {}).get("services"):
            kept = {name: target for name, target in targets.items() if name != gone}
            one["dapr"] = {**one["dapr"], "resiliency": {"services": kept}}
    return {**values, "services": services}


def traces(deployed: Deployed, name: str, service: str) -> list[str]:
    """Resources of the system, and parts of the gateway's file, that tell of a service."""
    own = re.compile(rf"\b{name}-{service}(-|$)")
    told = [
        one.name
        for one in deployed.registrations.values()
        if own.search(one.name) or f"{name}/{service}" in json.dumps(one.inputs, default=str)
    ]
    file = gateway_file(deployed)
    return [*told, *(one["name"] for one in file["services"] if one["name"].startswith(f"{name}.{service}."))]


@pytest.mark.parametrize(("name", "service"), REMOVED)
def test_nothing_tells_of_a_service_that_is_gone(monkeypatch: pytest.MonkeyPatch, name: str, service: str):
    before = system(name, "gke-dev").deployed
    monkeypatch.setattr(entries, "read_workload", lambda read: without(read_workload(read), service))

    after = plan("gke-dev", {"workloads": {name: {}}})

    assert f"{name}-{service}-release" in traces(before, name, service)
    assert traces(after, name, service) == []


@pytest.mark.parametrize(("name", "service"), REMOVED_FROM_SOME)
def test_the_releases_of_those_who_had_nothing_to_do_with_it_stay_as_they_are(
    monkeypatch: pytest.MonkeyPatch, name: str, service: str
):
    before = system(name, "gke-dev")
    monkeypatch.setattr(entries, "read_workload", lambda read: without(read_workload(read), service))

    after = plan("gke-dev", {"workloads": {name: {}}})

    services = read_workload(name)["services"]
    called = {service, *services[service].get("calls", [])}
    others = {other for other in services if other not in called and service not in services[other].get("calls", [])}
    assert others
    for other in others:
        assert after.named(f"{name}-{other}-release").inputs == before.deployed.named(f"{name}-{other}-release").inputs
