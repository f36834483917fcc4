"""Canaries: who gets them, what stands in for them, and what they are made of."""

from collections.abc import Callable
from typing import Any

import pytest
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, declarative
from components.platform.gateway_upstreams import Target
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.gateway.canaries import choosing
from components.services.gateway.canary import CanaryRelease, CanaryReleaseArgs
from components.services.gateway.canary_model import Canary
from components.services.gateway.routes import gateway_of
from components.services.model import WorkloadSpec, parse_workload
from stacks.problems import SettingsError
from tests.mock_engine import Deployed, Registration
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"

SERVICE: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "replicas": 4,
    "ports": {"http": 8080},
    "probes": {"readiness": {"path": "/ready", "port": "http"}},
    "env": {"LOG_FORMAT": "json", "SEARCH": "old"},
    "routes": [{"paths": ["/api"]}],
}
CANARY: dict[str, Any] = {"image": {"tag": "2.0.0"}}


def workload(canary: dict[str, Any] = CANARY, **changes: Any) -> WorkloadSpec:
    return parse_workload("todo", {"services": {"backend": {**SERVICE, **changes, "canary": canary}}})


def compiled(canary: dict[str, Any] = CANARY, **changes: Any) -> Gateway:
    return gateway_of({"todo": workload(canary, **changes)}, "acme.example", shared_counters=False)


def problems(services: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        parse_workload("todo", {"services": services})
    return tuple(refused.value.problems)


def test_the_pods_of_the_service_stand_in_for_those_of_the_canary():
    stable, canary = compiled(upstream={"algorithm": "consistent-hashing", "hash_on": "ip"}).upstreams

    assert (stable.name, canary.name) == ("todo.backend.http", "todo.backend.http.canary")
    assert stable.targets == [Target(host="backend-pods.todo.svc", port=8080)]
    assert canary.targets == [
        Target(host="backend-canary-pods.todo.svc", port=8080, weight=1000),
        Target(host="backend-pods.todo.svc", port=8080, weight=1),
    ]
    assert (canary.algorithm, canary.hash) == ("round-robin", None)


def test_errors_take_no_pod_of_a_canary_out_for_they_are_what_it_is_judged_by():
    stable, canary = compiled().upstreams

    assert stable.passive is not None
    assert canary.passive is not None
    assert (stable.passive.failures, canary.passive.failures) == (5, 0)
    assert stable.passive.connection_failures == canary.passive.connection_failures
    assert stable.active == canary.active


def test_requests_to_a_canary_are_counted_as_those_of_a_service_of_its_own():
    stable, canary = compiled().services

    assert [one.name for one in stable.routes] == ["todo.backend"]
    assert (canary.name, canary.host, canary.routes) == ("todo.backend.http.canary", "todo.backend.http.canary", [])
    assert [one.name for one in stable.plugins] == ["pre-function"]
    assert stable.plugins[0].config == {
        "access": [
            "if math.random(100) <= 10 then\n"
            '  kong.service.set_upstream("todo.backend.http.canary")\n'
            '  kong.log.set_serialize_value("service.name", "todo.backend.http.canary")\n'
            "end"
        ]
    }


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"weight": 25}, "math.random(100) <= 25"),
        ({"weight": 0, "headers": {"x-beta": "1"}}, '(kong.request.get_header("x-beta") == "1")'),
        (
            {"weight": 5, "headers": {"x-a": "1", "x-b": "yes"}},
            'math.random(100) <= 5 or (kong.request.get_header("x-a") == "1" and '
            'kong.request.get_header("x-b") == "yes")',
        ),
    ],
)
def test_a_request_gets_the_canary_by_chance_or_by_all_of_its_headers(changes: dict[str, Any], condition: str):
    canary = Canary.model_validate({**CANARY, **changes})

    assert choosing(canary, "service", "upstream").splitlines()[0] == f"if {condition} then"


@pytest.mark.parametrize("value", ['"', "\\", "a b", "a\nb", "]]\x00", ""])
def test_no_value_of_a_header_ends_the_text_that_it_stands_in(value: str):
    found = problems({"backend": {**SERVICE, "canary": {**CANARY, "headers": {"x-beta": value}}}})

    assert found == ("services.backend.canary.headers.x-beta: expected a value without spaces, quotes and backslashes",)


@pytest.mark.parametrize("protocol", ["http", "websocket", "grpc"])
def test_kong_takes_a_canary_whatever_the_protocol(protocol: str):
    spoken = {"number": 8080, "protocol": protocol}
    probes = {"readiness": {"port": "main"} if protocol == "grpc" else {"port": "main", "path": "/ready"}}
    routes = [{"paths": ["/api"], "protocol": protocol}]

    assert refusals(declarative(compiled(ports={"main": spoken}, probes=probes, routes=routes), {})) == []


def release(deployed: Deployed, name: str) -> Registration:
    (found,) = [one for one in deployed.of_type(RELEASE) if one.inputs["name"] == name]
    return found


@pytest.fixture
def released(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(canary: dict[str, Any]) -> Deployed:
        def program() -> None:
            spec, wait = workload(canary).services["backend"], Prerequisite("wait")
            assert spec.canary is not None
            service = ApplicationServiceArgs(
                workload="todo", service="backend", spec=spec, image_prefix="registry", waits_for=[wait]
            )
            stable = ApplicationService("todo-backend", service)
            tried = CanaryReleaseArgs(service=service, canary=spec.canary, stable=stable.release, taken_back=[wait])
            CanaryRelease("todo-backend-canary", tried)

        return deploy(program)

    return build


def test_a_canary_is_the_service_in_all_but_its_build(released: Callable[..., Deployed]):
    deployed = released({**CANARY, "replicas": 2, "env": {"SEARCH": "new"}})
    stable, canary = release(deployed, "backend"), release(deployed, "backend-canary")
    before, after = stable.inputs["values"], canary.inputs["values"]

    assert {key for key in before | after if before.get(key) != after.get(key)} == {
        "image", "replicas", "env", "autoscaled", "serviceAccount",
    }  # fmt: skip
    assert after["image"] == {**before["image"], "tag": "2.0.0"}
    assert (after["replicas"], after["autoscaled"]) == (2, True)
    assert after["env"] == {"LOG_FORMAT": "json", "SEARCH": "new"}
    assert after["serviceAccount"] == {"name": "backend", "token": False}
    assert before["podAddresses"] is after["podAddresses"] is True
    assert canary.inputs["name"] == "backend-canary"
    assert stable.urn in canary.depends_on


def test_pods_of_a_canary_are_scaled_by_whether_it_was_taken_back(released: Callable[..., Deployed]):
    deployed = released(CANARY)
    scaling = deployed.only("kubernetes:keda.sh/v1alpha1:ScaledObject")

    assert scaling.inputs["metadata"] == {"name": "backend-canary", "namespace": "todo"}
    assert scaling.inputs["spec"]["scaleTargetRef"] == {"name": "backend-canary"}
    assert release(deployed, "backend-canary").urn in scaling.depends_on


def test_a_canary_that_is_never_taken_back_has_as_many_pods_as_it_says(released: Callable[..., Deployed]):
    deployed = released({**CANARY, "rollback": None})

    assert deployed.of_type("kubernetes:keda.sh/v1alpha1:ScaledObject") == []
    assert release(deployed, "backend-canary").inputs["values"]["autoscaled"] is False


def test_what_could_be_no_canary_is_refused_by_name():
    plain = {key: SERVICE[key] for key in ("image", "ports")}

    assert problems({"backend": {**plain, "canary": CANARY}}) == (
        "services.backend.canary: the service has no routes: only requests through the gateway can be shared out",
    )
    assert problems({"backend": {**SERVICE, "canary": {**CANARY, "weight": 0}}}) == (
        "services.backend.canary.headers: missing; with weight: 0 nobody would get it",
    )
    assert problems(
        {"backend": {**SERVICE, "secrets": {"TOKEN": "token"}, "canary": {**CANARY, "env": {"TOKEN": "x"}}}}
    ) == ("services.backend.canary.env.TOKEN: has its value from the vault",)
    assert problems({"backend": {**SERVICE, "canary": CANARY}, "backend-pods": plain, "backend-canary": plain}) == (
        "services.backend-canary: is the canary of backend; give the service another name",
        "services.backend-pods: has the addresses of the pods of backend; give the service another name",
    )
    (found,) = problems({"backend": {**SERVICE, "dapr": {"port": "http"}, "canary": CANARY}})
    assert found.startswith("services.backend.canary: not with dapr: ")
