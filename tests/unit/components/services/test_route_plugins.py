"""Plugins of workload files, each as Kong gets it."""

from typing import Any

import pytest
import yaml
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, declarative
from components.platform.gateway_credentials import FromVault, Generated, credential_sources
from components.platform.gateway_plugins import PLUGINS, Counters
from components.services.gateway.access import PluginContext, consumers, route_plugins
from components.services.gateway.model import Plugins
from components.services.model import WorkloadSpec, parse_workload
from stacks.problems import SettingsError
from tests import gateway_guide as guide

CONTEXT = PluginContext(traces_endpoint="http://collector:4318/v1/traces")
SHARED = PluginContext(traces_endpoint=CONTEXT.traces_endpoint, counters=Counters(host="counters"))
CONSUMERS = {
    "mobile": {"keys": [{"generated": "first"}], "groups": ["apps"]},
    "batch": {
        "passwords": [{"vault": "batch"}],
        "tokens": [{"issuer": "batch", "algorithm": "HS256", "generated": "token"}],
    },
}


def workload(plugins: dict[str, Any], **route: Any) -> WorkloadSpec:
    """A workload of one route with the plugins, and others that let every consumer's credentials be asked for."""
    asked = {"key-auth": {}, "basic-auth": {}, "jwt": {}}
    every = {"name": "every", "paths": ["/every"], "plugins": asked}
    one = {"name": "one", "paths": ["/one"], "plugins": plugins, **route}
    service = {"image": {"tag": "1"}, "ports": {"http": 8080}, "routes": [one, every]}
    return parse_workload("todo", {"services": {"backend": service}, "gateway": {"consumers": CONSUMERS}})


def compiled(plugins: dict[str, Any], context: PluginContext = CONTEXT, **route: Any) -> dict[str, Any]:
    spec = workload(plugins, **route)
    found = route_plugins("todo", spec.gateway, spec.services["backend"].routes[0], context)
    gateway = Gateway(plugins=found)
    assert refusals(declarative(gateway, {})) == []
    return {plugin.name: dict(plugin.config) for plugin in found}


@pytest.mark.parametrize(
    ("plugins", "config"),
    [
        (
            {"basic-auth": {}},
            {"realm": "service", "hide_credentials": True},
        ),
        (
            {"key-auth": {}},
            {
                "key_names": ["apikey"],
                "key_in_header": True,
                "key_in_query": False,
                "key_in_body": False,
                "hide_credentials": True,
                "run_on_preflight": True,
            },
        ),
        (
            {"jwt": {}},
            {
                "header_names": ["authorization"],
                "cookie_names": [],
                "uri_param_names": [],
                "key_claim_name": "iss",
                "claims_to_verify": ["exp"],
                "maximum_expiration": 0,
                "secret_is_base64": False,
            },
        ),
        ({"bot-detection": {"deny": ["curl"]}}, {"allow": [], "deny": ["curl"]}),
        ({"correlation-id": {}}, {"header_name": "X-Request-ID", "generator": "uuid", "echo_downstream": True}),
        (
            {"cors": {"origins": ["https://app.acme.example", "https://*.acme.example:8443"], "credentials": True}},
            {
                "origins": ["https://app.acme.example", r"^https://[a-z0-9.-]+\.acme\.example:8443$"],
                "methods": ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"],
                "credentials": True,
                "max_age": 3600,
            },
        ),
        (
            {"ip-restriction": {"allow": ["203.0.113.0/24"], "message": "Not here"}},
            {"allow": ["203.0.113.0/24"], "status": 403, "message": "Not here"},
        ),
        (
            {"opentelemetry": {"sampling_rate": 0.1}},
            {
                "traces_endpoint": "http://collector:4318/v1/traces",
                "resource_attributes": {"service.name": "kong"},
                "propagation": {"default_format": "w3c"},
                "sampling_rate": 0.1,
            },
        ),
        (
            {"prometheus": {}},
            {
                "status_code_metrics": True,
                "latency_metrics": True,
                "bandwidth_metrics": True,
                "upstream_health_metrics": True,
                "per_consumer": True,
            },
        ),
        (
            {"proxy-cache": {"vary_headers": ["Accept-Language"]}},
            {
                "strategy": "memory",
                "cache_ttl": 300,
                "cache_control": True,
                "request_method": ["GET", "HEAD"],
                "response_code": [200, 301, 404],
                "content_type": [
                    "application/json",
                    "application/json; charset=utf-8",
                    "text/plain",
                    "text/plain; charset=utf-8",
                ],
                "vary_headers": ["authorization", "cookie", "accept-language"],
            },
        ),
        (
            {"rate-limiting": {"per_second": 5, "per_hour": 100, "limit_by": "ip"}},
            {
                "second": 5,
                "hour": 100,
                "limit_by": "ip",
                "policy": "local",
                "fault_tolerant": True,
                "hide_client_headers": False,
                "error_code": 429,
            },
        ),
        (
            {"request-size-limiting": {"max_kib": 512}},
            {"allowed_payload_size": 512, "size_unit": "kilobytes", "require_content_length": False},
        ),
        (
            {"request-termination": {"status": 503, "message": "Back at noon"}},
            {"status_code": 503, "message": "Back at noon"},
        ),
        (
            {"request-transformer": {"remove_headers": ["X-Debug"], "set_headers": {"X-From": "gateway"}}},
            {
                "remove": {"headers": ["X-Debug"], "querystring": []},
                "replace": {"headers": ["X-From:gateway"], "querystring": []},
                "add": {"headers": ["X-From:gateway"], "querystring": []},
            },
        ),
    ],
)
def test_a_plugin_has_the_fields_that_kong_knows(plugins: dict[str, Any], config: dict[str, Any]):
    assert compiled(plugins)[next(iter(plugins))] == config


def test_every_plugin_of_the_gateway_that_workloads_may_choose_has_a_model():
    chosen = {field.alias or name for name, field in Plugins.model_fields.items()}

    assert {*PLUGINS} - chosen <= {"pre-function"}


def test_replicas_of_the_gateway_count_together_unless_each_is_to_count_by_itself():
    shared = compiled({"rate-limiting": {"per_minute": 5}}, SHARED)["rate-limiting"]
    local = compiled({"rate-limiting": {"per_minute": 5, "policy": "local"}}, SHARED)["rate-limiting"]

    assert (shared["policy"], shared["redis"]["host"]) == ("redis", "counters")
    assert (local["policy"], "redis" in local) == ("local", False)


@pytest.mark.parametrize(
    ("plugins", "route", "groups"),
    [
        ({"key-auth": {}}, {}, ["todo"]),
        ({"key-auth": {}}, {"consumers": ["mobile"]}, ["todo.consumers.mobile"]),
        ({"key-auth": {}, "acl": {"allow": ["apps"]}}, {}, ["todo.groups.apps"]),
        ({"key-auth": {}, "acl": {"deny": ["apps"]}}, {}, ["todo.consumers.batch"]),
    ],
)
def test_no_consumer_of_another_workload_gets_through(
    plugins: dict[str, Any], route: dict[str, Any], groups: list[str]
):
    assert compiled(plugins, **route)["acl"] == {"allow": groups, "hide_groups_header": True}


def test_a_route_that_asks_nobody_lets_everybody_through():
    assert compiled({"cors": {"origins": ["*"]}}).keys() == {"cors"}


def test_consumers_are_those_of_their_workload():
    found = consumers("todo", workload({}).gateway)

    assert [(one.username, list(one.groups)) for one in found] == [
        ("todo.mobile", ["todo", "todo.consumers.mobile", "todo.groups.apps"]),
        ("todo.batch", ["todo", "todo.consumers.batch"]),
    ]
    assert [password.username for password in found[1].passwords] == ["todo.batch"]


def test_a_plugin_of_a_route_takes_the_place_of_the_workloads_and_may_be_left_out():
    limits = {"per_minute": 5}
    routes = [
        {"name": "usual", "paths": ["/a"]},
        {"name": "more", "paths": ["/b"], "plugins": {"rate-limiting": {"per_minute": 50}}},
        {"name": "open", "paths": ["/c"], "without": ["rate-limiting"]},
    ]
    service = {"image": {"tag": "1"}, "ports": {"http": 8080}, "routes": routes}
    values = {"services": {"backend": service}, "gateway": {"plugins": {"rate-limiting": limits}}}
    spec = parse_workload("todo", values)

    found = [route_plugins("todo", spec.gateway, route, CONTEXT) for route in spec.services["backend"].routes]
    assert [[plugin.config["minute"] for plugin in plugins] for plugins in found] == [[5], [50], []]


@pytest.mark.parametrize(
    ("plugins", "problem"),
    [
        ({"rate-limitin": {}}, '.rate-limitin: unknown key, did you mean "rate-limiting"?'),
        ({"key-auth": None}, ".key-auth: expected a mapping; {} for the plugin as it is"),
        ({"rate-limiting": {}}, ".rate-limiting: expected per_second, per_minute, per_hour or per_day"),
        (
            {"rate-limiting": {"per_second": 5, "per_minute": 4}},
            ".rate-limiting: per_minute (4) is less than per_second (5), which it would never allow",
        ),
        (
            {"rate-limiting": {"per_second": 5, "limit_by": "header"}},
            ".rate-limiting: limit_by: header and header_name go together",
        ),
        ({"rate-limiting": {"per_second": 0}}, ".rate-limiting.per_second: expected 1 or more"),
        (
            {"cors": {"origins": ["*"], "credentials": True}},
            ".cors: credentials with every origin would let any page act as its visitor",
        ),
        ({"cors": {}}, ".cors.origins: missing"),
        (
            {"cors": {"origins": ["acme.example"]}},
            ".cors.origins.0: expected an origin such as https://app.acme.example or https://*.acme.example, or * for"
            " every one",
        ),
        (
            {"jwt": {"maximum_expiration_seconds": 60, "claims_to_verify": ["nbf"]}},
            ".jwt.maximum_expiration_seconds: needs exp in claims_to_verify",
        ),
        ({"acl": {}}, ".acl: expected either allow or deny, with a group"),
        ({"acl": {"allow": ["a"], "deny": ["b"]}}, ".acl: expected either allow or deny, with a group"),
        ({"ip-restriction": {}}, ".ip-restriction: expected allow or deny, with an address"),
        (
            {"ip-restriction": {"deny": ["203.0.113.0/33"]}},
            ".ip-restriction.deny.0: expected an address or a block, for example 203.0.113.0/24",
        ),
        (
            {"bot-detection": {"deny": ["("]}},
            ".bot-detection.deny.0: not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        (
            {"request-termination": {"message": "a", "body": "b"}},
            ".request-termination: expected message or body, and not both",
        ),
        (
            {"request-termination": {"content_type": "text/plain"}},
            ".request-termination: content_type is that of a body, which is missing",
        ),
        ({"request-transformer": {}}, ".request-transformer: expected something that is removed or set"),
        (
            {"request-transformer": {"set_headers": {"X-Who": "$(consumer)"}}},
            ".request-transformer.set_headers.X-Who: expected text in one line, without $( that Kong would take for the"
            " start of a program",
        ),
    ],
)
def test_a_wrong_plugin_is_told_by_key_path(plugins: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as raised:
        workload(plugins)

    assert list(raised.value.problems) == [f"services.backend.routes.0.plugins{problem}"]


def test_the_consumers_of_the_guide_prove_who_they_are():
    gateway = yaml.safe_load(guide.consumers())["gateway"]
    plugins = {"key-auth": {}, "basic-auth": {}, "jwt": {"claims_to_verify": ["exp"]}}
    service = {"image": {"tag": "1"}, "ports": {"http": 80}, "routes": [{"paths": ["/"], "plugins": plugins}]}
    found = consumers("shop", parse_workload("shop", {"services": {"web": service}, "gateway": gateway}).gateway)

    assert credential_sources(found) == {
        "shop.mobile/key/0": FromVault(name="shop-mobile-key"),
        "shop.mobile/key/1": Generated(name="spare"),
        "shop.batch/password/0": FromVault(name="shop-batch-password"),
    }
    assert [(token.issuer, token.algorithm) for token in found[2].tokens] == [
        ("https://login.partner.example", "ES256")
    ]
