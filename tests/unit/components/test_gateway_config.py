"""The gateway's configuration, as Kong would read it."""

import copy
from typing import Any

import pytest

from components.platform.gateway_config import (
    METRICS,
    Consumer,
    Gateway,
    Plugin,
    Route,
    Service,
    content_hash,
    declarative,
    problems,
)
from tests.unit.components.kong_declarative import refusals

ROUTE = Route(name="todo", hosts=["todo.acme.example"], paths=["/api"], headers={"x-version": ["2"]})
SERVICE = Service(name="todo", host="todo.todo.svc", port=8080, routes=[ROUTE], plugins=[Plugin(name="basic-auth")])
GATEWAY = Gateway(services=[SERVICE], consumers=[Consumer(username="ada")], plugins=[METRICS])


def test_a_gateway_is_written_as_kong_reads_it():
    assert declarative(GATEWAY, {"ada": "secret"}) == {
        "_format_version": "3.0",
        "services": [
            {
                "name": "todo",
                "protocol": "http",
                "host": "todo.todo.svc",
                "port": 8080,
                "read_timeout": 60000,
                "write_timeout": 60000,
                "routes": [
                    {
                        "name": "todo",
                        "hosts": ["todo.acme.example"],
                        "paths": ["/api"],
                        "headers": {"x-version": ["2"]},
                        "protocols": ["https"],
                        "https_redirect_status_code": 308,
                        "strip_path": False,
                        "preserve_host": True,
                        "plugins": [],
                    }
                ],
                "plugins": [{"name": "basic-auth", "config": {}}],
            }
        ],
        "routes": [],
        "consumers": [
            {"username": "ada", "basicauth_credentials": [{"username": "ada", "password": "secret"}]},
        ],
        "plugins": [
            {
                "name": "prometheus",
                "config": {
                    "status_code_metrics": True,
                    "latency_metrics": True,
                    "bandwidth_metrics": True,
                    "upstream_health_metrics": True,
                },
            }
        ],
    }
    assert refusals(declarative(GATEWAY, {"ada": "secret"})) == []


def test_the_hash_follows_the_content_and_no_password():
    other = Gateway(services=[SERVICE], consumers=[Consumer(username="ada")])

    assert content_hash(GATEWAY) == content_hash(copy.deepcopy(GATEWAY))
    assert content_hash(GATEWAY) != content_hash(other)


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        (Gateway(services=[SERVICE, Service(name="todo", host="other", port=1)]), ["service todo is there twice"]),
        (
            Gateway(services=[SERVICE], routes=[Route(name="todo", hosts=["other.acme.example"])]),
            ["route todo is there twice"],
        ),
        (
            Gateway(services=[SERVICE], routes=[Route(**{**vars(ROUTE), "name": "again"})]),
            ["two routes match https://todo.acme.example/api"],
        ),
        (Gateway(consumers=[Consumer(username="ada"), Consumer(username="ada")]), ["consumer ada is there twice"]),
        (Gateway(services=[SERVICE], routes=[Route(name="all", hosts=["todo.acme.example"], paths=["/api"])]), []),
    ],
)
def test_what_is_there_twice_is_told_by_name(gateway: Gateway, expected: list[str]):
    assert problems(gateway) == expected


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        (["services", 0, "portt"], 1, "services[0].portt: unknown field"),
        (["services", 0, "port"], 70000, "services[0].port: 70000 is not between [0, 65535]"),
        (["services", 0, "routes", 0, "strip_path"], "no", "services[0].routes[0].strip_path: not of type boolean"),
        (["plugins", 0, "name"], "promotheus", "plugins[0].name: no such plugin"),
        (["plugins", 0, "config", "status"], True, "plugins[0].config.status: unknown field"),
        (["_format_version"], 3.0, "_format_version: not one of them"),
        (["consumer_groups"], [], "consumer_groups: unknown"),
    ],
)
def test_the_check_of_these_tests_finds_what_kong_refuses(path: list[Any], value: Any, refusal: str):
    document = declarative(GATEWAY, {"ada": "secret"})
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert refusals(document) == [refusal]
