"""The worked example of the guide to the gateway is what the guide says of it, and Kong takes it."""

from typing import Any

import pytest
import yaml
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, Route, declarative
from components.platform.gateway_credentials import credential_sources
from components.services.gateway.model import Plugins, RouteSpec
from components.services.gateway.routes import gateway_of
from components.services.model import WorkloadSpec, parse_workload
from stacks.gateway import GatewaySettings
from stacks.problems import SettingsError
from tests.gateway_guide import GUIDE, example


def shop(**changes: Any) -> WorkloadSpec:
    return parse_workload("shop", {**yaml.safe_load(example()), **changes})


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return gateway_of({"shop": shop()}, "prod.example.com", shared_counters=True)


def route(gateway: Gateway, name: str) -> Route:
    (found,) = [one for one in gateway.all_routes if one.name == f"shop.{name}"]
    return found


def test_kong_takes_it(gateway: Gateway):
    values = dict.fromkeys(credential_sources(gateway.consumers), "generated")

    assert refusals(declarative(gateway, values)) == []


def test_pages_are_answered_by_the_pod_with_the_fewest_requests_or_by_the_canary(gateway: Gateway):
    pages = route(gateway, "storefront.pages")
    service = next(one for one in gateway.services if pages in one.routes)
    stable, canary = [one for one in gateway.upstreams if one.name.startswith("shop.storefront.http")]

    assert (pages.hosts, pages.protocols) == (["shop.prod.example.com"], ("https",))
    assert stable.algorithm == "least-connections"
    assert stable.passive is not None
    assert stable.passive.failures == 3
    (chooser,) = service.plugins
    (function,) = chooser.config["access"]
    assert 'math.random(100) <= 10 or (kong.request.get_header("x-shop-beta") == "1")' in function
    assert f'kong.service.set_upstream("{canary.name}")' in function


def test_a_websocket_is_silent_for_an_hour_at_most(gateway: Gateway):
    (service,) = [one for one in gateway.services if route(gateway, "storefront.live") in one.routes]

    assert service.timeout_ms == 3_600_000


def test_grpc_goes_to_its_own_port(gateway: Gateway):
    (service,) = [one for one in gateway.services if route(gateway, "storefront.calls") in one.routes]

    assert (service.port, service.protocol) == (9090, "grpc")
    assert route(gateway, "storefront.calls").paths == ("/shop.v1.",)


def test_partners_have_a_key_that_goes_no_further_and_no_limit_of_requests(gateway: Gateway):
    orders = route(gateway, "partners.orders")
    plugins = {one.name: one.config for one in orders.plugins}

    assert plugins.keys() == {"correlation-id", "key-auth", "request-size-limiting", "acl"}
    assert plugins["key-auth"]["hide_credentials"] is True
    assert plugins["acl"]["allow"] == ["shop"]
    assert (orders.methods, orders.paths) == (("GET", "POST"), ("/partners/orders",))
    assert "rate-limiting" in {one.name for one in route(gateway, "storefront.pages").plugins}


def test_what_the_guide_calls_refused_is_refused_with_what_was_meant():
    services = yaml.safe_load(example())["services"]
    services["partners"]["routes"][0]["plugins"] = {"rate-limitin": {}}

    with pytest.raises(SettingsError) as refused:
        shop(services=services)
    (told,) = [one for one in refused.value.problems if "rate-limitin" in one]
    assert told.endswith('did you mean "rate-limiting"?')


def test_the_guide_names_every_key_of_a_route_every_plugin_and_every_setting():
    text = GUIDE.read_text(encoding="utf-8")
    plugins = [field.alias or name for name, field in Plugins.model_fields.items()]

    assert [key for key in RouteSpec.model_fields if f"`{key}`" not in text] == []
    assert [plugin for plugin in plugins if plugin not in text] == []
    assert [setting for setting in GatewaySettings.model_fields if f"`{setting}`" not in text] == []
