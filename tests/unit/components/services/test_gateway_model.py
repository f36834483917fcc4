"""Routes, upstreams and consumers of workload files: what is refused, and by which key path."""

from typing import Any

import pytest
from contract_check.kong_declarative import refusals
from pydantic import TypeAdapter

from components.platform.gateway_config import Gateway, Service, declarative
from components.platform.gateway_upstreams import ActiveChecks, Hash, PassiveChecks, Target
from components.services.gateway.checks import route_port, route_problems
from components.services.gateway.model import RouteSpec
from components.services.gateway.upstream_model import UpstreamSpec
from components.services.model import WorkloadSpec, parse_workload
from components.services.pods.port_model import Port, Ports
from stacks.problems import SettingsError

SERVICE = {"image": {"tag": "1"}, "ports": {"http": 8080, "grpc": 9090, "admin": 9100}}
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
KEY = {"keys": [{"generated": "first"}]}


def workload(*routes: dict[str, Any], name: str = "todo", **gateway: Any) -> WorkloadSpec:
    return parse_workload(name, {"services": {"backend": {**SERVICE, "routes": list(routes)}}, "gateway": gateway})


def problems(*routes: dict[str, Any], **gateway: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        workload(*routes, **gateway)
    return list(raised.value.problems)


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ({}, ".paths: missing; / is everything"),
        (
            {"paths": ["api"]},
            ".paths.0: expected a prefix such as /api, or a regular expression such as ~/v[0-9]+/todos$; no // in it",
        ),
        (
            {"paths": ["/a//b"]},
            ".paths.0: expected a prefix such as /api, or a regular expression such as ~/v[0-9]+/todos$; no // in it",
        ),
        (
            {"paths": ["/a b"]},
            ".paths.0: expected characters of an address, others written as % and two digits, 0 to 9 and A to F",
        ),
        (
            {"paths": ["/(a|b)"]},
            ".paths.0: expected characters of an address, others written as % and two digits, 0 to 9 and A to F",
        ),
        (
            {"paths": ["/a/.*"]},
            ".paths.0: looks like a regular expression; one begins with ~/, and in a prefix ( is written %28",
        ),
        ({"paths": ["/a/../b"]}, ".paths.0: not in its simplest form: ./ or ../ stands for something shorter"),
        ({"paths": ["/%41"]}, ".paths.0: not in its simplest form: %41 stands for something shorter"),
        (
            {"paths": ["~/("]},
            ".paths.0: not a regular expression: missing ), unterminated subpattern at position 1",
        ),
        ({"packages": ["todo.v1"]}, ".packages: for protocol: grpc, and in the place of paths"),
        (
            {"packages": ["todo.v1"], "paths": ["/"], "protocol": "grpc"},
            ".packages: for protocol: grpc, and in the place of paths",
        ),
        ({"paths": ["/"], "protocol": "grpc", "methods": ["GET"]}, ".methods: gRPC has no method but POST"),
        (
            {"paths": ["/"], "protocol": "grpc", "strip_path": True},
            ".strip_path: the path of gRPC is the name of what is called",
        ),
        ({"paths": ["/"], "headers": {"Host": ["a"]}}, ".headers: hosts go into hosts"),
        (
            {"paths": ["/"], "port": "http", "protocol": "grpc"},
            ".port: http is spoken at the port http, and the route is for grpc",
        ),
        ({"paths": ["/"], "port": "grpc"}, ".port: grpc is spoken at the port grpc, and the route is for http"),
        ({"paths": ["/"], "port": "htp"}, '.port: there is no port htp, did you mean "http"?'),
        ({"paths": ["/"], "consumers": ["mobil"]}, '.consumers.0: there is no consumer mobil, did you mean "mobile"?'),
        (
            {"paths": ["/"], "consumers": ["mobile"], "without": ["key-auth"]},
            ".consumers: nothing asks who somebody is: basic-auth, jwt, key-auth do, and without one nobody gets"
            " through",
        ),
        (
            {"paths": ["/"], "without": ["cors"]},
            ".without.0: cors is none of the workload's plugins",
        ),
        (
            {"paths": ["/"], "plugins": {"acl": {"allow": ["app"]}}},
            '.plugins.acl: no consumer is in the group app, did you mean "apps"?',
        ),
        (
            {"paths": ["/"], "plugins": {"jwt": {}}},
            ": jwt asks for tokens, and no consumer of the workload has any: nobody gets through",
        ),
    ],
)
def test_a_wrong_route_is_told_by_key_path(route: dict[str, Any], problem: str):
    usual = {"name": "usual", "paths": ["/usual"]}
    consumer = {**KEY, "groups": ["apps"]}
    found = problems({"name": "wrong", **route}, usual, consumers={"mobile": consumer}, plugins={"key-auth": {}})

    assert f"services.backend.routes.0{problem}" in found


def test_several_routes_have_names_and_each_its_own():
    assert problems({"paths": ["/a"]}, {"paths": ["/b"], "name": "b"}, {"paths": ["/c"], "name": "b"}) == [
        "services.backend.routes.0.name: missing; each of several routes needs one",
        "services.backend.routes.2.name: b is the name of another route of the service",
    ]


@pytest.mark.parametrize(
    ("consumer", "problem"),
    [
        ({}, ": no credentials; expected keys, passwords or tokens"),
        ({"keys": [{}]}, ".keys.0: expected either generated or vault"),
        ({"keys": [{"generated": "a", "vault": "a"}]}, ".keys.0: expected either generated or vault"),
        (
            {"keys": [{"vault": "a"}, {"vault": "a"}]},
            ": two keys or passwords have the same source, and would be the same",
        ),
        ({"passwords": [{"vault": "a"}, {"vault": "b"}]}, ".passwords: each needs a user name of its own"),
        ({"tokens": [{"issuer": "a"}]}, ".tokens.0.public_key: missing; RS256 is checked with it"),
        (
            {"tokens": [{"issuer": "a", "public_key": PUBLIC_KEY, "vault": "a"}]},
            ".tokens.0: the public key is all that checks RS256; leave out generated and vault",
        ),
        (
            {"tokens": [{"issuer": "a", "algorithm": "HS256", "public_key": PUBLIC_KEY}]},
            ".tokens.0.public_key: HS256 has a secret, and no key pair",
        ),
        ({"tokens": [{"issuer": "a", "algorithm": "HS256"}]}, ".tokens.0: expected either generated or vault"),
        (
            {"tokens": [{"issuer": "a", "public_key": PUBLIC_KEY.replace("PUBLIC", "PRIVATE")}]},
            ".tokens.0.public_key: a private key, which nobody but the issuer may have; expected the public one",
        ),
        (
            {"tokens": [{"issuer": "a", "public_key": "MFkw"}]},
            ".tokens.0.public_key: expected a public key in PEM, from -----BEGIN PUBLIC KEY----- on",
        ),
    ],
)
def test_a_wrong_consumer_is_told_by_key_path(consumer: dict[str, Any], problem: str):
    assert problems({"paths": ["/"]}, consumers={"mobile": consumer}) == [f"gateway.consumers.mobile{problem}"]


def test_credentials_that_nothing_asks_for_are_told():
    assert problems({"paths": ["/"]}, consumers={"mobile": KEY}) == [
        "gateway.consumers.mobile.keys: no route has the plugin key-auth, which asks for them"
    ]


def across(**workloads: WorkloadSpec) -> list[str]:
    return route_problems(workloads)


def test_two_routes_that_match_the_same_are_told_across_services_and_workloads():
    api, other = {"name": "api", "paths": ["/api", "/v1"]}, {"name": "other", "paths": ["/v1"], "headers": {}}
    shared = {"paths": ["/api"], "hosts": ["api"], "methods": ["GET", "POST"]}

    assert across(todo=workload(api, other)) == [
        "workloads/todo.yaml: services.backend.routes.1: matches the same requests as services.backend.routes.0:"
        " todo.<domain>/v1"
    ]
    assert across(todo=workload(shared), audit=workload({**shared, "methods": ["POST"]}, name="audit")) == [
        "workloads/audit.yaml: services.backend.routes.0: matches the same requests as services.backend.routes.0 of"
        " workloads/todo.yaml: POST api.<domain>/api"
    ]


@pytest.mark.parametrize(
    "second",
    [
        {"paths": ["/api/v2"]},
        {"paths": ["/api"], "methods": ["GET"]},
        {"paths": ["/api"], "headers": {"x-version": ["2"]}},
        {"paths": ["/api"], "hosts": ["api"]},
        {"paths": ["/api"], "protocol": "grpc"},
    ],
)
def test_routes_that_differ_in_anything_go_together(second: dict[str, Any]):
    assert across(todo=workload({"name": "one", "paths": ["/api"]}, {"name": "two", **second})) == []


def test_a_websocket_is_one_of_http():
    routes = ({"name": "one", "paths": ["/api"]}, {"name": "two", "paths": ["/api"], "protocol": "websocket"})

    assert len(across(todo=workload(*routes))) == 1


def test_nobody_takes_the_host_of_another():
    taken = {"paths": ["/"], "hosts": ["monitoring", "audit"]}

    assert across(todo=workload(taken), audit=workload({"paths": ["/"]}, name="audit"))[:2] == [
        "workloads/todo.yaml: services.backend.routes.0.hosts: monitoring is the host of metrics, logs and traces",
        "workloads/todo.yaml: services.backend.routes.0.hosts: audit is the host of the workload audit",
    ]


def test_user_names_and_issuers_are_one_consumers():
    route = {"paths": ["/"], "plugins": {"basic-auth": {}, "jwt": {}}}
    consumer = {
        "passwords": [{"vault": "a", "username": "ada"}],
        "tokens": [{"issuer": "login", "public_key": PUBLIC_KEY}],
    }
    one, two = (workload(route, name=name, consumers={"ada": consumer}) for name in ("todo", "audit"))

    assert across(todo=one, audit=two) == [
        "workloads/audit.yaml: gateway.consumers.ada.passwords: the username ada is that of workloads/todo.yaml:"
        " gateway.consumers.ada already",
        "workloads/audit.yaml: gateway.consumers.ada.tokens: the issuer login is that of workloads/todo.yaml:"
        " gateway.consumers.ada already",
    ]


@pytest.mark.parametrize(
    ("route", "ports", "port"),
    [
        ({}, {"web": 80}, "web"),
        ({}, {"http": 80, "grpc": 90}, "http"),
        ({"protocol": "grpc"}, {"http": 80, "grpc": 90}, "grpc"),
        ({"protocol": "websocket"}, {"http": 80, "ws": 81}, "ws"),
        ({"port": "grpc"}, {"http": 80, "grpc": 90}, "grpc"),
        ({"protocol": "grpc"}, {"http": 80, "admin": 90}, None),
        ({"protocol": "grpc"}, {"http": 80, "orders": {"number": 90, "protocol": "grpc"}}, "orders"),
        ({}, {"api": 80, "orders": {"number": 90, "protocol": "grpc"}}, "api"),
        ({}, {"api": 80, "admin": 90}, None),
        ({}, {}, None),
    ],
)
def test_a_route_finds_its_port(route: dict[str, Any], ports: dict[str, Any], port: str | None):
    there = TypeAdapter[dict[str, Port]](Ports).validate_python(ports)

    assert route_port(RouteSpec.model_validate({"paths": ("/",), **route}), there) == port


def test_a_route_says_what_kong_matches():
    grpc = RouteSpec.model_validate({"packages": ("todo.v1",), "protocol": "grpc", "tls_only": False})
    socket = RouteSpec.model_validate({"paths": ("/live",), "protocol": "websocket"})

    assert (grpc.match_paths, grpc.protocols, grpc.timeout_ms) == (("/todo.v1.",), ("grpc", "grpcs"), 60_000)
    assert (socket.match_paths, socket.protocols, socket.timeout_ms) == (("/live",), ("https",), 3_600_000)


def upstream(readiness: str | None = "/ready", protocol: Any = "http", **spec: Any) -> Any:
    found = UpstreamSpec.model_validate(spec).upstream("todo", [Target(host="a", port=1)], protocol, readiness)
    gateway = Gateway(services=[Service(name="todo", host="todo", port=1)], upstreams=[found])
    assert refusals(declarative(gateway, {})) == []
    return found


def test_pods_are_checked_at_their_readiness_path_and_left_out_when_they_fail():
    found = upstream()

    assert (found.active, found.passive) == (ActiveChecks(path="/ready"), PassiveChecks())
    assert upstream(active={"path": "/health"}).active.path == "/health"


@pytest.mark.parametrize(
    "found", [upstream(None), upstream(protocol="grpc"), upstream(health_checks=False)], ids=["none", "grpc", "off"]
)
def test_without_a_path_to_ask_for_no_pod_is_left_out(found: Any):
    assert (found.active, found.passive) == (None, None)


@pytest.mark.parametrize(
    ("spec", "chosen"),
    [
        ({"hash_on": "ip"}, Hash(on="ip")),
        ({"hash_on": "header", "hash_header": "X-Tenant"}, Hash(on="header", name="X-Tenant")),
        ({"hash_on": "cookie", "hash_cookie": "session"}, Hash(on="cookie", name="session")),
        ({"hash_on": "path"}, Hash(on="path")),
        ({"hash_on": "consumer"}, Hash(on="consumer")),
    ],
)
def test_requests_of_one_sort_go_to_one_pod(spec: dict[str, Any], chosen: Hash):
    assert upstream(algorithm="consistent-hashing", **spec).hash == chosen


@pytest.mark.parametrize("algorithm", ["round-robin", "least-connections", "latency"])
def test_other_algorithms_hash_nothing(algorithm: str):
    assert (upstream(algorithm=algorithm).algorithm, upstream(algorithm=algorithm).hash) == (algorithm, None)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"hash_on": "ip"}, "algorithm: consistent-hashing and hash_on go together"),
        ({"algorithm": "consistent-hashing"}, "algorithm: consistent-hashing and hash_on go together"),
        (
            {"algorithm": "consistent-hashing", "hash_on": "header"},
            "hash_on: header and hash_header go together",
        ),
        (
            {"algorithm": "consistent-hashing", "hash_on": "ip", "hash_cookie": "a"},
            "hash_on: cookie and hash_cookie go together",
        ),
    ],
)
def test_a_wrong_upstream_is_told_by_key_path(spec: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"services": {"backend": {**SERVICE, "upstream": spec}}})

    assert list(raised.value.problems) == [f"services.backend.upstream: {problem}"]
