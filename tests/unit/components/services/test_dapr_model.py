"""What a workload file may say of Dapr, and how it is told what is wrong."""

from typing import Any

import pytest

from components.services.model import WorkloadSpec, parse_workload
from stacks.problems import SettingsError

COMPONENTS = {"pubsub": {"kind": "kafka"}, "state": {"kind": "postgresql"}}


def workload(backend: dict[str, Any] | None = None, *, components: Any = COMPONENTS, **services: Any) -> dict[str, Any]:
    return {
        "components": components,
        "services": {
            "backend": {"image": {"tag": "1"}, "ports": {"http": 8080}, "dapr": backend or {}},
            "notification": {
                "image": {"tag": "1"},
                "ports": {"http": 8080},
                "dapr": {"port": "http", "subscribes": services.pop("subscribes", [])},
            },
            **services,
        },
    }


def problems(values: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        parse_workload("todo", values)
    return refused.value.problems


def parsed(values: dict[str, Any]) -> WorkloadSpec:
    return parse_workload("todo", values)


def test_a_service_publishes_and_another_takes_its_messages():
    spec = parsed(workload({"publishes": ["tasks"]}, subscribes=[{"topic": "tasks", "route": "/tasks"}]))

    dapr = spec.services["notification"].dapr
    assert dapr is not None
    assert dapr.subscribes[0].dead_letters == "tasks-dead-letters"


def test_dead_letters_that_nobody_can_handle_stay_where_they_are():
    dead = [{"topic": "tasks", "route": "/tasks"}, {"topic": "tasks-dead-letters", "route": "/dead"}]

    dapr = parsed(workload({"publishes": ["tasks"]}, subscribes=dead)).services["notification"].dapr

    assert dapr is not None
    assert [one.dead_letters for one in dapr.subscribes] == ["tasks-dead-letters", None]


def test_a_topic_that_nobody_publishes_is_waited_for_in_vain():
    assert problems(workload({"publishes": ["tasks"]}, subscribes=[{"topic": "task", "route": "/"}])) == (
        'services.notification.dapr.subscribes.0.topic: no service publishes task, did you mean "tasks"?',
    )
    assert problems(workload(subscribes=[{"topic": "orders", "route": "/"}])) == (
        "services.notification.dapr.subscribes.0.topic: no service publishes orders;"
        " name it in components.pubsub.external if others do",
    )


def test_others_may_publish_what_is_declared_as_theirs():
    components = {"pubsub": {"external": ["orders"]}}

    parsed(workload(components=components, subscribes=[{"topic": "orders", "route": "/"}]))


@pytest.mark.parametrize(
    ("dapr", "problem"),
    [
        ({"port": "htp"}, "services.backend.dapr.port: htp is not one of the ports"),
        ({"protocol": "soap"}, "services.backend.dapr.protocol: expected 'http', 'grpc' or 'h2c'"),
        (
            {"cron": {"a": {"schedule": "@daily", "route": "/a"}}},
            "services.backend.dapr.port: missing; messages and calls of cron come in through a port",
        ),
        (
            {
                "port": "http",
                "cron": {"a": {"schedule": "@daily", "route": "/a"}, "b": {"schedule": "@daily", "route": "/a"}},
            },
            "services.backend.dapr.cron.b.route: /a is the route of cron.a already",
        ),
        (
            {"port": "http", "cron": {"a": {"schedule": "61 * * * *", "route": "/a"}}},
            "services.backend.dapr.cron.a.schedule: minute: 61 is not between 0 and 59",
        ),
        ({"health": "/up"}, "services.backend.dapr.health: there is no port to ask at"),
        (
            {"port": "http", "protocol": "grpc", "health": "/up"},
            "services.backend.dapr.health: a path is asked by http alone",
        ),
        (
            {"publishes": ["Tasks"]},
            "services.backend.dapr.publishes.0: expected 100 lower-case letters, digits, hyphens",
        ),
        ({"publishes": ["a", "a"]}, "services.backend.dapr.publishes: a more than once"),
        ({"configuration": True}, "services.backend.dapr.configuration: the workload has no components.configuration"),
        ({"pubishes": []}, 'services.backend.dapr.pubishes: unknown key, did you mean "publishes"?'),
    ],
)
def test_what_is_wrong_is_said_by_its_key(dapr: dict[str, Any], problem: str):
    (found,) = problems(workload(dapr))

    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ({"services": {"audit": {}}}, "services.audit: the service does not call it; name it in calls"),
        (
            {"components": {"state": {}}},
            "components.state: the service does not use it; its components: pubsub",
        ),
        ({"actors": {"Order": {}}}, "actors: actors need components.state with actors: true"),
        (
            {"components": {"pubsub": {"outbound": {"timeout": "5"}}}},
            "components.pubsub.outbound.timeout: expected a duration such as 500ms, 10s or 1m30s",
        ),
        (
            {"components": {"pubsub": {"outbound": {"timeout": "2h"}}}},
            "components.pubsub.outbound.timeout: expected more than nothing, and an hour at most",
        ),
        (
            {"components": {"pubsub": {"outbound": {"retry": {"attempts": 101}}}}},
            "components.pubsub.outbound.retry.attempts: expected 100 or less",
        ),
        (
            {"components": {"pubsub": {"outbound": {"circuit_breaker": {"failures": 0}}}}},
            "components.pubsub.outbound.circuit_breaker.failures: expected 1 or more",
        ),
        (
            {"components": {"pubsub": {"outbound": {"retry": {"http_status_codes": "500, 502"}}}}},
            "components.pubsub.outbound.retry.http_status_codes: expected codes from 100 to 599",
        ),
    ],
)
def test_policies_that_could_never_act_are_refused(policy: dict[str, Any], problem: str):
    found = problems(workload({"publishes": ["tasks"], "resiliency": policy}))

    assert any(line.startswith(f"services.backend.dapr.resiliency.{problem}") for line in found), found


def test_a_component_that_the_workload_has_not_is_missed():
    assert problems(workload({"publishes": ["tasks"], "state": True}, components={})) == (
        "services.backend.dapr.publishes: the workload has no components.pubsub",
        "services.backend.dapr.state: the workload has no components.state",
    )


def test_an_unknown_component_is_refused():
    assert problems(workload(components={"pubsup": {}})) == ('components.pubsup: unknown key, did you mean "pubsub"?',)


@pytest.mark.parametrize(
    ("pubsub", "problem"),
    [
        ({"kind": "own"}, "components.pubsub.own: missing; the kind is own"),
        ({"own": {"type": "pubsub.redis"}}, "components.pubsub.own: the kind is kafka; own needs kind: own"),
        (
            {"kind": "own", "own": {"type": "state.redis"}},
            "components.pubsub.own.type: state.redis is no broker; their types begin with pubsub.",
        ),
        (
            {"kind": "own", "own": {"type": "pubsub.redis", "metadata": {"a": 1}, "secrets": {"A": "s/k"}}},
            "components.pubsub.own.secrets.A: in metadata already",
        ),
    ],
)
def test_a_broker_of_the_users_is_said_completely(pubsub: dict[str, Any], problem: str):
    assert problems(workload(components={"pubsub": pubsub})) == (problem,)


def test_services_that_call_in_a_circle_are_refused_by_name():
    one = {"image": {"tag": "1"}, "ports": {"http": 8080}}

    assert problems({"services": {"backend": {**one, "calls": ["audit"]}, "audit": {**one, "calls": ["backend"]}}}) == (
        "services: backend -> audit -> backend calls in a circle",
    )
