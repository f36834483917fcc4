"""What Kong takes without a word and does otherwise than meant: refused by name before anything is made."""

from dataclasses import replace
from typing import Any

import pytest

from components.platform.gateway_config import Gateway, Route, Service
from components.platform.gateway_credentials import Consumer, Generated, Key, Password, SharedToken
from components.platform.gateway_plugins import METRICS, Plugin, allowed
from components.platform.gateway_problems import problems
from components.platform.gateway_upstreams import ActiveChecks, Hash, PassiveChecks, Target, Upstream

ROUTE = Route(name="todo", hosts=["todo.acme.example"], paths=["/api"], headers={"x-version": ["2"]})
UPSTREAM = Upstream(
    name="todo-http",
    targets=[Target(host="todo.todo.svc", port=8080), Target(host="canary.todo.svc", port=8080, weight=0)],
    active=ActiveChecks(),
    passive=PassiveChecks(),
)
SERVICE = Service(
    name="todo", host="todo-http", port=8080, routes=[ROUTE], plugins=[Plugin(name="key-auth"), allowed(["todo"])]
)
CONSUMER = Consumer(username="mobile", groups=["todo"], keys=[Key(source=Generated(name="first"))])
GATEWAY = Gateway(services=[SERVICE], upstreams=[UPSTREAM], consumers=[CONSUMER], plugins=[METRICS])


def route(**changes: Any) -> Gateway:
    return replace(GATEWAY, services=[replace(SERVICE, routes=[ROUTE, replace(ROUTE, **{"name": "again", **changes})])])


def upstream(**changes: Any) -> Gateway:
    return replace(GATEWAY, upstreams=[replace(UPSTREAM, **changes)])


def consumer(**changes: Any) -> Gateway:
    return replace(GATEWAY, consumers=[replace(CONSUMER, **changes)])


def plugins(*chosen: Plugin) -> Gateway:
    return replace(GATEWAY, services=[replace(SERVICE, plugins=chosen)])


def test_a_good_gateway_has_none():
    assert problems(GATEWAY) == []


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        (replace(GATEWAY, services=[SERVICE, Service(name="todo", host="a", port=1)]), "service todo is there twice"),
        (replace(GATEWAY, upstreams=[UPSTREAM, UPSTREAM]), "upstream todo-http is there twice"),
        (route(name="todo", paths=["/b"]), "route todo is there twice"),
        (replace(GATEWAY, consumers=[CONSUMER, CONSUMER]), "consumer mobile is there twice"),
        (replace(GATEWAY, plugins=[METRICS, METRICS]), "the gateway has the plugin prometheus twice"),
        (
            route(),
            "the routes todo and again match the same: https://todo.acme.example/api",
        ),
        (
            route(methods=["GET"]),
            None,
        ),
        (route(hosts=["TODO.acme.example"]), "the routes todo and again match the same: https://todo.acme.example/api"),
        (
            route(headers={"X-Version": ["2"]}),
            "the routes todo and again match the same: https://todo.acme.example/api",
        ),
        (route(headers={"x-version": ["3"]}), None),
        (route(paths=["/api/v2"]), None),
        (upstream(name="other"), "upstream other: no service has it as its host"),
        (upstream(targets=[]), "upstream todo-http: no targets"),
        (
            upstream(targets=[replace(one, weight=0) for one in UPSTREAM.targets]),
            "upstream todo-http: the weight of every target is 0, so that nobody would answer",
        ),
        (
            upstream(targets=[UPSTREAM.targets[0], UPSTREAM.targets[0]]),
            "upstream todo-http: target todo.todo.svc:8080 is there twice",
        ),
        (
            upstream(algorithm="consistent-hashing"),
            "upstream todo-http: consistent-hashing and what to hash go together",
        ),
        (upstream(hash=Hash(on="ip")), "upstream todo-http: consistent-hashing and what to hash go together"),
        (
            upstream(algorithm="consistent-hashing", hash=Hash(on="header")),
            "upstream todo-http: a hash of a header or a cookie has a name, and no other has one",
        ),
        (
            upstream(active=None),
            "upstream todo-http: passive checks without active ones would never let an address back in",
        ),
        (
            replace(GATEWAY, services=[replace(SERVICE, protocol="grpc")]),
            "upstream todo-http: health checks ask by HTTP/1.0, which a service of gRPC does not answer",
        ),
        (
            upstream(passive=PassiveChecks(failures=255)),
            "upstream todo-http: no more than 254 answers in a row are counted",
        ),
        (
            upstream(active=ActiveChecks(successes=0)),
            "upstream todo-http: 0 successes or failures would switch active checks off",
        ),
        (consumer(keys=[]), "consumer mobile: no credentials"),
        (
            consumer(passwords=[Password(username="a", source=Generated(name="a"))]),
            "consumer mobile: a password, and no route has the plugin basic-auth",
        ),
        (consumer(groups=["others"]), "route todo: no consumer is in the group todo"),
        (
            plugins(Plugin(name="key-auth")),
            "route todo: key-auth without acl lets every consumer of the gateway through",
        ),
        (
            replace(plugins(allowed(["todo"])), consumers=[CONSUMER]),
            "route todo: acl without a plugin that asks who somebody is lets nobody through",
        ),
        (
            plugins(
                Plugin(name="key-auth"),
                allowed(["todo"]),
                Plugin(name="jwt", config={"maximum_expiration": 60, "claims_to_verify": []}),
            ),
            "jwt: a longest validity is looked at only where claims_to_verify has exp",
        ),
    ],
)
def test_what_would_be_otherwise_than_meant_is_told_by_name(gateway: Gateway, expected: str | None):
    found = problems(gateway)

    assert found == [] if expected is None else expected in found


def test_user_names_and_issuers_belong_to_one_consumer():
    password = Password(username="ada", source=Generated(name="a"))
    token = SharedToken(issuer="login", source=Generated(name="b"))
    people = [replace(CONSUMER, username=name, passwords=[password], tokens=[token]) for name in ("one", "two")]
    login = [*SERVICE.plugins, Plugin(name="basic-auth"), Plugin(name="jwt")]
    gateway = replace(GATEWAY, consumers=people, services=[replace(SERVICE, plugins=login)])

    assert problems(gateway) == [
        "user name of basic-auth ada is there twice",
        "issuer of tokens login is there twice",
    ]
