"""The todo system: every number of it, in the plan of a small stack and of a large one."""

import pytest

from tests.unit.systems.system import SIZES, System, system

HOURS = "\nand on () ((hour() >= 7 < 19) and (day_of_week() == 1 or day_of_week() == 2 or day_of_week() == 3 or "
HOURS += "day_of_week() == 4 or day_of_week() == 5))"


@pytest.fixture(params=SIZES)
def todo(request: pytest.FixtureRequest) -> System:
    return system("todo", request.param)


def test_five_services_run_in_a_namespace_of_their_own(todo: System):
    assert todo.services() == {"backend", "recurring-task", "notification", "sync", "audit"}


def test_the_interface_and_its_websocket_have_one_host(todo: System):
    routes = {name: todo.gateway.route(name) for name in ("backend.api", "backend.live", "sync")}

    assert {name: route["paths"] for name, route in routes.items()} == {
        "backend.api": ["/api"],
        "backend.live": ["/ws"],
        "sync": ["/api/sync"],
    }
    assert {tuple(route["hosts"]) for route in routes.values()} == {(todo.host,)}


def test_a_websocket_may_be_silent_for_an_hour_and_a_request_for_a_minute(todo: System):
    assert todo.gateway.service("backend.http.websocket")["read_timeout"] == 3_600_000
    assert todo.gateway.service("backend.http")["read_timeout"] == 60_000


def test_the_websocket_goes_to_the_backend_and_what_devices_ask_to_sync(todo: System):
    assert {name.split(".")[1] for name in todo.gateway.services} == {"backend", "sync"}
    assert todo.gateway.route("backend.live") in todo.gateway.service("backend.http.websocket")["routes"]
    assert todo.gateway.route("sync") in todo.gateway.service("sync.http")["routes"]


def test_the_backend_promises_what_people_were_told(todo: System):
    assert todo.objectives("backend") == {
        "availability": "vector(0.999)",
        "latency-p95": "vector(0.95)",
        "latency-p99": "vector(0.99)",
        "websocket-availability": "vector(0.995)",
        "event-durability": "vector(0.999)",
        "throughput-requests": "vector(100)",
    }


@pytest.mark.parametrize(("slo", "bound"), [("latency-p95", "500"), ("latency-p99", "1000")])
def test_latency_counts_requests_that_take_longer_than_the_bound(todo: System, slo: str, bound: str):
    (slow,) = (
        rule["expr"]
        for rule in todo.rules("slos")
        if rule.get("record") == "slo:errors:rate5m"
        and rule["labels"] == {"workload": "todo", "service": "backend", "slo": slo}
    )

    assert f'le="{bound}"' in slow


def test_fifty_events_a_second_are_processed_and_the_record_loses_one_of_ten_thousand_at_most(todo: System):
    assert todo.objectives("notification")["throughput-events"] == "vector(50)"
    assert todo.objectives("audit")["audit-durability"] == "vector(0.9999)"


def test_floors_hold_on_working_days(todo: System):
    alerts = [rule for rule in todo.rules("slos") if rule.get("alert") == "SloThroughputBelowFloor"]

    assert {rule["labels"]["service"]: rule["expr"].endswith(HOURS) for rule in alerts} == {
        "backend": True,
        "notification": True,
    }


def test_every_service_is_scraped_at_metrics(todo: System):
    assert {service: todo.values(service)["metrics"] for service in todo.services()} == {
        service: {"enabled": True, "port": "http", "path": "/metrics"} for service in todo.services()
    }


def test_every_service_sends_traces_over_otlp_by_its_own_name(todo: System):
    for service in todo.services():
        env = todo.values(service)["env"]
        assert env["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://otel-collector.tracing.svc:4318"
        assert env["OTEL_SERVICE_NAME"] == service


def test_messages_go_through_a_kafka_of_its_own(todo: System):
    component = todo.objects("Component")["pubsub"]
    subscriptions = {name: one["spec"] for name, one in todo.objects("Subscription").items()}

    assert component["spec"]["type"] == "pubsub.kafka"
    assert set(todo.objects("Kafka")) == {"events"}
    assert {name: (one["topic"], one["deadLetterTopic"]) for name, one in subscriptions.items()} == {
        f"{service}.tasks": ("tasks", "tasks-dead-letters") for service in ("notification", "sync", "audit")
    }
    assert {"tasks", "tasks-dead-letters"} <= {one["spec"]["topicName"] for one in todo.objects("KafkaTopic").values()}


def test_state_is_in_postgresql(todo: System):
    state = todo.objects("Component")["state"]

    assert state["spec"]["type"].startswith("state.postgresql")
    assert set(state["scopes"]) == {"backend", "recurring-task", "sync", "audit"}


def test_the_clock_calls_one_replica_of_recurring_tasks(todo: System):
    cron = {name: one["spec"] for name, one in todo.objects("Component").items() if "cron" in one["spec"]["type"]}

    assert todo.values("recurring-task")["replicas"] == 1
    assert set(cron) == {"recurring-task.due-tasks", "recurring-task.reminders"}


def test_its_dashboards_are_beside_it(todo: System):
    assert {name for name in todo.objects("ConfigMap") if name.startswith("dashboard-")} == {
        "dashboard-services",
        "dashboard-gateway",
    }
