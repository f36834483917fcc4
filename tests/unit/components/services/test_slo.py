"""What a workload file may promise, and what is recorded of each promise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract_check.custom_resources import check_custom_resource

from components.contracts import Registry
from components.services.model import ServiceSpec, load_workload, parse_workload
from components.services.monitoring.slo import Slos
from components.services.monitoring.slo_indicators import floors, in_hours, indicators
from components.services.monitoring.slo_rules import slo_groups
from components.services.workload import Workload, WorkloadArgs
from components.span_metrics import LATENCY_BOUNDS_MS
from signals.exposed import metrics
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

SERVICE: dict[str, Any] = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080}, "metrics": {"port": "http"}}
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
SPANS = '{job="todo/backend",span_kind="SPAN_KIND_SERVER",http_route!~"/metrics"}'
FAILED = SPANS.replace("http_route", 'status_code="STATUS_CODE_ERROR",http_route')


def service(slos: Any = None, **changes: Any) -> ServiceSpec:
    values = {**SERVICE, **changes, **({} if slos is None else {"slos": slos})}
    return parse_workload("todo", {"services": {"backend": values}}).services["backend"]


def problems(slos: Any, **changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        service(slos, **changes)
    return [problem.removeprefix("services.backend.") for problem in raised.value.problems]


def objectives(spec: ServiceSpec) -> dict[str, str]:
    return {one.slo: one.objective for one in indicators("todo", "backend", spec)}


def test_a_service_with_a_port_promises_availability_and_latency_without_a_word():
    assert objectives(service()) == {"availability": "0.999", "latency-p95": "0.95", "latency-p99": "0.99"}
    assert (service().slos.latency_p95_ms, service().slos.latency_p99_ms) == (500, 1000)


def test_a_service_without_a_port_promises_nothing():
    assert objectives(service(ports={}, metrics=None)) == {}


def test_true_is_the_default_of_an_objective():
    every = {key: True for key in Slos.model_fields if key != "throughput"}

    slos = service(every).slos

    assert slos.model_dump(exclude={"throughput"}) == {
        "availability": 99.9,
        "latency_p95_ms": 500,
        "latency_p99_ms": 1000,
        "websocket_availability": 99.5,
        "audit_durability": 99.99,
        "event_durability": 99.9,
    }


def test_false_is_no_objective():
    assert objectives(service({"availability": False, "latency_p95_ms": False})) == {"latency-p99": "0.99"}


def test_an_objective_is_the_share_that_its_percentage_is():
    slos = {"availability": 99.95, "audit_durability": 99.999, "event_durability": 97}

    assert {key: value for key, value in objectives(service(slos)).items() if "latency" not in key} == {
        "availability": "0.9995",
        "audit-durability": "0.99999",
        "event-durability": "0.97",
    }


def test_every_problem_of_the_objectives_is_told_by_key_path():
    percentage = "expected a percentage from 95 to 99.999, true or false"
    known = ", ".join(map(str, LATENCY_BOUNDS_MS))
    bound = f"expected one of {known}, which are the bounds that latencies are counted by, true or false"
    slos = {
        "availability": 100,
        "latency_p95_ms": 300,
        "latency_p99_ms": "1s",
        "websocket_availability": "99.5",
        "audit_durability": 42,
        "availabilty": 99,
        "throughput": {"hours": {"since": 8, "until": 8, "days": ["someday"]}, "idle": True},
    }

    assert problems(slos) == [
        f"slos.audit_durability: {percentage}",
        f"slos.availability: {percentage}",
        'slos.availabilty: unknown key, did you mean "availability"?',
        f"slos.latency_p95_ms: {bound}",
        f"slos.latency_p99_ms: {bound}",
        "slos.throughput.hours.days.0: expected 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday' or "
        "'sunday'",
        "slos.throughput.hours.until: expected another hour than since (8); leave both out for the whole day",
        "slos.throughput.idle: unknown key; known: events_per_second, hours, idle_counts, requests_per_second",
        f"slos.websocket_availability: {percentage}",
    ]


def test_a_floor_is_a_number_above_none():
    assert problems({"throughput": {}}) == ["slos.throughput: expected requests_per_second or events_per_second"]
    assert problems({"throughput": {"requests_per_second": 0}}) == [
        "slos.throughput.requests_per_second: input should be greater than 0"
    ]


def test_the_slowest_requests_may_take_no_less_than_the_others():
    assert problems({"latency_p95_ms": 1000, "latency_p99_ms": 500}) == [
        "slos.latency_p99_ms: expected latency_p95_ms (1000) or more"
    ]


def test_an_objective_that_nothing_could_measure_is_refused():
    slos = {"availability": 99.9, "audit_durability": True, "throughput": {"requests_per_second": 1}}

    assert problems(slos, ports={}, metrics=None) == [
        "slos.audit_durability: the service's own metrics measure it: metrics is missing",
        "slos.availability: the service has no port to answer at",
        "slos.throughput.requests_per_second: the service has no port to answer at",
    ]


def test_what_is_switched_off_needs_nothing_to_measure_it():
    assert objectives(service({"availability": False, "audit_durability": False}, ports={}, metrics=None)) == {}


def test_availability_is_measured_by_the_spans_of_the_server():
    (availability,) = (one for one in indicators("todo", "backend", service()) if one.slo == "availability")

    assert availability.every == f"sum(rate(traces_span_metrics_calls_total{SPANS}[5m]))"
    assert availability.bad == f"sum(rate(traces_span_metrics_calls_total{FAILED}[5m])) or vector(0)"


def test_a_latency_is_the_share_of_requests_that_take_longer():
    bounds = {"latency_p95_ms": 250, "latency_p99_ms": False}
    _availability, latency = indicators("todo", "backend", service(bounds))

    quick = SPANS.replace("http_route", 'le="250",http_route')
    assert latency.every == f"sum(rate(traces_span_metrics_duration_milliseconds_count{SPANS}[5m]))"
    assert latency.bad == f"{latency.every} - sum(rate(traces_span_metrics_duration_milliseconds_bucket{quick}[5m]))"


def test_probes_and_scrapes_are_no_requests():
    probes = {"liveness": {"path": "/live.x+", "port": "http"}, "startup": {"path": "/live", "port": "http"}}
    availability = indicators("todo", "backend", service(probes=probes))[0]

    assert availability.every.endswith(r',http_route!~"/live|/live\\.x\\+|/metrics"}[5m]))')


def test_what_a_probe_asks_after_its_path_is_no_part_of_a_route():
    probes = {"liveness": {"path": "/live?full=true", "port": "http"}}
    availability = indicators("todo", "backend", service(probes=probes, metrics=None))[0]

    assert availability.every.endswith(r',http_route!~"/live"}[5m]))')


def test_health_checks_of_grpc_are_no_requests():
    probes = {"liveness": {"port": "grpc"}, "readiness": {"path": "/ready", "port": "http"}}
    ports = {"http": 8080, "grpc": 9090}
    availability = indicators("todo", "backend", service(ports=ports, probes=probes, metrics=None))[0]

    name = r'span_name!~".*\\bgrpc[.]health[.]v1[.]Health/.*"'
    assert availability.every.endswith(rf',http_route!~"/ready",{name}}}[5m]))')


def test_without_probes_and_scrapes_every_span_of_the_server_counts():
    availability = indicators("todo", "backend", service(metrics=None))[0]

    assert availability.every.endswith('{job="todo/backend",span_kind="SPAN_KIND_SERVER"}[5m]))')


def test_a_floor_is_of_requests_or_of_events_that_were_processed():
    throughput = {"requests_per_second": 2.5, "events_per_second": 40}
    requests, events = floors("todo", "backend", service({"throughput": throughput}))

    assert (requests.slo, requests.lowest, requests.hours) == ("throughput-requests", 2.5, "")
    assert requests.rate == f"sum(rate(traces_span_metrics_calls_total{SPANS}[30m])) > 0"
    labels = '{namespace="todo",app_id="backend",process_status="success"}'
    assert (events.slo, events.lowest) == ("throughput-events", 40)
    assert events.rate == (
        f"sum(rate(dapr_component_pubsub_ingress_count{labels}[30m]) or "
        f"rate(dapr_component_pubsub_ingress_bulk_event_count{labels}[30m])) > 0"
    )


def test_nothing_at_all_is_below_a_floor_where_the_file_says_so():
    (floor,) = floors("todo", "backend", service({"throughput": {"requests_per_second": 1, "idle_counts": True}}))

    assert floor.rate.endswith("[30m])) or vector(0)")


@pytest.mark.parametrize(
    ("hours", "promql"),
    [
        ({}, ""),
        ({"since": 8}, "(hour() >= 8)"),
        ({"until": 20}, "(hour() < 20)"),
        ({"since": 8, "until": 20}, "(hour() >= 8 < 20)"),
        ({"since": 22, "until": 6}, "(hour() >= 22 or hour() < 6)"),
        ({"days": ["sunday", "monday"]}, "(day_of_week() == 0 or day_of_week() == 1)"),
        ({"since": 8, "days": ["friday"]}, "(hour() >= 8) and (day_of_week() == 5)"),
    ],
)
def test_a_floor_holds_within_its_hours(hours: dict[str, Any], promql: str):
    spec = service({"throughput": {"requests_per_second": 1, "hours": hours}})

    assert spec.slos.throughput is not None
    assert in_hours(spec.slos.throughput.hours) == promql


def test_the_backend_of_the_todo_system_promises_what_is_measured_of_it():
    backend = load_workload("todo").services["backend"]

    assert objectives(backend) == {
        "availability": "0.999",
        "latency-p95": "0.95",
        "latency-p99": "0.99",
        "websocket-availability": "0.995",
        "event-durability": "0.999",
    }
    assert [(floor.slo, floor.lowest) for floor in floors("todo", "backend", backend)] == [
        ("throughput-requests", 100),
    ]


def test_a_team_is_named_by_the_workload_file():
    backend = {"services": {"backend": SERVICE}}

    assert parse_workload("todo", {"team": "storefront", **backend}).team == "storefront"
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"team": "-", **backend})
    assert raised.value.problems == (
        "team: expected 63 letters, digits, dots, hyphens and underscores at most, "
        "with a letter or digit first and last",
    )


def test_the_guide_of_application_metrics_names_every_metric_that_a_service_exposes_by_itself():
    guide = Path("docs/application-metrics.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in guide.splitlines() if line.startswith("| `")]
    told = {
        name.strip("`"): (kind, frozenset(part.split("`")[1] for part in labels.split(";") if part))
        for name, kind, labels, _meaning in rows
    }

    assert told == {
        metric.name: (metric.kind, metric.labels)
        for found in metrics().values()
        for metric in found
        if metric.exporter == "application"
    }


def deploy_todo(deploy: Callable[..., Deployed], slos: Any = None) -> Deployed:
    def program() -> None:
        spec = parse_workload(
            "todo", {"services": {"backend": {**SERVICE, **({} if slos is None else {"slos": slos})}}}
        )
        registry = Registry(image_prefix="registry")
        args = WorkloadArgs(
            workload="todo",
            spec=spec,
            registry=registry,
            platform=bare_platform(),
            runbooks="https://git.example",
        )
        Workload("todo", args)

    return deploy(program)


def test_objectives_are_rules_in_the_namespace_of_their_workload(deploy: Callable[..., Deployed]):
    deployed = deploy_todo(deploy)

    rule = deployed.only(RULE)
    expected = slo_groups("todo", parse_workload("todo", {"services": {"backend": SERVICE}}), "https://git.example")
    assert rule.inputs["metadata"] == {"name": "slos", "namespace": "todo"}
    assert rule.inputs["spec"] == {"groups": expected}
    assert deployed.named("todo-namespace-todo").urn in rule.depends_on


def test_the_rules_fit_the_operators_definition(deploy: Callable[..., Deployed]):
    rule = deploy_todo(deploy, {"throughput": {"requests_per_second": 1}}).only(RULE)

    assert (
        check_custom_resource(
            RULE, {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", **rule.inputs}, set()
        )
        == []
    )


def test_a_workload_without_objectives_has_no_rules(deploy: Callable[..., Deployed]):
    deployed = deploy_todo(deploy, {"availability": False, "latency_p95_ms": False, "latency_p99_ms": False})

    assert deployed.of_type(RULE) == []
