"""Public test images in place of a workload's own."""

from collections.abc import Callable
from typing import Any

import pytest

from components.contracts import ServiceAccount
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.gateway.access import consumers
from components.services.model import WorkloadSpec, parse_workload
from components.services.monitoring.slo_rules import slo_groups
from components.services.pods.stand_ins import stand_in_values, stood_in
from components.services.workloads import demands
from tests.mock_engine import Deployed
from tests.plans import committed_plan, plan_of_own_images

RELEASE = "kubernetes:helm.sh/v3:Release"
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost"
IMAGE = f"{AGNHOST}@sha256:99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85"
SERVICE: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "command": ["/app"],
    "args": ["--serve"],
    "ports": {"http": 8080, "grpc": 50051, "ws": 20000},
    "probes": {
        "liveness": {"path": "/live", "port": "http"},
        "readiness": {"port": "grpc", "service": "orders.Orders"},
    },
    "metrics": {"port": "http"},
    "instrumentation": "python",
    "slos": {"websocket_availability": True, "throughput": {"requests_per_second": 5, "idle_counts": True}},
    "secrets": {"KEY": "key"},
    "routes": [{"paths": ["/api"], "plugins": {name: {} for name in ("key-auth", "basic-auth", "jwt")}}],
    "resources": {"cpu": "300m", "memory": "192Mi"},
}
CONSUMERS = {
    "mobile": {
        "keys": [{"vault": "mobile-key"}, {"generated": "second"}],
        "passwords": [{"vault": "mobile-password"}],
        "tokens": [{"issuer": "shop", "algorithm": "HS256", "vault": "signing"}],
    }
}


def workload(**changes: Any) -> WorkloadSpec:
    service = {**SERVICE, **changes}
    gateway = {"gateway": {"consumers": CONSUMERS}} if service["routes"] else {}
    return parse_workload("shop", {"services": {"backend": service}, **gateway})


@pytest.fixture
def release(deploy: Callable[..., Deployed]) -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        def program() -> None:
            spec = stood_in(workload(**changes)).services["backend"]
            args = ApplicationServiceArgs(
                workload="shop", service="backend", spec=spec, stand_in=True, image_prefix="registry", waits_for=[]
            )
            ApplicationService("backend", args)

        return deploy(program).only(RELEASE).inputs["values"]

    return build


def test_one_container_answers_at_each_port(release: Callable[..., dict[str, Any]]):
    values = release()

    assert values["image"] == {"repository": AGNHOST, "tag": "2.53", "digest": IMAGE.partition("@")[2]}
    assert values["args"] == [
        "netexec",
        "--http-port=8080",
        "--udp-port=-1",
        "--http-override=/echo?msg=stand-in+of+shop/backend",
    ]
    assert {name: (one["image"], one["args"][:2]) for name, one in values["containers"].items()} == {
        "at-grpc": (IMAGE, ["grpc-health-checking", "--port=50051"]),
        "at-ws": (IMAGE, ["netexec", "--http-port=20000"]),
    }
    assert "command" not in values


def test_what_tells_a_grpc_stand_in_how_to_answer_is_at_none_of_the_ports():
    values = stand_in_values("shop", "backend", workload().services["backend"])

    assert values["containers"]["at-grpc"]["args"] == [
        "grpc-health-checking",
        "--port=50051",
        "--http-port=20001",
    ]


def test_no_path_of_a_stand_in_runs_a_command_or_ends_it():
    values = stand_in_values("shop", "backend", workload().services["backend"])
    servers = [values["args"], values["containers"]["at-ws"]["args"]]

    assert all(any(word.startswith("--http-override=/echo?") for word in words) for words in servers)


def test_a_service_without_ports_only_waits(release: Callable[..., dict[str, Any]]):
    values = release(ports={}, probes={}, metrics=None, slos={}, routes=[])

    assert values["args"] == ["pause"]
    assert "containers" not in values


def test_stand_ins_share_what_the_service_asks_for_and_run_as_no_root_user(release: Callable[..., dict[str, Any]]):
    values = release()

    each = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    assert [values["resources"], *(one["resources"] for one in values["containers"].values())] == [each] * 3
    assert values["runAsUser"] == 65532


def test_each_has_the_memory_that_it_runs_in():
    values = stand_in_values("shop", "backend", workload(resources={"memory": "16Mi"}).services["backend"])

    assert values["resources"]["limits"] == {"memory": "32Mi"}


def test_ports_probes_and_addresses_stay(release: Callable[..., dict[str, Any]]):
    values = release()

    assert {name: port["port"] for name, port in values["ports"].items()} == {"http": 8080, "grpc": 50051, "ws": 20000}
    assert values["probes"]["liveness"]["httpGet"] == {"path": "/live", "port": "http"}
    assert values["podAddresses"] is True


def test_a_stand_in_is_asked_as_a_whole_because_it_knows_no_service_by_name(release: Callable[..., dict[str, Any]]):
    assert release()["probes"]["readiness"]["grpc"] == {"port": "grpc"}


def test_pods_say_that_they_are_stand_ins(release: Callable[..., dict[str, Any]]):
    assert release()["podLabels"] == {"groundwork/stand-in": "true"}


def test_nothing_waits_for_what_only_the_own_image_could_do(release: Callable[..., dict[str, Any]]):
    values = release()

    assert {"metrics", "secretEnv", "podAnnotations"} & values.keys() == set()
    assert slo_groups("shop", stood_in(workload()), "https://runbooks.example") == []


def test_what_runs_besides_a_service_says_what_it_was_called_with_and_ends_well(
    release: Callable[..., dict[str, Any]],
):
    own: dict[str, Any] = {"image": {"tag": "2.0.0"}, "command": ["/task"], "args": ["--all"]}

    values = release(init=[{"name": "wait", **own}], jobs={"report": {"schedule": "0 6 * * *", **own}}, migrations=own)

    (wait,) = values["initContainers"]
    for task in (wait, values["jobs"]["report"], values["migrations"]):
        assert task["args"] == ["entrypoint-tester"]
        assert not {"image", "command"} & task.keys()
    assert values["jobLabels"] == {"groundwork/stand-in": "true"}


def test_files_of_the_vault_are_not_asked_for_and_other_volumes_stay(release: Callable[..., dict[str, Any]]):
    values = release(
        volumes={
            "keys": {"kind": "secrets", "path": "/etc/keys", "files": {"key.pem": "signing-key"}},
            "cache": {"kind": "scratch", "path": "/var/cache"},
        }
    )

    assert "secretMounts" not in values
    assert values["volumes"].keys() == {"cache"}


def test_consumers_prove_themselves_with_values_that_are_made_here():
    (mobile,) = consumers("shop", stood_in(workload()).gateway)

    named = [*(key.source for key in mobile.keys), *(one.source for one in mobile.passwords)]
    assert {type(source).__name__ for source in named} == {"Generated"}
    assert [source.name for source in named] == ["mobile-key", "second", "mobile-password"]
    assert type(mobile.tokens[0]).__name__ == "SharedToken"


def test_who_reads_secrets_through_dapr_is_a_principal_all_the_same():
    dapr = {"dapr": {"secrets": ["mail-password"]}}
    own = workload(**dapr, cloud_identity=False)

    replaced = stood_in(own)

    backend = replaced.services["backend"]
    assert backend.dapr is not None
    assert backend.dapr.secrets == ()
    assert demands({"shop": replaced}).principals == demands({"shop": own}).principals
    assert demands({"shop": replaced}).principals == [ServiceAccount(namespace="shop", name="backend")]


def test_images_have_their_places_in_the_registry_before_they_are_pushed():
    assert demands({"shop": stood_in(workload())}).images == ["shop/backend"]


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["gke-dev", "aks-dev", "oke-dev", "local-dev"])
def test_a_stack_with_stand_ins_lacks_nothing_but_what_they_cannot_do(stack: str):
    own, stood = (
        {one.name for one in plan(stack).registrations.values()} for plan in (plan_of_own_images, committed_plan)
    )

    assert {name for name in own - stood if not name.startswith("principals-")} == {"todo-backend-secrets", "todo-slos"}
    assert stood <= own
