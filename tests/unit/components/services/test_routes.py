"""Routes of workload files, as the gateway gets them."""

from typing import Any

import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, Route, Service, content_hash, declarative
from components.platform.gateway_upstreams import ActiveChecks, Target, Upstream
from components.services.gateway.routes import gateway_of, routed_ports
from components.services.model import load_workload, parse_workload
from stacks.problems import SettingsError

SERVICE: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "ports": {"http": 8080, "grpc": 9090, "metrics": 9100},
    "probes": {"readiness": {"path": "/ready", "port": "http"}},
}
API = {"name": "api", "paths": ["/api"]}
LIVE = {"name": "live", "paths": ["/ws"], "protocol": "websocket"}
CALLS = {"name": "calls", "packages": ["todo.v1"], "protocol": "grpc"}


def compiled(*routes: dict[str, Any], counters: bool = False, **changes: Any) -> Gateway:
    service = {**SERVICE, "routes": list(routes), **changes}
    workload = parse_workload("todo", {"services": {"backend": service}})
    return gateway_of({"todo": workload}, "acme.example", shared_counters=counters)


def service(gateway: Gateway, name: str) -> Service:
    (found,) = [one for one in gateway.services if one.name == name]
    return found


def route(gateway: Gateway, name: str) -> Route:
    (found,) = [one for one in gateway.all_routes if one.name == name]
    return found


def test_a_workload_has_one_host_and_its_routes_go_to_the_pods_of_the_service():
    gateway = compiled(API)

    assert route(gateway, "todo.backend.api").hosts == ["todo.acme.example"]
    assert route(gateway, "todo.backend.api").paths == ("/api",)
    assert route(gateway, "todo.backend.api").protocols == ("https",)
    own = service(gateway, "todo.backend.http")
    assert (own.host, own.port, own.protocol) == ("todo.backend.http", 8080, "http")
    (upstream,) = gateway.upstreams
    assert upstream.targets == [Target(host="backend-pods.todo.svc", port=8080)]


def test_a_route_that_names_hosts_is_below_the_same_domain():
    assert route(compiled({**API, "hosts": ["api", "tasks"]}), "todo.backend.api").hosts == [
        "api.acme.example",
        "tasks.acme.example",
    ]


def test_pods_are_asked_for_what_their_readiness_probe_asks_where_it_is_on_the_port_of_the_route():
    same, other = compiled(API), compiled({**API, "port": "metrics"})

    assert [one.active for one in same.upstreams] == [ActiveChecks(path="/ready")]
    assert [(one.active, one.passive) for one in other.upstreams] == [(None, None)]


def test_a_websocket_is_waited_for_longer_and_has_the_same_upstream():
    gateway = compiled(API, LIVE)

    assert service(gateway, "todo.backend.http").timeout_ms == 60_000
    assert service(gateway, "todo.backend.http.websocket").timeout_ms == 3_600_000
    assert service(gateway, "todo.backend.http.websocket").host == "todo.backend.http"
    assert route(gateway, "todo.backend.live").buffering is False
    assert [one.name for one in gateway.upstreams] == ["todo.backend.http"]


def test_another_time_is_another_service_of_the_gateway_and_changes_no_name_of_the_first():
    gateway = compiled(API, {"name": "reports", "paths": ["/reports"], "timeout_seconds": 300})

    assert [one.name for one in gateway.services] == ["todo.backend.http", "todo.backend.http.300s"]
    assert service(gateway, "todo.backend.http.300s").timeout_ms == 300_000


def test_grpc_is_found_by_its_package_and_answered_over_tls_alone_unless_the_route_says_otherwise():
    gateway = compiled(CALLS, {"name": "plain", "packages": ["todo.v2"], "protocol": "grpc", "tls_only": False})

    assert route(gateway, "todo.backend.calls").paths == ("/todo.v1.",)
    assert route(gateway, "todo.backend.calls").protocols == ("grpcs",)
    assert route(gateway, "todo.backend.plain").protocols == ("grpc", "grpcs")
    own = service(gateway, "todo.backend.grpc.grpc")
    assert (own.protocol, own.port) == ("grpc", 9090)
    assert [one.active for one in gateway.upstreams] == [None]


def test_limits_are_counted_together_where_several_pods_of_the_gateway_run():
    limited = {**API, "plugins": {"rate-limiting": {"per_minute": 60}}}
    (alone,) = route(compiled(limited), "todo.backend.api").plugins
    (together,) = route(compiled(limited, counters=True), "todo.backend.api").plugins

    assert alone.config["policy"] == "local"
    assert together.config["policy"] == "redis"
    assert together.config["redis"]["host"] == "kong-counters.gateway.svc"
    assert together.config["redis"]["password"] == "{vault://env/rate-counters-password}"


def test_how_requests_are_spread_is_the_upstreams_and_how_often_they_are_tried_the_services():
    gateway = compiled(API, upstream={"algorithm": "least-connections", "retries": 4, "connect_timeout_seconds": 1})

    assert [one.algorithm for one in gateway.upstreams] == ["least-connections"]
    own = service(gateway, "todo.backend.http")
    assert (own.retries, own.connect_timeout_ms) == (4, 1000)


def test_a_service_that_goes_takes_its_routes_with_it():
    backend, other = ({**SERVICE, "routes": [{"paths": [path]}]} for path in ("/api", "/other"))
    both = parse_workload("todo", {"services": {"backend": backend, "other": other}})
    one = parse_workload("todo", {"services": {"backend": backend}})
    before, after = (gateway_of({"todo": spec}, "acme.example", shared_counters=False) for spec in (both, one))

    assert [found.name for found in before.all_routes] == ["todo.backend", "todo.other"]
    assert [found.name for found in after.all_routes] == ["todo.backend"]
    assert [found.name for found in after.upstreams] == ["todo.backend.http"]
    assert content_hash(before) != content_hash(after)


def test_only_ports_with_a_route_are_the_gateways_business():
    spec = parse_workload("todo", {"services": {"backend": {**SERVICE, "routes": [API, CALLS]}}})

    assert routed_ports(spec.services["backend"]) == {"http": 8080, "grpc": 9090}


def test_a_consumer_and_a_route_know_each_other():
    workload = {
        "gateway": {"consumers": {"partner": {"keys": [{"generated": "first"}]}}},
        "services": {"backend": {**SERVICE, "routes": [{**API, "plugins": {"key-auth": {}}}]}},
    }
    gateway = gateway_of({"todo": parse_workload("todo", workload)}, "acme.example", shared_counters=False)

    assert [one.username for one in gateway.consumers] == ["todo.partner"]
    assert [one.name for one in route(gateway, "todo.backend.api").plugins] == ["key-auth", "acl"]


@pytest.mark.parametrize("counters", [False, True])
def test_kong_takes_what_the_committed_workload_is_compiled_to(counters: bool):
    gateway = gateway_of({"todo": load_workload("todo")}, "acme.example", shared_counters=counters)

    assert refusals(declarative(gateway, {})) == []
    assert [found.name for found in gateway.all_routes] == ["todo.backend.api", "todo.backend.live", "todo.sync"]


def test_what_the_gateway_would_refuse_is_refused_first(monkeypatch: pytest.MonkeyPatch):
    def nobody(*_arguments: object) -> Upstream:
        return Upstream(name="todo.backend.http", targets=[])

    monkeypatch.setattr("components.services.gateway.upstream_model.UpstreamSpec.upstream", nobody)

    with pytest.raises(SettingsError) as refused:
        compiled(API)
    assert refused.value.problems == ("upstream todo.backend.http: no targets",)
