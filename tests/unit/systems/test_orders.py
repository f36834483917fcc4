"""The order system: every number of it, in the plan of a small stack and of a large one."""

import pytest

from tests.unit.systems.system import SIZES, System, system


@pytest.fixture(params=SIZES)
def orders(request: pytest.FixtureRequest) -> System:
    return system("orders", request.param)


def test_three_services_run_in_a_namespace_of_their_own(orders: System):
    assert orders.services() == {"order", "payment", "identity"}


def test_each_listens_where_it_is_expected(orders: System):
    ports = {service: orders.values(service)["ports"] for service in orders.services()}

    assert ports == {
        "order": {"grpc": {"port": 8080, "appProtocol": "kubernetes.io/h2c"}},
        "payment": {
            "grpc": {"port": 50051, "appProtocol": "kubernetes.io/h2c"},
            "http": {"port": 5012, "appProtocol": "http"},
        },
        "identity": {"http": {"port": 5010, "appProtocol": "http"}},
    }


@pytest.mark.parametrize("service", ["order", "payment"])
def test_services_of_grpc_are_asked_for_their_health_by_grpc(orders: System, service: str):
    probes = orders.values(service)["probes"]

    assert {kind: probe["grpc"] for kind, probe in probes.items()} == {
        kind: {"port": "grpc"} for kind in ("startup", "liveness", "readiness")
    }


def test_the_agent_of_each_language_sends_traces_over_otlp(orders: System):
    annotations = {service: orders.values(service)["podAnnotations"] for service in orders.services()}
    injected = "instrumentation.opentelemetry.io/inject-"
    instrumentation = orders.objects("Instrumentation")["services"]["spec"]

    assert {
        service: next(key.removeprefix(injected) for key in found if key.startswith(injected))
        for service, found in annotations.items()
    } == {"order": "dotnet", "payment": "nodejs", "identity": "dotnet"}
    assert instrumentation["exporter"] == {"endpoint": "http://otel-collector.tracing.svc:4318"}


def test_agents_put_the_trace_into_the_lines_of_logs(orders: System):
    agents = orders.objects("Instrumentation")["services"]["spec"]

    # .NET's and Node.js's do so by themselves.
    assert {"dotnet", "nodejs"} < agents.keys()
    assert agents["propagators"] == ["tracecontext", "baggage"]
    assert orders.values("payment")["env"]["LOG_FORMAT"] == "json"


@pytest.mark.parametrize("service", ["order", "identity"])
def test_lines_of_dotnets_logs_name_their_trace(orders: System, service: str):
    env = orders.values(service)["env"]

    assert env["Logging__Console__FormatterName"] == "json"
    assert env["Logging__Console__FormatterOptions__IncludeScopes"] == "true"


def test_a_pod_has_thirty_seconds_to_end(orders: System):
    assert {orders.values(service)["terminationGracePeriodSeconds"] for service in orders.services()} == {30}


def test_two_pods_of_a_service_keep_away_from_the_same_node(orders: System):
    assert {orders.values(service)["spread"]["antiAffinity"] for service in orders.services()} == {"preferred"}


@pytest.mark.parametrize(("service", "data"), [("order", "ORDERS"), ("payment", "PAYMENTS")])
def test_a_service_reads_from_variables_where_its_data_is(orders: System, service: str, data: str):
    values = orders.values(service)

    assert {f"{data}_{part}" for part in ("HOST", "PORT", "NAME", "USER", "URL", "CA")} <= set(values["env"])
    assert set(values["secretEnv"]) == {f"{data}_PASSWORD"}


def test_payments_are_in_mongodb(orders: System):
    size = {"gke-dev": 1, "gke-prod": 3}[orders.stack]
    (members,) = orders.objects("PerconaServerMongoDB")["payments"]["spec"]["replsets"]

    assert members["size"] == size


def test_orders_are_in_postgresql_of_the_cloud_where_that_runs_one():
    assert set(system("orders", "gke-dev").objects("Cluster")) == {"orders"}
    assert set(system("orders", "gke-prod").objects("Cluster")) == set()


def test_the_gateway_listens_for_http_and_for_grpc_without_tls(orders: System):
    kong = orders.deployed.named("kong-release").inputs["values"]

    assert "0.0.0.0:8000" in kong["env"]["proxy_listen"]
    assert "0.0.0.0:9080 http2" in kong["env"]["proxy_listen"]
    assert kong["proxy"]["stream"] == [{"containerPort": 9080, "servicePort": 9080, "protocol": "TCP"}]


def test_signing_in_is_the_identity_services(orders: System):
    route = orders.gateway.route("identity.auth")

    assert (route["hosts"], route["paths"], route["protocols"]) == ([orders.host], ["/auth"], ["https"])
    assert orders.gateway.service("identity.http")["port"] == 5010
    assert "jwt" not in orders.gateway.plugins("identity.auth")


def test_the_package_of_orders_goes_to_the_order_service_with_tls_and_without(orders: System):
    route = orders.gateway.route("order")

    assert (route["hosts"], route["paths"]) == ([orders.host], ["/orders.v1."])
    assert route["protocols"] == ["grpc", "grpcs"]
    assert orders.gateway.service("order.grpc.grpc")["port"] == 8080


@pytest.mark.parametrize("route", ["order", "payment.payments"])
def test_everything_else_asks_for_a_token_of_the_identity_service(orders: System, route: str):
    plugin = orders.gateway.plugins(route)["jwt"]

    assert plugin["claims_to_verify"] == ["exp"]
    assert plugin["maximum_expiration"] == 3600


def test_gateway_and_identity_service_share_the_key_that_tokens_are_signed_with(orders: System):
    consumers = {one["username"]: one for one in orders.gateway.file["consumers"]}
    (token,) = consumers["orders.identity"]["jwt_secrets"]
    secret = orders.objects("ExternalSecret")["identity"]["spec"]["data"]
    read = next(one for one in orders.deployed.registrations.values() if one.name == "kong-configuration").inputs

    assert (token["key"], token["algorithm"]) == ("orders-identity", "HS256")
    assert orders.values("identity")["env"]["JWT_ISSUER"] == "orders-identity"
    assert secret == [{"secretKey": "JWT_KEY", "remoteRef": {"key": "orders-token-key"}}]
    assert read["spec"]["data"] == [{"secretKey": token["secret"], "remoteRef": {"key": "orders-token-key"}}]


@pytest.mark.parametrize("route", ["order", "payment.payments", "identity.auth"])
def test_pages_of_the_shop_may_use_every_route(orders: System, route: str):
    cors = orders.gateway.plugins(route)["cors"]

    assert cors["origins"] == [r"^https://[a-z0-9.-]+\.example\.com$"]
    assert cors["headers"] == ["authorization", "content-type"]


@pytest.mark.parametrize("route", ["order", "payment.payments", "identity.auth"])
def test_every_request_has_an_id_and_a_trace_from_the_gateway_on(orders: System, route: str):
    plugins = orders.gateway.plugins(route)

    assert plugins["correlation-id"]["header_name"] == "X-Request-ID"
    assert plugins["opentelemetry"]["traces_endpoint"] == "http://otel-collector.tracing.svc:4318/v1/traces"


def test_who_takes_orders_reaches_payments_and_identity_and_nobody_else_does(orders: System):
    assert callers_of(orders, "payment") == {"order"}
    assert callers_of(orders, "identity") == {"order", "payment"}
    assert callers_of(orders, "order") == set()


def callers_of(orders: System, service: str) -> set[str]:
    """Services that the policy of a service lets in."""
    rules = orders.objects("NetworkPolicy")[service]["spec"].get("ingress", [])
    selected = [peer.get("podSelector", {}).get("matchLabels", {}) for rule in rules for peer in rule.get("from", [])]
    return orders.services() & {labels.get("app.kubernetes.io/name", "") for labels in selected}
