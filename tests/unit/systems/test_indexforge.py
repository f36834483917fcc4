"""IndexForge: every number of it, in the plan of a small stack and of a large one."""

import json

import pytest

from tests.unit.systems.system import SIZES, System, system


@pytest.fixture(params=SIZES)
def indexforge(request: pytest.FixtureRequest) -> System:
    return system("indexforge", request.param)


def test_three_services_run_in_a_namespace_of_their_own(indexforge: System):
    assert indexforge.services() == {"app-service", "ml-service", "excel-processor"}


@pytest.mark.parametrize(("service", "path"), [("app-service", "/api/v1/"), ("ml-service", "/api/v1/ml/")])
def test_a_path_is_a_services(indexforge: System, service: str, path: str):
    route = indexforge.gateway.route(service)

    assert (route["hosts"], route["paths"]) == ([indexforge.host], [path])


def test_who_shows_no_key_of_the_workload_gets_through_nowhere(indexforge: System):
    consumers = {one["username"]: one for one in indexforge.gateway.file["consumers"]}

    assert len(consumers["indexforge.web"]["keyauth_credentials"]) == 1
    for service in ("app-service", "ml-service"):
        plugins = indexforge.gateway.plugins(service)
        assert plugins["acl"]["allow"] == ["indexforge"]
        assert "anonymous" not in plugins["key-auth"]


def test_nobody_outside_calls_the_excel_processor(indexforge: System):
    assert {name.split(".")[1] for name in indexforge.gateway.services} == {"app-service", "ml-service"}


@pytest.mark.parametrize(("service", "minute"), [("app-service", 60), ("ml-service", 30)])
def test_a_key_makes_so_many_requests_a_minute(indexforge: System, service: str, minute: int):
    plugins = indexforge.gateway.plugins(service)

    assert plugins["rate-limiting"]["minute"] == minute
    assert plugins["rate-limiting"]["limit_by"] == "consumer"
    assert plugins["key-auth"]["key_names"] == ["apikey"]


def test_answers_are_kept_for_five_minutes(indexforge: System):
    cache = indexforge.gateway.plugins("app-service")["proxy-cache"]

    assert (cache["cache_ttl"], cache["cache_control"], cache["request_method"]) == (300, False, ["GET", "HEAD"])
    assert "proxy-cache" not in indexforge.gateway.plugins("ml-service")


@pytest.mark.parametrize("service", ["app-service", "ml-service"])
def test_requests_have_an_id_and_robots_and_some_addresses_are_kept_out(indexforge: System, service: str):
    plugins = indexforge.gateway.plugins(service)

    assert plugins["correlation-id"]["header_name"] == "X-Request-ID"
    assert "bot-detection" in plugins
    assert plugins["ip-restriction"]["deny"] == ["192.0.2.0/24"]


@pytest.mark.parametrize(
    ("cache", "memory", "eviction"), [("cache", "512mb", "allkeys-lru"), ("results", "1024mb", "volatile-lru")]
)
def test_each_valkey_has_its_memory_and_evicts_by_its_policy(
    indexforge: System, cache: str, memory: str, eviction: str
):
    values = indexforge.release(cache)
    settings = values["valkeyConfig"].split("\n")

    assert {f"maxmemory {memory}", f"maxmemory-policy {eviction}", "appendonly yes"} <= set(settings)
    assert (values["metrics"]["enabled"], values["metrics"]["serviceMonitor"]) == (True, {"enabled": True})


def test_vectors_are_in_weaviate_with_keys_and_out_of_reach_from_outside(indexforge: System):
    values = indexforge.release("vectors")

    assert values["authentication"]["anonymous_access"] == {"enabled": False}
    assert values["env"]["AUTHENTICATION_APIKEY_ENABLED"] is True
    assert (values["service"]["type"], values["grpcService"]["type"]) == ("ClusterIP", "ClusterIP")
    assert values["initContainers"]["sysctlInitContainer"] == {"enabled": False}
    assert values["modules"]["default_vectorizer_module"] == "text2vec-transformers"


def test_a_server_of_its_own_makes_vectors_of_texts(indexforge: System):
    deployment = indexforge.objects("Deployment")["t2v-transformers"]["spec"]
    (container,) = deployment["template"]["spec"]["containers"]

    assert "transformers-inference:sentence-transformers-multi-qa-MiniLM-L6-cos-v1" in container["image"]
    assert deployment["replicas"] == {"gke-dev": 1, "gke-prod": 2}[indexforge.stack]


def test_files_wait_in_rabbitmq_for_as_many_processors_as_they_need(indexforge: System):
    assert set(indexforge.objects("RabbitmqCluster")) == {"work"}
    scaling = indexforge.values("excel-processor")["autoscaling"]
    (trigger,) = scaling["triggers"]

    assert (scaling["min"], scaling["max"]) == (1, 4)
    assert 'queue="excel"' in trigger["metadata"]["query"]
    assert trigger["metadata"]["threshold"] == "20"


@pytest.mark.parametrize(
    ("service", "prefixes"),
    [
        ("app-service", {"CACHE", "VECTORS", "WORK"}),
        ("ml-service", {"RESULTS", "VECTORS"}),
        ("excel-processor", {"WORK", "VECTORS", "RESULTS"}),
    ],
)
def test_a_service_reaches_the_data_that_it_names(indexforge: System, service: str, prefixes: set[str]):
    hosts = {name.removesuffix("_HOST") for name in indexforge.values(service)["env"] if name.endswith("_HOST")}

    assert {name for name in hosts if not name.endswith("GRPC")} == prefixes


@pytest.mark.parametrize("service", ["app-service", "ml-service"])
def test_more_than_one_error_of_a_hundred_or_half_a_second_for_five_minutes_is_an_alert(
    indexforge: System, service: str
):
    bounds = [rule for rule in indexforge.rules("alerts") if rule["labels"]["service"] == service]

    assert [(rule["alert"], rule["expr"].rpartition(" > ")[2], rule["for"]) for rule in bounds] == [
        ("ServiceErrorsAboveBound", "0.01", "5m"),
        ("ServiceLatencyAboveBound", "500", "5m"),
    ]


def test_caches_and_models_have_a_dashboard(indexforge: System):
    boards = {name for name in indexforge.objects("ConfigMap") if name.startswith("dashboard-")}

    assert boards == {
        "dashboard-services",
        "dashboard-gateway",
        "dashboard-caches",
        "dashboard-machine-learning",
    }


def test_hits_evictions_and_memory_are_what_the_dashboard_of_caches_asks_for(indexforge: System):
    board = json.loads(indexforge.objects("ConfigMap")["dashboard-caches"]["data"]["gw-indexforge_caches.json"])
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel.get("targets", []))

    for metric in ("keyspace_hits_total", "keyspace_misses_total", "evicted_keys_total", "memory_used_bytes"):
        assert f"redis_{metric}" in asked


@pytest.mark.parametrize("service", ["app-service", "ml-service", "excel-processor"])
def test_errors_go_to_sentry_with_a_tenth_of_the_traces(indexforge: System, service: str):
    values = indexforge.values(service)

    assert values["env"]["SENTRY_TRACES_SAMPLE_RATE"] == "0.1"
    assert values["secretEnv"]["SENTRY_DSN"] == {"secret": service, "key": "SENTRY_DSN"}
    assert indexforge.objects("ExternalSecret")[service]["spec"]["data"] == [
        {"secretKey": "SENTRY_DSN", "remoteRef": {"key": "indexforge-sentry-dsn"}}
    ]
