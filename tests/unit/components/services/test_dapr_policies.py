"""Who may call whom through Dapr, how calls are kept alive, and what shapes a sidecar."""

from typing import Any

import pytest

from components.contracts import ServiceAccount
from components.services.dapr.configuration import callers, configuration
from components.services.dapr.model import DaprSpec
from components.services.dapr.resiliency import resiliency
from components.services.dapr.sidecar import pod_annotations
from components.services.model import WorkloadSpec
from tests.unit.components.services.dapr_workloads import BACKEND, NOTIFICATION, postgres, service, workload


def sidecar(spec: WorkloadSpec, name: str) -> DaprSpec:
    found = spec.services[name].dapr
    assert found is not None
    return found


def policies(calls: tuple[str, ...] = (), **dapr: Any) -> dict[str, Any]:
    spec = workload(backend=service({**BACKEND, **dapr}, calls=list(calls)))
    found = resiliency("backend", sidecar(spec, "backend"), calls)
    assert found is not None
    assert list(found.scopes) == ["backend"]
    return found.spec


def annotations(dapr: dict[str, Any], **changes: Any) -> dict[str, str]:
    spec = workload(backend=service({"publishes": ["tasks"], **dapr}, **changes))
    return pod_annotations("backend", spec.services["backend"], sidecar(spec, "backend"), postgres(), [])


def test_only_those_who_say_that_they_call_a_service_may_call_it():
    todo = workload()
    other = workload(report=service({}, calls=["todo/notification"]), plain=service(None, calls=["todo/notification"]))

    called_by = callers({"todo": todo, "other": other})["todo"]["notification"]
    control = configuration("todo", "notification", sidecar(todo, "notification"), called_by).spec["accessControl"]

    assert called_by == [
        ServiceAccount(namespace="other", name="report"),
        ServiceAccount(namespace="todo", name="backend"),
    ]
    assert (control["defaultAction"], control["trustDomain"]) == ("deny", "groundwork")
    assert control["policies"] == [
        {"appId": name, "namespace": namespace, "trustDomain": "groundwork", "defaultAction": "allow"}
        for namespace, name in (("other", "report"), ("todo", "backend"))
    ]


def test_nobody_may_call_a_service_that_nobody_says_they_call():
    assert configuration("todo", "backend", DaprSpec(), []).spec["accessControl"]["policies"] == []


def test_every_span_goes_to_the_collector_and_paths_make_no_series():
    spec = configuration("todo", "notification", sidecar(workload(), "notification"), []).spec

    assert spec["tracing"] == {
        "samplingRate": "1",
        "otel": {"endpointAddress": "otel-collector.tracing.svc:4317", "protocol": "grpc", "isSecure": False},
    }
    assert spec["metrics"]["http"]["increasedCardinality"] is False
    assert spec["metrics"]["http"]["pathMatching"][-1] == "/tasks"
    assert spec["metrics"]["latencyDistributionBuckets"] == sorted(spec["metrics"]["latencyDistributionBuckets"])


def test_a_service_reads_the_secrets_that_it_names_and_no_others():
    of_backend = configuration("todo", "backend", sidecar(workload(), "backend"), []).spec["secrets"]["scopes"]
    of_others = configuration("todo", "notification", sidecar(workload(), "notification"), []).spec["secrets"]["scopes"]

    assert of_backend == [{"storeName": "secrets", "defaultAccess": "deny", "allowedSecrets": ["todo-api-key"]}]
    assert of_others == [{"storeName": "secrets", "defaultAccess": "deny"}]


def test_every_target_has_policies_without_a_word_in_the_workload_file():
    spec = policies(("notification", "identity/users", "api.acme.example"))

    assert spec["targets"]["apps"] == {
        app: {"timeout": f"service-{app}", "retry": f"service-{app}", "circuitBreaker": f"service-{app}"}
        for app in ("notification", "users.identity")
    }
    assert {name: list(found) for name, found in spec["targets"]["components"].items()} == {
        "pubsub": ["outbound"],
        "secrets": ["outbound"],
        "state": ["outbound"],
    }
    assert spec["policies"]["retries"]["service-notification"] == {
        "policy": "exponential",
        "maxRetries": 3,
        "maxInterval": "5s",
        "matching": {"httpStatusCodes": "429,502-504", "gRPCStatusCodes": "14"},
    }
    assert spec["policies"]["circuitBreakers"]["service-notification"] == {
        "maxRequests": 1,
        "timeout": "30s",
        "trip": "consecutiveFailures >= 5",
    }


def test_messages_that_come_in_are_tried_again_before_they_are_given_up():
    found = resiliency("notification", sidecar(workload(), "notification"), ())

    assert found is not None
    assert found.spec["targets"] == {
        "components": {"pubsub": {"inbound": {"timeout": "pubsub-inbound", "retry": "pubsub-inbound"}}}
    }
    assert found.spec["policies"]["retries"]["pubsub-inbound"] == {
        "policy": "exponential",
        "maxRetries": 5,
        "maxInterval": "30s",
    }


def test_a_policy_of_the_workload_files_takes_the_defaults_place():
    spec = policies(
        ("notification",),
        resiliency={
            "services": {
                "notification": {
                    "timeout": "2s",
                    "retry": {"policy": "constant", "attempts": 1, "interval": "200ms"},
                    "without": ["circuit_breaker"],
                }
            }
        },
    )

    assert spec["targets"]["apps"]["notification"] == {
        "timeout": "service-notification",
        "retry": "service-notification",
    }
    assert spec["policies"]["timeouts"]["service-notification"] == "2s"
    assert spec["policies"]["retries"]["service-notification"] == {
        "policy": "constant",
        "maxRetries": 1,
        "duration": "200ms",
    }


def test_every_policy_that_a_target_names_is_there():
    spec = policies(("notification",), resiliency={"components": {"state": {"outbound": {"without": ["retry"]}}}})
    targets = [*spec["targets"]["apps"].values()]
    targets += [direction for one in spec["targets"]["components"].values() for direction in one.values()]

    for target in targets:
        for key, kind in (("timeout", "timeouts"), ("retry", "retries"), ("circuitBreaker", "circuitBreakers")):
            assert target.get(key) is None or target[key] in spec["policies"][kind]


def test_a_service_that_asks_nobody_has_no_policies():
    assert resiliency("backend", DaprSpec(), ()) is None


def test_actors_have_the_policies_that_are_given():
    spec = workload(
        {"pubsub": {}, "state": {"actors": True}},
        backend=service(
            {**BACKEND, "resiliency": {"actors": {"Order": {"circuit_breaker": {}, "breaker_scope": "id"}}}}
        ),
    )
    found = resiliency("backend", sidecar(spec, "backend"), ())

    assert found is not None
    assert found.spec["targets"]["actors"] == {"Order": {"circuitBreaker": "actor-Order", "circuitBreakerScope": "id"}}


def test_a_sidecar_has_the_services_name_and_asks_for_what_it_takes():
    found = annotations({"port": "http"})

    assert {name: found[f"dapr.io/{name}"] for name in ("enabled", "app-id", "config", "app-port", "app-protocol")} == {
        "enabled": "true",
        "app-id": "backend",
        "config": "backend",
        "app-port": "8080",
        "app-protocol": "http",
    }
    assert found["dapr.io/log-as-json"] == "true"
    assert found["dapr.io/sidecar-memory-request"] == found["dapr.io/sidecar-memory-limit"] == "128Mi"
    assert found["dapr.io/sidecar-seccomp-profile-type"] == "RuntimeDefault"
    assert found["dapr.io/disable-builtin-k8s-secret-store"] == "true"


def test_a_service_that_only_calls_others_is_not_called():
    assert not {"dapr.io/app-port", "dapr.io/enable-app-health-check"} & set(annotations({}))


@pytest.mark.parametrize(
    ("dapr", "path"),
    [
        ({"port": "http"}, "/ready"),
        ({"port": "http", "health": "/can-work"}, "/can-work"),
        ({"port": "other"}, None),
        ({"port": "http", "protocol": "grpc"}, None),
    ],
)
def test_a_sidecar_asks_the_readiness_of_its_port_unless_told_otherwise(dapr: dict[str, Any], path: str | None):
    found = annotations(
        dapr, ports={"http": 8080, "other": 9000}, probes={"readiness": {"path": "/ready", "port": "http"}}
    )

    assert found.get("dapr.io/app-health-check-path") == path
    assert ("dapr.io/enable-app-health-check" in found) is (path is not None)


@pytest.mark.parametrize(
    ("drain", "grace", "health", "blocked", "graceful"),
    [(5, 30, "/up", "25s", "5"), (5, 30, None, "5s", "5"), (0, 2, None, None, "1"), (0, 2, "/up", "1s", "1")],
)
def test_a_sidecar_outlives_its_service_within_the_grace_of_the_pod(
    drain: int, grace: int, health: str | None, blocked: str | None, graceful: str
):
    found = annotations({"port": "http", "health": health}, drain_seconds=drain, grace_seconds=grace)

    assert found.get("dapr.io/block-shutdown-duration") == blocked
    assert found["dapr.io/graceful-shutdown-seconds"] == graceful


def test_the_certificate_of_postgresql_is_checked_by_those_who_keep_state():
    found = annotations({"state": True})

    assert found["dapr.io/env"] == "PGSSLMODE=verify-full"
    assert found["dapr.io/volume-mounts"] == "postgres-ca:/var/run/postgres-ca"
    assert "dapr.io/env" not in annotations({})


def test_pods_start_anew_when_what_sidecars_read_once_changes():
    spec = workload()
    one, other = (
        configuration("todo", "notification", sidecar(spec, "notification"), called)
        for called in ([], [ServiceAccount(namespace="a", name="b")])
    )

    revisions = {
        pod_annotations("notification", spec.services["notification"], sidecar(spec, "notification"), None, [read])[
            "groundwork/dapr-revision"
        ]
        for read in (one, other, one)
    }

    assert len(revisions) == 2


def test_what_a_service_uses_is_what_it_says():
    spec = workload(notification=service(NOTIFICATION))

    assert sidecar(spec, "notification").uses() == {"pubsub"}
    assert sidecar(spec, "backend").uses() == {"pubsub", "state", "secrets"}
