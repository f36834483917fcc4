"""The monitoring host: who may reach what, by the routes of the gateway."""

import re
from typing import Any

import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, Route, declarative
from components.platform.gateway_problems import problems
from components.platform.monitoring_host import ADMIN_PASSWORD, backends, upstreams, with_oidc, with_password

HOST = "monitoring.acme.example"
PASSWORD = with_password(HOST)
OIDC = with_oidc(HOST)


def answer(gateway: Gateway, path: str, authorization: str = "") -> tuple[str, set[str]]:
    """Who answers a request for a path, and the plugins on the way, by the order in which Kong looks at routes: those
    that match a header first, then regular expressions, then the longest prefix.
    """
    candidates = [
        *((route, "nobody", ()) for route in gateway.routes),
        *((route, service.name, service.plugins) for service in gateway.services for route in service.routes),
    ]
    matching = [
        ((len(route.headers), rank), service, {plugin.name for plugin in (*route.plugins, *plugins)})
        for route, service, plugins in candidates
        for rank in _ranks(route, path)
        if all(re.match(value.removeprefix("~*"), authorization) for (value,) in route.headers.values())
    ]
    _, service, plugins = max(matching, key=lambda match: match[0])
    return service, plugins


def _ranks(route: Route, path: str) -> list[tuple[bool, int]]:
    return [
        (one.startswith("~"), 0 if one.startswith("~") else len(one))
        for one in route.paths
        if (re.match(one[1:], path) if one.startswith("~") else path.startswith(one))
    ]


@pytest.mark.parametrize("gateway", [PASSWORD, OIDC])
def test_kong_takes_the_configuration(gateway: Gateway):
    assert refusals(declarative(gateway, {ADMIN_PASSWORD: "generated"})) == []
    assert problems(gateway) == []


@pytest.mark.parametrize("gateway", [PASSWORD, OIDC])
def test_the_host_answers_over_tls_alone_and_plain_http_is_redirected(gateway: Gateway):
    document = declarative(gateway, {ADMIN_PASSWORD: "generated"})
    routes: list[Any] = [*document["routes"], *(route for one in document["services"] for route in one["routes"])]

    assert {tuple(route["protocols"]) for route in routes} == {("https",)}
    assert {route["https_redirect_status_code"] for route in routes} == {308}
    assert {tuple(route["hosts"]) for route in routes} == {(HOST,)}


def test_each_backend_gets_its_own_path_with_the_prefix():
    assert {name: (one.address, one.path) for name, one in backends().items()} == {
        "grafana": ("http://kps-grafana.monitoring.svc:80", "/grafana"),
        "prometheus": ("http://kps-prometheus.monitoring.svc:9090", "/prometheus"),
        "alertmanager": ("http://kps-alertmanager.monitoring.svc:9093", "/alertmanager"),
        "jaeger": ("http://jaeger.tracing.svc:16686", "/jaeger"),
    }
    routes = [route for gateway in (PASSWORD, OIDC) for service in gateway.services for route in service.routes]
    assert not any(route.strip_path for route in routes)


@pytest.mark.parametrize(
    ("path", "service", "plugins"),
    [
        ("/", "grafana", set()),
        ("/grafana", "grafana", set()),
        ("/grafana/d/gw-gateway", "grafana", set()),
        ("/grafana/metrics", "nobody", {"request-termination"}),
        ("/prometheus/graph", "prometheus", {"basic-auth", "acl"}),
        ("/prometheus/api/v1/query", "prometheus", {"basic-auth", "acl"}),
        ("/prometheus/api/v1/write", "nobody", {"request-termination"}),
        ("/prometheus/api/v1/otlp/v1/metrics", "nobody", {"request-termination"}),
        ("/prometheus/api/v1/admin/tsdb/snapshot", "nobody", {"request-termination"}),
        ("/prometheus/-/quit", "nobody", {"request-termination"}),
        ("/prometheus/-/healthy", "prometheus", {"basic-auth", "acl"}),
        ("/alertmanager/#/silences", "alertmanager", {"basic-auth", "acl"}),
        ("/alertmanager/-/reload", "nobody", {"request-termination"}),
        ("/jaeger/search", "jaeger", {"basic-auth", "acl"}),
    ],
)
def test_without_a_provider_everything_but_grafana_asks_for_the_password(path: str, service: str, plugins: set[str]):
    assert answer(PASSWORD, path) == (service, plugins)


@pytest.mark.parametrize(
    ("authorization", "plugins"),
    [("Basic YWRtaW46c2VjcmV0", {"request-transformer"}), ("Bearer glsa_token", set()), ("", set())],
)
def test_grafana_hears_of_tokens_and_of_no_password_meant_for_another(authorization: str, plugins: set[str]):
    assert answer(PASSWORD, "/grafana/api/search", authorization) == ("grafana", plugins)


def test_the_password_goes_no_further_than_the_gateway():
    for service in PASSWORD.services:
        for plugin in service.plugins:
            assert plugin.name == "acl" or plugin.config["hide_credentials"] is True
    assert [consumer.username for consumer in PASSWORD.consumers] == ["admin"]


@pytest.mark.parametrize(
    ("path", "service", "plugins"),
    [
        ("/", "grafana", set()),
        ("/oauth2/callback", "oauth2-proxy", set()),
        ("/grafana/", "oauth2-proxy", set()),
        ("/prometheus/graph", "oauth2-proxy", set()),
        ("/jaeger/search", "oauth2-proxy", set()),
        ("/anything", "oauth2-proxy", set()),
        ("/prometheus/-/quit", "nobody", {"request-termination"}),
        ("/grafana/metrics", "nobody", {"request-termination"}),
    ],
)
def test_with_a_provider_nothing_is_reached_around_it(path: str, service: str, plugins: set[str]):
    assert answer(OIDC, path) == (service, plugins)
    assert OIDC.consumers == ()


def test_the_proxy_knows_every_backend():
    assert upstreams() == {one.path: one.address for one in backends().values()}
