"""The bakery: every number of it, in the plan of a small stack and of a large one."""

import pytest

from components.services.pods.room import mebibytes, processors
from tests.unit.systems.system import SIZES, System, system

SERVICES = {"gateway", "auth", "inventory", "sales"}


@pytest.fixture(params=SIZES)
def bakery(request: pytest.FixtureRequest) -> System:
    return system("bakery", request.param)


def test_the_gateway_service_and_those_behind_it_run_in_a_namespace_of_their_own(bakery: System):
    assert bakery.services() == SERVICES


def test_the_gateway_service_is_the_only_way_in(bakery: System):
    route = bakery.gateway.route("gateway")

    assert bakery.gateway.services == {"bakery.gateway.http"}
    assert (route["hosts"], route["paths"]) == ([bakery.host], ["/api"])


def test_requests_have_an_id(bakery: System):
    plugin = bakery.gateway.plugins("gateway")["correlation-id"]

    assert (plugin["header_name"], plugin["echo_downstream"]) == ("X-Request-ID", True)


def test_the_agent_leaves_no_library_out_and_puts_traces_into_logs(bakery: System):
    agents = bakery.objects("Instrumentation")["services"]["spec"]
    told = {one["name"]: one["value"] for one in (*agents["env"], *agents["python"]["env"])}

    assert "autoinstrumentation-python:" in agents["python"]["image"]
    assert told["OTEL_PYTHON_LOG_CORRELATION"] == "true"
    assert not {name for name in told if "DISABLED" in name or name.endswith("TRACES_EXPORTER")}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_pythons_agent_traces_every_service(bakery: System, service: str):
    annotations = bakery.values(service)["podAnnotations"]

    assert annotations["instrumentation.opentelemetry.io/inject-python"] == "services"
    # It knows FastAPI, HTTPX, Redis and psycopg unless it is told to leave some out.
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS" not in bakery.values(service)["env"]
    assert bakery.values(service)["metrics"]["path"] == "/metrics"


def test_a_pod_that_answers_badly_five_times_in_a_row_gets_no_requests(bakery: System):
    passive = bakery.gateway.upstream("gateway.http")["healthchecks"]["passive"]

    assert passive["unhealthy"]["http_failures"] == 5


@pytest.mark.parametrize("service", ["auth", "inventory", "sales"])
def test_a_service_that_fails_five_times_in_a_row_is_left_alone_for_half_a_minute(bakery: System, service: str):
    resiliency = bakery.objects("Resiliency")["gateway"]["spec"]
    breaker = resiliency["targets"]["apps"][service]["circuitBreaker"]

    policy = resiliency["policies"]["circuitBreakers"][breaker]
    assert (policy["trip"], policy["timeout"]) == ("consecutiveFailures >= 5", "30s")


def test_gateway_services_and_circuit_breakers_have_a_dashboard(bakery: System):
    assert {name for name in bakery.objects("ConfigMap") if name.startswith("dashboard-")} == {
        "dashboard-gateway",
        "dashboard-services",
        "dashboard-circuit-breakers",
    }


def test_nominatim_knows_spain_and_has_room_for_it(bakery: System):
    (importing,) = (job for name, job in bakery.objects("Job").items() if name.startswith("places-nominatim-import"))
    env = {one["name"]: one.get("value") for one in importing["spec"]["template"]["spec"]["containers"][0]["env"]}

    assert env["SOURCE"] == "https://download.geofabrik.de/europe/spain-latest.osm.pbf"
    claim = bakery.objects("PersistentVolumeClaim")["places"]["spec"]
    assert claim["resources"]["requests"] == {"storage": "70Gi"}


def test_nominatim_asks_for_one_processor_and_two_gibibytes(bakery: System):
    pod = bakery.objects("StatefulSet")["places"]["spec"]["template"]["spec"]
    starts = [one for one in pod["initContainers"] if one.get("restartPolicy") == "Always"]
    asked = [one["resources"]["requests"] for one in (*pod["containers"], *starts)]

    assert sum(processors(one["cpu"]) for one in asked) == 1
    assert sum(mebibytes(one["memory"]) for one in asked) == 2048


def test_metrics_are_kept_for_thirty_days_and_traces_for_a_week(bakery: System):
    prometheus = bakery.deployed.named("prometheus-release").inputs["values"]["prometheus"]["prometheusSpec"]
    jaeger = bakery.deployed.named("jaeger-release").inputs["values"]
    storage = jaeger["userconfig"]["extensions"]["jaeger_storage"]["backends"]["traces"]

    assert prometheus["retention"] == "30d"
    assert storage["badger"]["ttl"] == {"spans": "168h"}


@pytest.mark.parametrize(("service", "data"), [("gateway", "CACHE"), ("auth", "DATABASE"), ("sales", "PLACES")])
def test_a_service_reads_from_variables_where_its_data_is(bakery: System, service: str, data: str):
    assert {f"{data}_HOST", f"{data}_PORT", f"{data}_URL"} <= set(bakery.values(service)["env"])
