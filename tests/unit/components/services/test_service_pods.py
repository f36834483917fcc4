"""What stands in the pods of a service: image, command, ports and probes."""

from collections.abc import Callable
from typing import Any

import pytest

from components.contracts import Registry
from components.services.model import WorkloadSpec, parse_workload
from components.services.workload import Workload, WorkloadArgs
from components.services.workloads import demands
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

RELEASE = "kubernetes:helm.sh/v3:Release"
IMAGE = {"image": {"tag": "1.0.0"}}


def workload(**service: Any) -> WorkloadSpec:
    return parse_workload("shop", {"services": {"orders": {**IMAGE, **service}}})


def problems(**service: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        workload(**service)
    return [problem.removeprefix("services.orders.") for problem in raised.value.problems]


def values(deploy: Callable[..., Deployed], **service: Any) -> dict[str, dict[str, Any]]:
    """Values of the releases, by name."""
    spec, registry = workload(**service), Registry(image_prefix="registry")

    def program() -> None:
        Workload("shop", WorkloadArgs(workload="shop", spec=spec, registry=registry, platform=bare_platform()))

    deployed = deploy(program)
    return {one.inputs["name"]: one.inputs["values"] for one in deployed.of_type(RELEASE)}


@pytest.mark.parametrize(
    ("name", "port", "protocol"),
    [
        ("http", 80, "http"),
        ("admin", 80, "http"),
        ("grpc", 80, "grpc"),
        ("grpc-orders", 80, "grpc"),
        ("ws", 80, "websocket"),
        ("websocket", 80, "websocket"),
        ("wsgi", 80, "http"),
        ("grpc", {"number": 80, "protocol": "tcp"}, "tcp"),
        ("orders", {"number": 80, "protocol": "grpc"}, "grpc"),
        ("grpc-orders", {"number": 80}, "grpc"),
    ],
)
def test_what_is_spoken_at_a_port_follows_from_its_name_or_is_said(name: str, port: Any, protocol: str):
    found = workload(ports={name: port}).services["orders"].ports[name]

    assert (found.number, found.protocol) == (80, protocol)


def test_a_service_tells_what_is_spoken_at_its_ports(deploy: Callable[..., Deployed]):
    ports = {"http": 80, "grpc": 81, "ws": 82, "mqtt": {"number": 83, "protocol": "tcp"}}

    assert values(deploy, ports=ports)["orders"]["ports"] == {
        "http": {"port": 80, "appProtocol": "http"},
        "grpc": {"port": 81, "appProtocol": "kubernetes.io/h2c"},
        "ws": {"port": 82, "appProtocol": "kubernetes.io/ws"},
        "mqtt": {"port": 83, "appProtocol": "tcp"},
    }


@pytest.mark.parametrize(
    ("ports", "problem"),
    [
        ({"http": 0}, "ports.http: expected 1 or more"),
        ({"http": 65536}, "ports.http: expected 65535 or less"),
        ({"http": "80"}, "ports.http: expected a whole number, without quotes"),
        ({"http": True}, "ports.http: expected a whole number, without quotes"),
        ({"http": {"number": 0}}, "ports.http.number: expected 1 or more"),
        ({"http": {"protocol": "grpc"}}, "ports.http.number: missing"),
        ({"http": {"nubmer": 80, "number": 80}}, 'ports.http.nubmer: unknown key, did you mean "number"?'),
        (
            {"http": {"number": 80, "protocol": "udp"}},
            "ports.http.protocol: expected 'http', 'grpc', 'websocket' or 'tcp'",
        ),
        ({"http": 80, "web": {"number": 80}}, "ports.web: 80 is the port http already"),
    ],
)
def test_a_wrong_port_is_told_by_its_key_path(ports: dict[str, Any], problem: str):
    assert problems(ports=ports) == [problem]


def test_probes_ask_by_http_or_by_the_health_check_of_grpc(deploy: Callable[..., Deployed]):
    ports = {"http": 80, "grpc": 81}
    probes = {
        "startup": {"port": "grpc"},
        "liveness": {"port": "grpc", "service": "orders.Orders", "period_seconds": 5},
        "readiness": {"port": "http", "path": "/ready"},
    }
    times = {"periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 3}

    assert values(deploy, ports=ports, probes=probes)["orders"]["probes"] == {
        "startup": {"grpc": {"port": "grpc"}, **times},
        "liveness": {"grpc": {"port": "grpc", "service": "orders.Orders"}, **times, "periodSeconds": 5},
        "readiness": {"httpGet": {"path": "/ready", "port": "http"}, **times},
    }


@pytest.mark.parametrize(
    ("probe", "problem"),
    [
        ({"port": "http"}, "path: missing; http is asked by HTTP"),
        (
            {"port": "http", "path": "/", "service": "a"},
            "service: http is asked by HTTP; only ports of protocol grpc are asked for a service",
        ),
        (
            {"port": "grpc", "path": "/"},
            "path: grpc is asked by gRPC, which knows no paths; leave it out, or name a service",
        ),
        ({"port": "mqtt"}, "port: mqtt speaks neither HTTP nor gRPC, which probes ask by"),
        ({"port": "web", "path": "/"}, "port: web is not one of the ports"),
    ],
)
def test_a_probe_asks_what_the_port_speaks(probe: dict[str, Any], problem: str):
    ports = {"http": 80, "grpc": 81, "mqtt": {"number": 82, "protocol": "tcp"}}

    assert problems(ports=ports, probes={"readiness": probe}) == [f"probes.readiness.{problem}"]


def test_an_image_may_have_another_name_than_its_service(deploy: Callable[..., Deployed]):
    image = {"repository": "base/echo", "tag": "2"}

    assert values(deploy, image=image)["orders"]["image"] == {
        "repository": "registry/base/echo",
        "tag": "2",
        "digest": "",
    }


def test_the_cloud_is_asked_for_each_image_once():
    canary = {"image": {"repository": "shop/next", "tag": "2"}}
    routed = {"ports": {"http": 80}, "routes": [{"paths": ["/"]}]}

    other = workload(**routed, canary=canary)
    same = workload(**routed, canary={"image": {"tag": "2"}}, image={"repository": "base/echo", "tag": "1"})

    assert demands({"shop": other}).images == ["shop/orders", "shop/next"]
    assert demands({"shop": same}).images == ["base/echo"]


def test_a_canary_is_another_build_of_the_same_image(deploy: Callable[..., Deployed]):
    found = values(
        deploy,
        ports={"http": 80},
        routes=[{"paths": ["/"]}],
        image={"repository": "base/echo", "tag": "1"},
        canary={"image": {"tag": "2"}},
    )

    assert found["orders-canary"]["image"] == {"repository": "registry/base/echo", "tag": "2", "digest": ""}


@pytest.mark.parametrize(
    "name", ["Todo/backend", "/todo", "todo/", "registry:5000/todo", "ghcr.io/acme/todo", "todo:1", "a" * 201]
)
def test_an_image_is_named_without_registry_and_tag(name: str):
    (problem,) = problems(image={"repository": name, "tag": "1"})

    assert problem.startswith("image.repository: expected a name in the stack's registry")


def test_another_command_is_run_word_by_word(deploy: Callable[..., Deployed]):
    found = values(deploy, command=["python", "-m", "worker"], args=["--topic", "orders"])["orders"]

    assert (found["command"], found["args"]) == (["python", "-m", "worker"], ["--topic", "orders"])
    assert not {"command", "args"} & set(values(deploy)["orders"])
