"""What Jaeger is released with: its configuration, its volume, and a store outside."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from contract_check.check import check_resource

from components.platform.jaeger import Jaeger, JaegerArgs
from components.platform.jaeger_config import jaeger_config, ui_config
from components.releases import ChartSource
from stacks.observability import TraceStore
from tests.mock_engine import Deployed
from tests.programs import program
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "kubernetes:core/v1:Secret"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"

SEARCH = ("https://search-1.example.com:9200", "https://search-2.example.com:9200")
OPENSEARCH = TraceStore(kind="opensearch", endpoints=SEARCH, username="jaeger")
CASSANDRA = TraceStore(kind="cassandra", endpoints=("one.example.com:9042", "two.example.com:9042"), username="jaeger")
REMOTE = TraceStore(kind="remote", endpoints=("traces.example.com:17271",), username="jaeger")
STORES: Mapping[str, TraceStore | None] = {
    "volume": None,
    "opensearch": OPENSEARCH,
    "elasticsearch": TraceStore(kind="elasticsearch", endpoints=("http://search.example.com:9200",)),
    "cassandra": CASSANDRA,
    "remote": REMOTE,
    "remote without login": TraceStore(kind="remote", endpoints=("traces.databases.svc:17271",), tls=False),
}


@pytest.fixture
def jaeger(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            wait = Prerequisite("wait")
            defaults: dict[str, Any] = {
                "retention_days": 7,
                "storage_gib": 20,
                "storage_class": "fast",
                "store": None,
                "store_password": None,
                "high_availability": False,
                "protect": False,
                "namespace": wait,
                "service_monitors": wait,
                "nodes": [wait],
                "charts": ChartSource(),
            }
            Jaeger("jaeger", JaegerArgs(**{**defaults, **changes}))

        return deploy(program)

    return build


def values(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(RELEASE).inputs["values"]


@pytest.mark.parametrize("store", STORES.values(), ids=STORES.keys())
def test_jaeger_itself_finds_its_configuration_valid(tmp_path: Path, store: TraceStore | None):
    assert validated(tmp_path, jaeger_config(7, store)) == 0


def test_jaeger_refuses_a_configuration_that_is_wrong(tmp_path: Path):
    configuration = jaeger_config(7, None)
    configuration["extensions"]["jaeger_storage"]["backends"]["traces"]["badger"]["ttl"] = {"span": "168h"}

    assert validated(tmp_path, configuration) != 0


@pytest.mark.parametrize("store", STORES.values(), ids=STORES.keys())
def test_the_chart_knows_every_value_and_the_api_every_object(
    jaeger: Callable[..., Deployed], store: TraceStore | None
):
    password = "secret" if store is not None and store.username else None
    deployed = jaeger(store=store, store_password=password, high_availability=True)

    for one in deployed.registrations.values():
        if one.type.startswith("kubernetes:"):
            assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_traces_are_kept_on_a_volume_for_as_many_days_as_the_stack_says(jaeger: Callable[..., Deployed]):
    deployed = jaeger(retention_days=7, storage_gib=50)
    chosen = values(deployed)

    assert deployed.only(CLAIM).inputs["spec"] == {
        "storageClassName": "fast",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "50Gi"}},
    }
    assert chosen["userconfig"]["extensions"]["jaeger_storage"]["backends"]["traces"] == {
        "badger": {
            "ephemeral": False,
            "directories": {"keys": "/badger/keys", "values": "/badger/values"},
            "ttl": {"spans": "168h"},
        }
    }
    assert chosen["jaeger"]["extraVolumes"] == [
        {"name": "traces", "persistentVolumeClaim": {"claimName": deployed.only(CLAIM).inputs["metadata"]["name"]}}
    ]
    assert chosen["jaeger"]["extraVolumeMounts"] == [{"name": "traces", "mountPath": "/badger"}]


def test_a_volume_takes_one_pod_which_hands_it_over(jaeger: Callable[..., Deployed]):
    chosen = values(jaeger(high_availability=True))["jaeger"]

    assert (chosen["replicas"], chosen["strategy"]) == (1, {"type": "Recreate"})


def test_the_volume_is_not_waited_for_since_it_waits_for_the_pod(jaeger: Callable[..., Deployed]):
    assert jaeger().only(CLAIM).inputs["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


@pytest.mark.parametrize("protect", [True, False])
def test_the_volume_is_protected_where_the_stack_is(jaeger: Callable[..., Deployed], protect: bool):
    assert jaeger(protect=protect).only(CLAIM).protect is protect


def test_a_store_outside_takes_two_pods_and_no_volume(jaeger: Callable[..., Deployed]):
    deployed = jaeger(store=OPENSEARCH, store_password="secret", high_availability=True)
    chosen = values(deployed)["jaeger"]

    assert (chosen["replicas"], chosen["strategy"]) == (2, {"type": "RollingUpdate"})
    assert CLAIM not in deployed.types()
    assert "extraVolumes" not in chosen


def test_a_new_password_of_the_store_brings_new_pods_and_tells_nothing_of_itself(jaeger: Callable[..., Deployed]):
    first, again, second = (
        values(jaeger(store=OPENSEARCH, store_password=password))["jaeger"]["podLabels"]["groundwork/credential"]
        for password in ("do-not-tell", "do-not-tell", "changed")
    )

    assert first == again
    assert first != second
    assert first != hashlib.sha256(b"do-not-tell").hexdigest()[:16]
    assert "groundwork/credential" not in values(jaeger(store=None))["jaeger"]["podLabels"]


def test_the_password_of_a_store_is_never_in_the_configuration(jaeger: Callable[..., Deployed]):
    for store in (OPENSEARCH, CASSANDRA, REMOTE):
        deployed = jaeger(store=store, store_password="do-not-tell")

        assert "do-not-tell" not in json.dumps(values(deployed))
        assert "${env:TRACE_STORE_PASSWORD}" in json.dumps(values(deployed)["userconfig"])
        assert deployed.only(SECRET).inputs["stringData"] == {"password": "do-not-tell"}
        assert values(deployed)["jaeger"]["extraEnv"][1] == {
            "name": "TRACE_STORE_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "trace-store", "key": "password"}},
        }


def test_each_kind_of_store_is_addressed_as_it_wants():
    def backend(store: TraceStore) -> Any:
        return jaeger_config(7, store)["extensions"]["jaeger_storage"]["backends"]["traces"]

    login = {"auth": {"basic": {"username": "jaeger", "password": "${env:TRACE_STORE_PASSWORD}"}}}
    assert backend(OPENSEARCH) == {"opensearch": {"server_urls": list(SEARCH), **login}}
    assert backend(CASSANDRA) == {
        "cassandra": {
            "schema": {"keyspace": "jaeger", "create": False},
            "connection": {
                "servers": ["one.example.com:9042", "two.example.com:9042"],
                "tls": {"insecure": False},
                **login,
            },
        }
    }
    assert backend(REMOTE) == {
        "grpc": {
            "endpoint": "traces.example.com:17271",
            "tls": {"insecure": False},
            "auth": {"authenticator": "basicauth"},
        }
    }


def test_a_remote_backend_is_logged_in_at_before_it_is_used():
    service = jaeger_config(7, REMOTE)["service"]

    assert service["extensions"] == ["basicauth", "healthcheckv2", "jaeger_storage", "jaeger_query"]


def test_indices_that_are_too_old_are_deleted_every_night(jaeger: Callable[..., Deployed]):
    chosen = values(jaeger(retention_days=14, store=OPENSEARCH, store_password="secret"))

    assert chosen["esIndexCleaner"]["numberOfDays"] == 14
    assert chosen["storage"] == {
        "type": "elasticsearch",
        "elasticsearch": {"url": "https://search-1.example.com:9200"},
    }
    assert chosen["esIndexCleaner"]["extraEnv"] == [
        {"name": "ES_USERNAME", "value": "jaeger"},
        {"name": "ES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "trace-store", "key": "password"}}},
    ]
    assert "esIndexCleaner" not in values(jaeger())


def test_jaeger_answers_below_the_path_that_people_see():
    query = jaeger_config(7, None)["extensions"]["jaeger_query"]

    assert query["base_path"] == "/jaeger"
    assert query["http"] == {"endpoint": "0.0.0.0:16686"}


def test_the_monitor_tab_asks_prometheus_for_span_metrics():
    storage = jaeger_config(7, None)["extensions"]["jaeger_storage"]

    assert storage["metric_backends"]["metrics"]["prometheus"] == {
        "endpoint": "http://kps-prometheus.monitoring.svc:9090/prometheus",
        "metric_namespace": "traces_span_metrics",
        "latency_unit": "ms",
        "normalize_calls": True,
        "normalize_duration": True,
    }


def test_another_configuration_brings_another_pod(jaeger: Callable[..., Deployed]):
    def label(**changes: Any) -> str:
        return values(jaeger(**changes))["jaeger"]["podLabels"]["groundwork/configuration"]

    assert label() == label()
    assert label() != label(retention_days=8)


def test_prometheus_scrapes_jaeger(jaeger: Callable[..., Deployed]):
    assert jaeger().only(MONITOR).inputs["spec"] == {
        "selector": {
            "matchLabels": {"app.kubernetes.io/instance": "jaeger", "app.kubernetes.io/component": "all-in-one"}
        },
        "endpoints": [{"port": "internal-metrics", "path": "/metrics"}],
    }


def test_the_pod_runs_as_the_level_restricted_wants_it(jaeger: Callable[..., Deployed]):
    chosen = values(jaeger())["jaeger"]

    assert chosen["podSecurityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert chosen["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_trace_links_to_its_logs_with_what_the_page_fills_in():
    trace, pod = (link["url"] for link in ui_config(7)["linkPatterns"])

    assert trace.startswith("/grafana/explore?schemaVersion=1&orgId=1&panes=%7B")
    assert "trace_id%3D%5C%22#{traceID}%5C%22" in trace
    assert "namespace%3D%5C%22#{k8s.namespace.name}%5C%22%2C%20pod%3D%5C%22#{k8s.pod.name}%5C%22" in pod
    assert "now-7d" in trace


def validated(folder: Path, configuration: Mapping[str, Any]) -> int:
    """Jaeger's verdict as an exit status."""
    file = folder / "jaeger.json"
    file.write_text(json.dumps(configuration))
    command = [program("jaeger"), "validate", "--config", file]
    return subprocess.run(command, capture_output=True, check=False, env={"TRACE_STORE_PASSWORD": "secret"}).returncode
