"""What the scripts ask is routed by the workload files, and the limits that they heed are those written there."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest

from components.services.gateway.model import RouteSpec
from components.services.gateway.restriction_plugins import RateLimiting
from components.services.model import WorkloadSpec, load_workload
from tests.load.run import SCRIPTS, SYSTEMS

Protocol = Literal["http", "grpc", "websocket"]

ASKED: dict[str, dict[str, tuple[Protocol, str]]] = {
    "todo": {"api": ("http", "/api/tasks"), "live": ("websocket", "/ws")},
    "orders": {
        "calls": ("grpc", "orders.v1"),
        "payments": ("http", "/payments"),
        "auth": ("http", "/auth/login"),
    },
    "indexforge": {"api": ("http", "/api/v1/documents"), "ml": ("http", "/api/v1/ml/embeddings")},
    "bakery": {"web": ("http", "/api/products")},
}
"""By scenario: the protocol, and a path or a package."""

SCENARIOS = [(system, scenario) for system in SYSTEMS for scenario in ASKED[system]]


def limits() -> dict[str, dict[str, int]]:
    """What the scripts take for the limits of one client in a minute, by system and scenario."""
    (text,) = re.findall(
        r"export const LIMITS = \{\n(.*?)\n\};", (SCRIPTS / "lib" / "levels.js").read_text(), re.DOTALL
    )
    found = re.findall(r"^  (\w+): \{ (.*) \},$", text, re.MULTILINE)
    return {system: {name: int(n) for name, n in re.findall(r"(\w+): (\d+)", said)} for system, said in found}


def routed(spec: WorkloadSpec, protocol: Protocol, asked: str) -> Iterator[tuple[int, RouteSpec]]:
    """Routes that a request takes, each with how much of it they say."""
    for route in (route for service in spec.services.values() for route in service.routes):
        if route.protocol == protocol:
            yield from ((len(begin), route) for begin in (*route.paths, *route.packages) if asked.startswith(begin))


@pytest.mark.parametrize(("system", "scenario"), SCENARIOS)
def test_what_a_scenario_asks_has_a_route_with_the_limit_that_it_heeds(system: str, scenario: str):
    spec = load_workload(system)
    protocol, asked = ASKED[system][scenario]

    _, route = max(routed(spec, protocol, asked), key=lambda found: found[0])

    everywhere = {name: one for name, one in spec.gateway.plugins.chosen.items() if name not in route.without}
    limiting = {**everywhere, **route.plugins.chosen}.get("rate-limiting")
    heeded = limits().get(system, {}).get(scenario)
    assert (limiting.per_minute if isinstance(limiting, RateLimiting) else None) == heeded


def test_every_scenario_is_held_against_its_route():
    for system in SYSTEMS:
        named = re.findall(r"\b(\w+): \{ exec:", (SCRIPTS / f"{system}.js").read_text())
        assert set(named) == ASKED[system].keys()


def test_a_user_signs_in_again_twice_while_a_token_of_the_identity_service_lasts():
    script = (SCRIPTS / "lib" / "session.js").read_text()
    seconds = sum(int(said) for said in re.findall(r"^const \w+_SECONDS = (\d+);$", script, re.MULTILINE))

    assert seconds == 1500
    assert 2 * seconds < int(load_workload("orders").services["identity"].env["JWT_LIFETIME_SECONDS"])
