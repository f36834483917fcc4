"""Upstreams as Kong gets them: what decides, and what is left to Kong."""

from dataclasses import replace
from typing import Any

import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import FORMAT_VERSION
from components.platform.gateway_upstreams import (
    ActiveChecks,
    Hash,
    PassiveChecks,
    Target,
    Upstream,
    upstream_record,
)

UPSTREAM = Upstream(name="todo.backend.http", targets=[Target(host="backend-pods.todo.svc", port=8080)])


def record(**changes: Any) -> dict[str, Any]:
    found = upstream_record(replace(UPSTREAM, **changes))
    assert refusals({"_format_version": FORMAT_VERSION, "upstreams": [found]}) == []
    return found


def test_targets_have_a_port_and_a_weight_and_nothing_is_checked_unless_asked():
    targets = [*UPSTREAM.targets, Target(host="backend.todo.svc", port=8080, weight=1)]

    assert record(targets=targets, tags=["todo"]) == {
        "name": "todo.backend.http",
        "algorithm": "round-robin",
        "healthchecks": {},
        "tags": ["todo"],
        "targets": [
            {"target": "backend-pods.todo.svc:8080", "weight": 100},
            {"target": "backend.todo.svc:8080", "weight": 1},
        ],
    }


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [
        (Hash(on="ip"), {"hash_on": "ip"}),
        (Hash(on="path"), {"hash_on": "path"}),
        (Hash(on="consumer"), {"hash_on": "consumer", "hash_fallback": "ip"}),
        (
            Hash(on="header", name="X-Tenant"),
            {"hash_on": "header", "hash_on_header": "X-Tenant", "hash_fallback": "ip"},
        ),
        (
            Hash(on="header", name="X-Tenant", otherwise_ip=False),
            {"hash_on": "header", "hash_on_header": "X-Tenant"},
        ),
        (Hash(on="cookie", name="session"), {"hash_on": "cookie", "hash_on_cookie": "session"}),
    ],
)
def test_a_hash_says_what_it_is_of_and_nothing_of_the_algorithm_that_follows(chosen: Hash, fields: dict[str, str]):
    found = record(algorithm="consistent-hashing", hash=chosen)

    assert {key: found[key] for key in found if key.startswith("hash")} == fields
    assert "algorithm" not in found


@pytest.mark.parametrize("algorithm", ["round-robin", "least-connections", "latency"])
def test_an_algorithm_says_nothing_of_a_hash_which_would_change_it(algorithm: str):
    found = record(algorithm=algorithm)

    assert (found["algorithm"], [key for key in found if key.startswith("hash")]) == (algorithm, [])


def test_active_checks_ask_each_pod_and_passive_ones_count_what_it_answers():
    assert record(active=ActiveChecks(path="/ready"), passive=PassiveChecks())["healthchecks"] == {
        "active": {
            "type": "http",
            "http_path": "/ready",
            "timeout": 2,
            "healthy": {"interval": 10, "successes": 1, "http_statuses": [200, 204, 302]},
            "unhealthy": {"interval": 10, "http_failures": 3, "tcp_failures": 3, "timeouts": 3},
        },
        "passive": {
            "healthy": {"successes": 1},
            "unhealthy": {
                "http_failures": 5,
                "http_statuses": [500, 502, 503, 504],
                "tcp_failures": 3,
                "timeouts": 3,
            },
        },
    }


def test_the_certificate_of_a_pod_is_not_held_against_its_address():
    assert record(active=ActiveChecks(kind="https"))["healthchecks"]["active"]["https_verify_certificate"] is False
