"""The check of Kong's file: everything that Kong refuses is refused, by the name of what it is about."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from contract_check.kong_declarative import SCHEMA, refusals

from tests.contract.kong_breaks import (
    ENTITIES,
    PEM,
    ROUTE,
    SERVICE,
    changed,
    file_of,
    plugin_fields,
    plugin_file,
    wrong_values,
)


def with_route(**changes: Any) -> dict[str, Any]:
    """A service with one route, whose fields are changed or, where None, left out."""
    route = {key: value for key, value in {**ROUTE, **changes}.items() if value is not None}
    return file_of({"services": [{**SERVICE, "routes": [route]}]})


def with_service(**changes: Any) -> dict[str, Any]:
    return file_of({"services": [{**SERVICE, **changes}]})


def with_upstream(**changes: Any) -> dict[str, Any]:
    return file_of({"upstreams": [{"name": "todo", **changes}]})


def with_plugin(name: str, **config: Any) -> dict[str, Any]:
    return file_of({"plugins": [{"name": name, "config": config}]})


def with_token(**changes: Any) -> dict[str, Any]:
    return file_of({"consumers": [{"username": "ada", "jwt_secrets": [{"key": "k", **changes}]}]})


def limits(**changes: Any) -> dict[str, Any]:
    return with_plugin("rate-limiting", **{"minute": 5, **changes})


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_field_of_an_entity_refuses_what_kong_refuses(entity: str):
    document, place = file_of(ENTITIES[entity][0]), ENTITIES[entity][1]
    assert refusals(document) == []
    assert any("no-such-field: unknown" in one for one in refusals(changed(document, (*place, "no-such-field"), 1)))

    for name, field in SCHEMA["entities"][entity]["fields"].items():
        if name == "config":
            continue
        for below, value in wrong_values(field):
            found = refusals(changed(document, (*place, name, *below), value))
            assert any(f".{name}" in one or f" {name}" in one for one in found), (name, below, value)


@pytest.mark.parametrize("plugin", SCHEMA["plugins"])
def test_every_field_of_a_plugin_refuses_what_kong_refuses(plugin: str):
    document, place = plugin_file(plugin), ("plugins", 0, "config")
    assert refusals(document) == []
    assert refusals(changed(document, (*place, "no-such-field"), 1))[0].startswith(
        f"plugins[{plugin}].config.no-such-field: unknown field"
    )

    for name, field in plugin_fields(plugin).items():
        for below, value in wrong_values(field):
            found = refusals(changed(document, (*place, name, *below), value))
            assert any(f"plugins[{plugin}].config.{name}" in one for one in found), (name, below, value)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_field_that_is_needed_is_missed(entity: str):
    document, place = file_of(ENTITIES[entity][0]), ENTITIES[entity][1]
    for name, field in SCHEMA["entities"][entity]["fields"].items():
        if field.get("required") and field["type"] != "foreign" and "default" not in field and name != "config":
            found = refusals(changed(document, (*place, name), None))
            assert any(f".{name}: missing" in one for one in found), name


RULES: Mapping[tuple[str, int], tuple[dict[str, Any], str]] = {
    ("services", 0): (with_service(protocol="grpc", path="/a"), "path: /a is not possible where protocol is grpc"),
    ("services", 1): (
        with_service(client_certificate="a"),
        "client_certificate: a is not possible where protocol is http",
    ),
    ("services", 2): (with_service(tls_verify=True), "tls_verify: True is not possible where protocol is http"),
    ("services", 3): (with_service(tls_verify_depth=2), "tls_verify_depth: 2 is not possible where protocol is http"),
    ("services", 4): (
        with_service(ca_certificates=["01234567-89ab-cdef-0123-456789abcdef"]),
        "is not possible where protocol is http",
    ),
    ("routes", 0): (with_route(protocols=["http"], snis=["a.example"]), "snis: ['a.example'] is not possible"),
    ("upstreams", 0): (with_upstream(hash_on="header"), "hash_on_header: missing where hash_on is header"),
    ("upstreams", 1): (
        with_upstream(hash_on="ip", hash_fallback="header"),
        "hash_fallback_header: missing where hash_fallback is header",
    ),
    ("upstreams", 2): (with_upstream(hash_on="cookie"), "hash_on_cookie: missing where hash_on is cookie"),
    ("upstreams", 3): (
        with_upstream(hash_on="ip", hash_fallback="cookie"),
        "hash_on_cookie: missing where hash_fallback is cookie",
    ),
    ("upstreams", 4): (with_upstream(hash_fallback="ip"), "hash_fallback: ip is not possible where hash_on is none"),
    ("upstreams", 5): (
        with_upstream(hash_on="cookie", hash_on_cookie="a", hash_fallback="ip"),
        "hash_fallback: ip is not possible where hash_on is cookie",
    ),
    ("upstreams", 6): (
        with_upstream(hash_on="consumer", hash_fallback="consumer"),
        "hash_fallback: consumer is not possible where hash_on is consumer",
    ),
    ("upstreams", 7): (
        with_upstream(hash_on="ip", hash_fallback="ip"),
        "hash_fallback: ip is not possible where hash_on is ip",
    ),
    ("upstreams", 8): (
        with_upstream(hash_on="path", hash_fallback="path"),
        "hash_fallback: path is not possible where hash_on is path",
    ),
    ("upstreams", 9): (
        with_upstream(hash_on="header", hash_on_header="a", hash_fallback="header", hash_fallback_header="a"),
        "hash_on_header and hash_fallback_header are the same",
    ),
    ("upstreams", 10): (with_upstream(hash_on="query_arg"), "hash_on_query_arg: missing"),
    ("upstreams", 11): (with_upstream(hash_on="ip", hash_fallback="query_arg"), "hash_fallback_query_arg: missing"),
    ("upstreams", 12): (
        with_upstream(
            hash_on="query_arg", hash_on_query_arg="a", hash_fallback="query_arg", hash_fallback_query_arg="a"
        ),
        "hash_on_query_arg and hash_fallback_query_arg are the same",
    ),
    ("upstreams", 13): (with_upstream(hash_on="uri_capture"), "hash_on_uri_capture: missing"),
    ("upstreams", 14): (with_upstream(hash_on="ip", hash_fallback="uri_capture"), "hash_fallback_uri_capture: missing"),
    ("upstreams", 15): (
        with_upstream(
            hash_on="uri_capture", hash_on_uri_capture="a", hash_fallback="uri_capture", hash_fallback_uri_capture="a"
        ),
        "hash_on_uri_capture and hash_fallback_uri_capture are the same",
    ),
    ("consumers", 0): (file_of({"consumers": [{"tags": ["a"]}]}), "consumers[0]: needs one of custom_id, username"),
    ("jwt_secrets", 0): (with_token(algorithm="RS256"), "rsa_public_key: missing where algorithm is RS256"),
    ("acl", 0): (with_plugin("acl", allow=["a"], deny=["b"]), "config.allow and config.deny, of which one is possible"),
    ("acl", 1): (with_plugin("acl"), "plugins[acl]: needs one of config.allow, config.deny"),
    ("ip-restriction", 0): (with_plugin("ip-restriction"), "needs one of config.allow, config.deny"),
    ("jwt", 0): (
        with_plugin("jwt", maximum_expiration=60, claims_to_verify=["nbf"]),
        "config.claims_to_verify: ['nbf'] is not possible where config.maximum_expiration is 60",
    ),
    ("opentelemetry", 0): (with_plugin("opentelemetry"), "needs one of config.traces_endpoint, config.logs_endpoint"),
    ("pre-function", 0): (with_plugin("pre-function"), "needs one of config.certificate"),
    ("rate-limiting", 0): (with_plugin("rate-limiting"), "needs one of config.second"),
    ("rate-limiting", 1): (limits(policy="redis"), "config.redis.host: missing where config.policy is redis"),
    ("rate-limiting", 2): (
        limits(policy="redis", redis={"host": "a", "port": None}),
        "config.redis.port: null in the place",
    ),
    ("rate-limiting", 3): (
        limits(policy="redis", redis={"host": "a", "timeout": None}),
        "config.redis.timeout: null in the place",
    ),
    ("rate-limiting", 4): (limits(limit_by="header"), "config.header_name: missing where config.limit_by is header"),
    ("rate-limiting", 5): (limits(limit_by="path"), "config.path: missing where config.limit_by is path"),
    ("rate-limiting", 6): (limits(second=6), "config.minute: 5 is less than the 6 of second"),
    ("request-termination", 0): (
        with_plugin("request-termination", message="a", body="b"),
        "config.message: not with body",
    ),
}
"""A file that breaks each rule between fields, by the rule's place in the schema, and what is said of it."""


def test_there_is_a_broken_file_for_every_rule():
    known = {**SCHEMA["entities"], **SCHEMA["plugins"]}

    assert {*RULES} == {(name, index) for name, one in known.items() for index in range(len(one.get("rules", [])))}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule[0]}-{rule[1]}")
def test_every_rule_between_fields_is_known(rule: tuple[str, int]):
    document, expected = RULES[rule]

    assert any(expected in one for one in refusals(document)), refusals(document)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (with_route(paths=None), "services[todo].routes[todo]: needs one of methods, hosts, headers, paths, snis"),
        (with_route(paths=None, protocols=["http"]), "needs one of methods, hosts, headers, paths"),
        (with_route(sources=[{"ip": "203.0.113.1"}]), "sources: not possible with these protocols"),
        (with_route(destinations=[{"port": 80}]), "destinations: not possible with these protocols"),
        (with_route(protocols=["grpc"], methods=["GET"]), "methods: not possible with these protocols"),
        (with_route(protocols=["grpc"], strip_path=True), "strip_path: not true with these protocols"),
        (with_route(protocols=["grpcs"], paths=None), "needs one of hosts, headers, paths, snis"),
        (with_route(protocols=["grpc"], paths=None), "needs one of hosts, headers, paths"),
        (with_route(protocols=["tcp"], paths=None), "needs one of sources, destinations, snis"),
        (with_route(protocols=["tls_passthrough"], paths=None), "needs one of snis"),
        (with_route(protocols=["tcp"]), "paths: not possible with these protocols"),
        (with_route(protocols=["http", "grpc"]), "protocols: http, grpc do not go together"),
        (with_route(protocols=[]), "protocols: needs 1"),
        (limits(sync_rate=5), "config.sync_rate: 5 is not possible"),
        (with_plugin("request-termination", content_type="text/plain"), "config.content_type: needs a body"),
        (with_plugin("request-termination", echo=True, body="a"), "config.echo: not with body"),
        (with_token(algorithm="RS256", rsa_public_key="a key"), "rsa_public_key: a key is not possible"),
    ],
)
def test_what_goes_with_a_protocol_or_a_plugin_is_known(document: dict[str, Any], expected: str):
    assert any(expected in one for one in refusals(document)), refusals(document)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, "_format_version: one of 1.1, 2.1, 3.0, as text"),
        ({"_format_version": 3.0}, "_format_version: one of 1.1, 2.1, 3.0, as text"),
        (file_of({"consumer_groups": []}), "consumer_groups: unknown"),
        (file_of({"service": []}), 'service: unknown; did you mean "services"?'),
        (file_of({"services": {}}), "services: no list"),
        (file_of({"services": ["todo"]}), "services[0]: no mapping"),
        (
            file_of({"plugins": [{"name": "promotheus"}]}),
            'plugins[promotheus].name: no such plugin; did you mean "prometheus"?',
        ),
        (file_of({"services": [SERVICE, SERVICE]}), "services: name todo is there twice"),
        (with_service(routes=[ROUTE, ROUTE]), "routes: name todo is there twice"),
        (file_of({"upstreams": [{"name": "a"}, {"name": "a"}]}), "upstreams: name a is there twice"),
        (with_upstream(targets=[{"target": "a:1"}, {"target": "a:1"}]), "targets: target a:1 is there twice"),
        (file_of({"consumers": [{"username": "a"}, {"username": "a"}]}), "consumers: username a is there twice"),
        (
            file_of({"consumers": [{"username": name, "custom_id": "1"} for name in "ab"]}),
            "consumers: custom_id 1 is there twice",
        ),
        (
            file_of({"consumers": [{"username": name, "keyauth_credentials": [{"key": "same"}]} for name in "ab"]}),
            "keyauth_credentials: a key is there twice",
        ),
        (
            file_of({"consumers": [{"username": "a", "acls": [{"group": "g"}, {"group": "g"}]}]}),
            "acls: group g is there twice",
        ),
        (
            with_service(plugins=[{"name": "cors"}, {"name": "cors"}]),
            "plugins: cors for the same requests is there twice",
        ),
        (file_of({"routes": [{**ROUTE, "service": "other"}]}), "routes: there is no service other"),
        (file_of({"plugins": [{"name": "cors", "route": "other"}]}), "plugins: there is no route other"),
        (file_of({"targets": [{"target": "a:1"}]}), "targets[a:1].upstream: missing"),
        ([], "the file: no mapping"),
    ],
)
def test_what_is_wrong_with_a_file_as_a_whole_is_told_by_name(document: Any, expected: str):
    assert any(one.startswith(expected) for one in refusals(document)), refusals(document)


def test_the_same_target_of_two_upstreams_and_plugin_of_two_services_are_fine():
    upstreams = [{"name": name, "targets": [{"target": "a:1"}]} for name in ("one", "two")]
    services = [{"name": name, "host": name, "plugins": [{"name": "cors"}]} for name in ("one", "two")]

    assert refusals(file_of({"upstreams": upstreams, "services": services})) == []


def test_what_kong_completes_by_itself_needs_not_be_written():
    full = with_token(algorithm="ES256", rsa_public_key=PEM)

    assert refusals(full) == []
    assert refusals(limits(policy="redis", redis={"host": "counters"}, sync_rate=0.5)) == []
    assert refusals(with_route(protocols=["grpc", "grpcs"], paths=["/todo.v1."])) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"algorithm": "latency", "hash_on": "ip"},
        {"algorithm": "least-connections", "hash_on": "none"},
        {"algorithm": "consistent-hashing", "hash_on": "none"},
        {"algorithm": "round-robin", "hash_on": "ip"},
    ],
)
def test_what_kong_takes_and_rewrites_is_refused(fields: dict[str, str]):
    [found] = refusals(with_upstream(**fields))

    assert found.endswith("rewrite each other")


@pytest.mark.parametrize("fields", [{"algorithm": "round-robin", "hash_on": "none"}, {"hash_on": "ip"}])
def test_an_algorithm_and_a_hash_that_agree_are_fine(fields: dict[str, str]):
    assert refusals(with_upstream(**fields)) == []


def test_a_null_is_no_default():
    assert refusals(with_token(algorithm=None, secret="s")) == [
        "consumers[ada].jwt_secrets[k].algorithm: null in the place of its default"
    ]


def test_an_empty_list_is_none():
    assert refusals(with_plugin("acl", allow=["a"], deny=[])) == []


def test_no_credential_stands_in_a_finding():
    people = [
        {
            "username": name,
            "keyauth_credentials": [{"key": "confidential", "ttll": 1}],
            "basicauth_credentials": [{"username": "same", "password": "confidential"}],
        }
        for name in "ab"
    ]
    found = refusals(file_of({"consumers": people}))

    assert len(found) == 4
    assert "confidential" not in json.dumps(found)
