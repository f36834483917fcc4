"""What the collector is released with, and what it does with what services send."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from contract_check.check import check_resource

from components.platform.otel_collector import OtelCollector, OtelCollectorArgs, releases
from components.releases import ChartSource
from components.span_metrics import LATENCY_BOUNDS_MS
from tests.mock_engine import Deployed
from tests.programs import program
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture
def collector(deploy: Callable[..., Deployed]) -> Callable[..., dict[str, dict[str, Any]]]:
    """The inputs of each release, by its name."""

    def build(**changes: Any) -> dict[str, dict[str, Any]]:
        deployed = deploy(lambda: OtelCollector("otel-collector", arguments(Prerequisite("wait"), **changes)))
        return {one.inputs["name"]: one.inputs for one in deployed.of_type(RELEASE)}

    return build


def arguments(wait: Any, **changes: Any) -> OtelCollectorArgs:
    defaults: dict[str, Any] = {
        "environment": "dev",
        "sampled_percent": 100,
        "slow_ms": 1000,
        "high_availability": False,
        "prometheus_replicas": 1,
        "namespace": wait,
        "service_monitors": wait,
        "nodes": [wait],
        "charts": ChartSource(),
    }
    return OtelCollectorArgs(**{**defaults, **changes})


def configurations(**changes: Any) -> dict[str, dict[str, Any]]:
    """The configuration of each release, by its name."""
    return {name: values["alternateConfig"] for name, values in releases(arguments(None, **changes)).items()}


SEVERAL: Mapping[str, Any] = {"high_availability": True, "prometheus_replicas": 2, "sampled_percent": 10}


@pytest.mark.parametrize("changes", [{}, SEVERAL], ids=["one pod", "two tiers"])
def test_the_collector_itself_finds_its_configuration_valid(tmp_path: Path, changes: Mapping[str, Any]):
    otelcol = program("otelcol")
    for name, configuration in configurations(**changes).items():
        assert validated(otelcol, tmp_path / f"{name}.json", configuration) == "", name


def test_a_configuration_that_is_wrong_is_told_by_key(tmp_path: Path):
    (configuration,) = configurations().values()
    configuration["processors"]["tail_sampling"]["decision_weight"] = "10s"

    assert "decision_weight" in validated(program("otelcol"), tmp_path / "wrong.json", configuration)


def test_in_dev_one_pod_takes_in_and_samples(collector: Callable[..., Any]):
    (release,) = collector().values()

    assert (release["name"], release["namespace"], release["version"]) == ("otel-collector", "tracing", "0.170.0")
    assert release["values"]["replicaCount"] == 1
    assert release["values"]["podDisruptionBudget"]["enabled"] is False


def test_in_prod_two_pods_take_in_and_two_others_sample(collector: Callable[..., Any]):
    found = collector(**SEVERAL)

    assert {name: release["values"]["replicaCount"] for name, release in found.items()} == {
        "otel-collector": 2,
        "otel-sampler": 2,
    }
    assert all(
        release["values"]["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1} for release in found.values()
    )


def test_all_spans_of_a_trace_go_to_one_sampler_by_the_names_of_the_ready_ones(collector: Callable[..., Any]):
    found = collector(**SEVERAL)
    gateway = found["otel-collector"]["values"]["alternateConfig"]

    assert gateway["service"]["pipelines"]["traces"]["exporters"] == ["span_metrics", "load_balancing"]
    assert gateway["exporters"]["load_balancing"]["routing_key"] == "traceID"
    assert gateway["exporters"]["load_balancing"]["resolver"]["dns"]["hostname"] == "otel-sampler.tracing.svc"
    assert found["otel-sampler"]["values"]["service"] == {"clusterIP": "None"}


def test_what_a_sampler_does_not_take_goes_to_whoever_then_has_its_place():
    balancing = configurations(**SEVERAL)["otel-collector"]["exporters"]["load_balancing"]

    assert (balancing["retry_on_failure"]["enabled"], balancing["sending_queue"]["enabled"]) == (True, True)
    behind = balancing["protocol"]["otlp"]
    assert (behind["retry_on_failure"]["enabled"], behind["sending_queue"]["enabled"]) == (False, False)


@pytest.mark.parametrize("changes", [{}, SEVERAL], ids=["one pod", "two tiers"])
def test_memory_is_guarded_before_anything_else_is_done(changes: Mapping[str, Any]):
    for configuration in configurations(**changes).values():
        for pipeline in configuration["service"]["pipelines"].values():
            if "otlp" in pipeline["receivers"]:
                assert pipeline["processors"][0] == "memory_limiter"


def test_the_sender_is_named_before_batching_forgets_its_address():
    pipelines = configurations()["otel-collector"]["service"]["pipelines"]

    for name in ("traces", "metrics", "logs"):
        processors = pipelines[name]["processors"]
        assert processors[1:3] == ["k8s_attributes", "resource"]
        assert "batch" not in processors[:2]


def test_spans_are_counted_before_any_trace_is_dropped():
    pipelines = configurations()["otel-collector"]["service"]["pipelines"]

    assert pipelines["traces"]["exporters"] == ["span_metrics", "forward/sampling"]
    assert "tail_sampling" not in pipelines["traces"]["processors"]
    assert pipelines["traces/sampled"]["processors"] == ["tail_sampling", "batch"]


def test_errors_and_slow_traces_are_kept_and_a_share_of_the_rest():
    (configuration,) = configurations(sampled_percent=25, slow_ms=750).values()

    assert configuration["processors"]["tail_sampling"]["policies"] == [
        {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
        {"name": "slow", "type": "latency", "latency": {"threshold_ms": 750}},
        {"name": "rest", "type": "probabilistic", "probabilistic": {"sampling_percentage": 25}},
    ]


def test_each_prometheus_gets_every_sample_by_a_queue_of_its_own():
    exporters = configurations(**SEVERAL)["otel-collector"]["exporters"]
    server = "http://prometheus-kps-{}.prometheus-operated.monitoring.svc:9090/prometheus/api/v1/otlp"

    assert {name: one["endpoint"] for name, one in exporters.items() if name.startswith("otlp_http/p")} == {
        "otlp_http/prometheus-0": server.format(0),
        "otlp_http/prometheus-1": server.format(1),
    }
    pipelines = configurations(**SEVERAL)["otel-collector"]["service"]["pipelines"]
    for name in ("metrics", "metrics/spans"):
        assert pipelines[name]["exporters"] == ["otlp_http/prometheus-0", "otlp_http/prometheus-1"]


def test_logs_go_to_loki_and_traces_to_jaeger():
    exporters = configurations()["otel-collector"]["exporters"]

    assert exporters["otlp_http/loki"]["endpoint"] == "http://loki-gateway.logging.svc/otlp"
    assert exporters["otlp_grpc/jaeger"]["endpoint"] == "jaeger.tracing.svc:4317"


def test_two_collectors_never_write_the_same_series():
    configuration = configurations()["otel-collector"]

    assert configuration["connectors"]["span_metrics"]["exclude_dimensions"] == ["collector.instance.id"]
    assert configuration["processors"]["transform/span_metrics"]["metric_statements"][-1] == (
        'set(resource.attributes["service.instance.id"], "${env:OTEL_K8S_POD_NAME}")'
    )


def test_durations_are_counted_by_the_bounds_that_objectives_know():
    histogram = configurations()["otel-collector"]["connectors"]["span_metrics"]["histogram"]

    assert histogram == {"unit": "ms", "explicit": {"buckets": [f"{bound}ms" for bound in LATENCY_BOUNDS_MS]}}
    assert {500, 1000} <= set(LATENCY_BOUNDS_MS)


def test_the_environment_is_on_everything():
    (configuration,) = configurations(environment="staging").values()

    assert {"key": "deployment.environment.name", "value": "staging", "action": "insert"} in configuration[
        "processors"
    ]["resource"]["attributes"]


def test_pods_run_as_the_level_restricted_wants_it(collector: Callable[..., Any]):
    for release in collector(**SEVERAL).values():
        assert release["values"]["podSecurityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert release["values"]["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_only_those_who_name_senders_may_ask_the_api(collector: Callable[..., Any]):
    found = {name: release["values"] for name, release in collector(**SEVERAL).items()}

    assert found["otel-collector"]["clusterRole"] == {
        "create": True,
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}],
    }
    assert "clusterRole" not in found["otel-sampler"]
    assert found["otel-sampler"]["serviceAccount"] == {"automountServiceAccountToken": False}


def test_prometheus_scrapes_the_collectors_and_finds_names_with_their_units(collector: Callable[..., Any]):
    for release in collector(**SEVERAL).values():
        values = release["values"]
        (reader,) = values["alternateConfig"]["service"]["telemetry"]["metrics"]["readers"]

        assert (values["serviceMonitor"]["enabled"], values["ports"]["metrics"]["enabled"]) == (True, True)
        assert reader["pull"]["exporter"]["prometheus"] == {
            "host": "${env:MY_POD_IP}",
            "port": 8888,
            "without_units": False,
            "without_type_suffix": False,
            "without_scope_info": True,
        }


@pytest.mark.parametrize("changes", [{}, SEVERAL], ids=["one pod", "two tiers"])
def test_the_chart_knows_every_value(collector: Callable[..., Any], changes: Mapping[str, Any]):
    for release in collector(**changes).values():
        assert [str(found) for found in check_resource(RELEASE, release)] == []


def test_the_chart_would_fill_in_nothing():
    assert "{{" not in json.dumps(configurations(**SEVERAL))


def validated(otelcol: Path, file: Path, configuration: Mapping[str, Any]) -> str:
    """What the collector has to say against a configuration."""
    file.write_text(json.dumps(configuration))
    environment = {"MY_POD_IP": "127.0.0.1", "OTEL_K8S_POD_NAME": "otel-collector-0"}
    done = subprocess.run(
        [otelcol, "validate", "--config", file], capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr
