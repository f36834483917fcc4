"""The gateway's configuration, as Kong would read it."""

import copy
from dataclasses import replace

import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, Route, Service, content_hash, declarative, merged
from components.platform.gateway_credentials import (
    Consumer,
    FromVault,
    Generated,
    Key,
    Password,
    SharedToken,
    SignedToken,
    credential_sources,
)
from components.platform.gateway_plugins import METRICS, Counters, Plugin, allowed, counters_record
from components.platform.gateway_upstreams import ActiveChecks, PassiveChecks, Target, Upstream

PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
ROUTE = Route(name="todo", hosts=["todo.acme.example"], paths=["/api"], headers={"x-version": ["2"]}, methods=["GET"])
SERVICE = Service(
    name="todo",
    host="todo-http",
    port=8080,
    routes=[ROUTE],
    plugins=[Plugin(name="key-auth"), Plugin(name="basic-auth"), Plugin(name="jwt"), allowed(["todo"])],
)
UPSTREAM = Upstream(
    name="todo-http",
    targets=[Target(host="todo-pods.todo.svc", port=8080)],
    active=ActiveChecks(path="/ready"),
    passive=PassiveChecks(),
)
CONSUMER = Consumer(
    username="todo.mobile",
    groups=["todo"],
    keys=[Key(source=Generated(name="first")), Key(source=FromVault(name="todo-mobile"))],
    passwords=[Password(username="mobile", source=FromVault(name="todo-password"))],
    tokens=[
        SignedToken(issuer="https://login.acme.example", public_key=PUBLIC_KEY),
        SharedToken(issuer="todo-batch", source=Generated(name="batch")),
    ],
)
GATEWAY = Gateway(services=[SERVICE], upstreams=[UPSTREAM], consumers=[CONSUMER], plugins=[METRICS])
VALUES = {place: f"value of {place}" for place in credential_sources(GATEWAY.consumers)}


def test_a_gateway_is_written_as_kong_reads_it():
    document = declarative(GATEWAY, VALUES)

    assert refusals(document) == []
    assert document["_format_version"] == "3.0"
    (service,) = document["services"]
    assert {key: service[key] for key in service if key not in ("routes", "plugins")} == {
        "name": "todo",
        "protocol": "http",
        "host": "todo-http",
        "port": 8080,
        "connect_timeout": 5000,
        "read_timeout": 60000,
        "write_timeout": 60000,
        "retries": 2,
    }
    assert service["routes"] == [
        {
            "name": "todo",
            "hosts": ["todo.acme.example"],
            "paths": ["/api"],
            "methods": ["GET"],
            "headers": {"x-version": ["2"]},
            "protocols": ["https"],
            "https_redirect_status_code": 308,
            "strip_path": False,
            "preserve_host": True,
            "request_buffering": True,
            "response_buffering": True,
            "plugins": [],
        }
    ]


def test_consumers_have_every_sort_of_credential_at_its_place():
    (consumer,) = declarative(GATEWAY, VALUES)["consumers"]

    assert consumer == {
        "username": "todo.mobile",
        "acls": [{"group": "todo"}],
        "keyauth_credentials": [
            {"key": "value of todo.mobile/key/0"},
            {"key": "value of todo.mobile/key/1"},
        ],
        "basicauth_credentials": [{"username": "mobile", "password": "value of todo.mobile/password/0"}],
        "jwt_secrets": [
            {"key": "https://login.acme.example", "algorithm": "RS256", "rsa_public_key": PUBLIC_KEY},
            {"key": "todo-batch", "algorithm": "HS256", "secret": "value of todo.mobile/token/1"},
        ],
    }


def test_a_place_says_where_its_value_comes_from_and_a_public_key_is_none():
    assert credential_sources(GATEWAY.consumers) == {
        "todo.mobile/key/0": Generated(name="first"),
        "todo.mobile/key/1": FromVault(name="todo-mobile"),
        "todo.mobile/password/0": FromVault(name="todo-password"),
        "todo.mobile/token/1": Generated(name="batch"),
    }


def test_the_hash_follows_the_content_and_no_credential():
    other = replace(CONSUMER, keys=[Key(source=Generated(name="second"))])

    assert content_hash(GATEWAY) == content_hash(copy.deepcopy(GATEWAY))
    assert content_hash(GATEWAY) != content_hash(replace(GATEWAY, plugins=[]))
    assert content_hash(GATEWAY) != content_hash(replace(GATEWAY, consumers=[other]))


def test_gateways_are_put_together():
    other = Gateway(routes=[Route(name="closed", hosts=["monitoring.acme.example"])])
    both = merged(GATEWAY, other)

    assert (both.services, both.upstreams, both.consumers) == ([SERVICE], [UPSTREAM], [CONSUMER])
    assert [route.name for route in both.all_routes] == ["closed", "todo"]


def test_a_route_of_grpc_is_one_that_kong_takes():
    route = Route(name="rpc", hosts=["todo.acme.example"], paths=["/todo.v1."], protocols=["grpcs"], buffering=False)
    gateway = Gateway(services=[Service(name="rpc", host="todo", port=9090, protocol="grpc", routes=[route])])

    assert refusals(declarative(gateway, {})) == []


@pytest.mark.parametrize(
    ("counters", "record"),
    [
        (Counters(host="counters"), {"host": "counters", "port": 6379, "timeout": 500, "database": 0}),
        (
            Counters(host="counters", username="kong", password="{vault://env/counters}", tls=True, server_name="c"),
            {
                "host": "counters",
                "port": 6379,
                "timeout": 500,
                "database": 0,
                "username": "kong",
                "password": "{vault://env/counters}",
                "ssl": True,
                "ssl_verify": True,
                "server_name": "c",
            },
        ),
    ],
)
def test_an_encrypted_store_of_counters_has_to_prove_its_name(counters: Counters, record: dict[str, object]):
    limits = Plugin(name="rate-limiting", config={"minute": 5, "policy": "redis", "redis": counters_record(counters)})

    assert counters_record(counters) == record
    assert refusals(declarative(Gateway(plugins=[limits]), {})) == []
