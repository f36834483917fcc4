"""The service model, and the release that is made of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.contracts import Demands, PullCredential, Registry, ServiceAccount, WorkloadIdentity
from components.services.chart import CHART, chart_version
from components.services.model import ServiceSpec, load_workload, parse_workload
from components.services.workload import Workload, WorkloadArgs
from components.services.workloads import demands, load_workloads, retained
from stacks.problems import SettingsError
from stacks.settings import parse
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

RELEASE = "kubernetes:helm.sh/v3:Release"
SERVICE: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "ports": {"http": 8080},
    "probes": {"liveness": {"path": "/live", "port": "http"}},
    "metrics": {"port": "http"},
}


@pytest.fixture
def release(deploy: Callable[..., Deployed]) -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        def program() -> None:
            workload = parse_workload("todo", {"services": {"backend": {**SERVICE, **changes}}})
            args = WorkloadArgs(
                workload="todo",
                spec=workload,
                registry=Registry(image_prefix="registry"),
                platform=bare_platform(),
            )
            Workload("todo", args)

        return deploy(program).only(RELEASE).inputs

    return build


def problems(service: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"services": {"backend": service}})
    return list(raised.value.problems)


def test_a_service_is_released_under_its_own_name_in_its_systems_namespace(release: Callable[..., dict[str, Any]]):
    inputs = release()

    assert (inputs["name"], inputs["namespace"], inputs["chart"]) == ("backend", "todo", "./charts/app-service")
    assert inputs["values"]["image"] == {"repository": "registry/todo/backend", "tag": "1.0.0", "digest": ""}


def test_ports_probes_and_metrics_are_spelt_for_the_chart(release: Callable[..., dict[str, Any]]):
    values = release()["values"]

    assert values["ports"] == {"http": {"port": 8080, "appProtocol": "http"}}
    assert values["probes"] == {
        "liveness": {
            "httpGet": {"path": "/live", "port": "http"},
            "periodSeconds": 10,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        }
    }
    assert values["metrics"] == {"enabled": True, "port": "http", "path": "/metrics"}


def test_a_service_is_reached_at_each_of_its_ports(deploy: Callable[..., Deployed]):
    spec = parse_workload("todo", {"services": {"backend": {**SERVICE, "ports": {"http": 8080, "grpc": 9090}}}})

    def program() -> None:
        registry = Registry(image_prefix="registry")
        Workload("todo", WorkloadArgs(workload="todo", spec=spec, registry=registry, platform=bare_platform()))

    assert deploy(program).only("groundwork:index:Workload").outputs == {
        "addresses": {"backend": {"http": "backend.todo.svc:8080", "grpc": "backend.todo.svc:9090"}}
    }


def test_a_service_without_metrics_is_not_scraped(release: Callable[..., dict[str, Any]]):
    assert "metrics" not in release(metrics=None)["values"]


def test_memory_is_a_limit_and_cpu_is_not(release: Callable[..., dict[str, Any]]):
    assert release(resources={"cpu": "1", "memory": "1Gi"})["values"]["resources"] == {
        "requests": {"cpu": "1", "memory": "1Gi"},
        "limits": {"memory": "1Gi"},
    }


def test_the_namespace_of_a_system_is_restricted(deploy: Callable[..., Deployed]):
    def program() -> None:
        workload = parse_workload("todo", {"services": {"backend": SERVICE}})
        args = WorkloadArgs(
            workload="todo",
            spec=workload,
            registry=Registry(image_prefix="registry"),
            platform=bare_platform(),
        )
        Workload("todo", args)

    labels = deploy(program).named("todo-namespace-todo").inputs["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


BACKEND = ServiceAccount(namespace="todo", name="backend")


def test_a_service_asks_the_cloud_for_its_image_and_where_it_says_so_for_an_identity():
    spec = parse_workload(
        "todo", {"services": {"backend": {**SERVICE, "cloud_identity": True}, "worker": {"image": {"tag": "1.0.0"}}}}
    )

    assert demands({"todo": spec}) == Demands(
        images=["todo/backend", "todo/worker"], principals=[BACKEND], database_backups=[], buckets=[], queues=[]
    )


def deploy_todo(deploy: Callable[..., Deployed], service: dict[str, Any], **args: Any) -> Deployed:
    spec = parse_workload("todo", {"services": {"backend": {**SERVICE, **service}}})
    common = {"workload": "todo", "spec": spec, "registry": Registry(image_prefix="registry")}
    return deploy(lambda: Workload("todo", WorkloadArgs(**{**common, "platform": bare_platform(), **args})) and None)


def test_pods_of_a_principal_get_all_that_makes_them_one(deploy: Callable[..., Deployed]):
    identity = WorkloadIdentity(
        service_account=BACKEND,
        annotations={"cloud/client": "7"},
        pod_labels={"cloud/use": "true"},
        env={"SECRET_STORE": "vault", "REGION": "north"},
        mounts_token=True,
    )

    deployed = deploy_todo(deploy, {"env": {"REGION": "south"}}, principals={BACKEND: identity})

    values = deployed.only(RELEASE).inputs["values"]
    assert values["serviceAccount"] == {"annotations": {"cloud/client": "7"}, "token": True}
    assert values["podLabels"] == {"cloud/use": "true"}
    assert values["env"] == {"SECRET_STORE": "vault", "REGION": "south"}


def test_a_service_that_is_no_principal_gets_neither_token_nor_label(release: Callable[..., dict[str, Any]]):
    assert not {"serviceAccount", "podLabels", "imagePullSecrets"} & set(release()["values"])


def test_images_are_pulled_with_a_secret_named_by_the_token_in_use(deploy: Callable[..., Deployed]):
    credential = PullCredential(generation="second", server="registry.example", username="puller", token="t0ken")

    deployed = deploy_todo(deploy, {}, registry=Registry(image_prefix="registry", pull_credential=credential))

    secret = deployed.only("kubernetes:core/v1:Secret")
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert secret.inputs["metadata"] == {"name": "registry-second", "namespace": "todo"}
    assert json.loads(secret.inputs["stringData"][".dockerconfigjson"]) == {
        "auths": {"registry.example": {"username": "puller", "password": "t0ken"}}
    }
    release = deployed.only(RELEASE)
    assert release.inputs["values"]["imagePullSecrets"] == ["registry-second"]
    assert secret.urn in release.depends_on


def test_a_service_of_one_line_is_enough():
    workload = parse_workload("todo", {"services": {"backend": {"image": {"tag": "1.0.0"}}}})

    assert workload.services["backend"].replicas == 2


def test_every_problem_of_a_workload_is_told_by_key_path():
    assert problems(
        {
            "image": {"tag": "no spaces"},
            "replicas": -1,
            "ports": {"http": 8080},
            "probes": {
                "liveness": {"path": "/live", "port": "live"},
                "readiness": {"path": "/ready", "port": "web"},
            },
            "metrics": {"port": "metrics"},
            "enviroment": {},
        }
    ) == [
        f"services.backend.enviroment: unknown key; known: {', '.join(sorted(ServiceSpec.model_fields))}",
        "services.backend.image.tag: expected a tag such as 1.0.0",
        "services.backend.metrics.port: metrics is not one of the ports",
        "services.backend.probes.liveness.port: live is not one of the ports",
        "services.backend.probes.readiness.port: web is not one of the ports",
        "services.backend.replicas: expected 0 or more",
    ]


@pytest.mark.parametrize("replicas", [True, "2", 2.0])
def test_a_number_is_neither_text_nor_a_truth_value(replicas: object):
    assert problems({"image": {"tag": "1.0.0"}, "replicas": replicas}) == [
        "services.backend.replicas: expected a whole number, without quotes"
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ports": {"http": 8080, "web": 8080}}, "ports.web: 8080 is the port http already"),
        ({"grace_seconds": 5}, "grace_seconds: expected more than drain_seconds (5), which are part of it"),
        ({"drain_seconds": 30}, "grace_seconds: expected more than drain_seconds (30), which are part of it"),
        (
            {"resources": {"cpu": "0m"}},
            "resources.cpu: expected more than 0 cores, as a number or in thousandths with m, for example 250m",
        ),
        ({"resources": {"memory": "1M"}}, "resources.memory: expected more than 0 in Ki, Mi or Gi, for example 256Mi"),
        ({"resources": {"memory": "0Mi"}}, "resources.memory: expected more than 0 in Ki, Mi or Gi, for example 256Mi"),
    ],
)
def test_what_could_not_run_is_refused(changes: dict[str, Any], problem: str):
    assert problems({"image": {"tag": "1.0.0"}, **changes}) == [f"services.backend.{problem}"]


@pytest.mark.parametrize("name", ["a--b", "8080", "-http", "http-", "sixteen-letters-"])
def test_port_names_are_those_that_kubernetes_takes(name: str):
    (problem,) = problems({"image": {"tag": "1.0.0"}, "ports": {name: 8080}})

    assert problem.startswith(f"services.backend.ports.{name}: expected 15 lower-case letters")


def test_the_drain_is_part_of_the_grace_period(release: Callable[..., dict[str, Any]]):
    values = release(drain_seconds=10, grace_seconds=40)["values"]

    assert (values["drainSeconds"], values["terminationGracePeriodSeconds"]) == (10, 40)


@pytest.mark.parametrize("name", ["monitoring", "logging", "velero", "default", "kube-system"])
def test_a_workload_takes_no_namespace_that_is_there_already(name: str):
    stack = yaml.safe_load(Path("stacks/Pulumi.local-dev.yaml").read_text())["config"]["groundwork:stack"]

    with pytest.raises(SettingsError) as raised:
        load_workloads(parse({**stack, "workloads": [name]}))

    assert raised.value.problems == (
        f"workloads/{name}.yaml: the namespace {name} is there already; give the file another name",
    )


def test_an_image_has_a_tag_or_a_digest():
    assert problems({"image": {}}) == ["services.backend.image.digest: missing; a tag or a digest is needed"]
    assert parse_workload("todo", {"services": {"backend": {"image": {"digest": f"sha256:{'0' * 64}"}}}})


@pytest.mark.parametrize("content", ["", "[]", "text", "services: [", "services: {}"])
def test_a_file_that_is_no_workload_is_told_without_a_traceback(tmp_path: Path, content: str):
    (tmp_path / "odd.yaml").write_text(content)

    with pytest.raises(SettingsError, match=r"1 problem in the workload odd"):
        load_workload("odd", tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"services:\n  a: {}\n  a: {}\n", "not YAML: line 3: found duplicate key"),
        ("# Zähler\nservices: {}\n".encode("latin-1"), "not UTF-8 text: byte 3 is none of it"),
        (b"services: 2026-13-45\n", "not YAML: month must be in 1..12"),
        (b"services: [\n", "not YAML: line 2: "),
        (b"services: {}\n---\nservices: {}\n", "not YAML: line 2: but found another document"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, content: bytes, problem: str):
    (tmp_path / "odd.yaml").write_bytes(content)

    with pytest.raises(SettingsError) as raised:
        load_workload("odd", tmp_path)

    (told,) = raised.value.problems
    assert told.startswith(problem)
    assert "\n" not in told
    assert "value" not in told


def test_a_workload_that_does_not_exist_lists_those_that_do(tmp_path: Path):
    (tmp_path / "todo.yaml").touch()

    with pytest.raises(SettingsError, match=r"todos\.yaml; known: todo"):
        load_workload("todos", tmp_path)


def test_the_problems_of_all_workloads_are_told_together():
    stack = yaml.safe_load(Path("stacks/Pulumi.local-dev.yaml").read_text())["config"]["groundwork:stack"]

    with pytest.raises(SettingsError) as raised:
        load_workloads(parse({**stack, "workloads": ["shop", "todo", "bank"]}))

    assert [problem.partition(":")[0] for problem in raised.value.problems] == [
        "workloads/shop.yaml",
        "workloads/bank.yaml",
    ]


@pytest.mark.parametrize("path", sorted(Path("workloads").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_committed_workload_is_valid(path: Path):
    assert load_workload(path.stem).services


def test_every_edit_of_the_chart_makes_another_version(tmp_path: Path):
    chart = tmp_path / "chart"
    shutil.copytree(CHART, chart)
    before = chart_version(chart)
    template = chart / "templates" / "deployment.yaml"
    template.write_text(template.read_text().replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 6"))
    chart_version.cache_clear()

    assert before.startswith("0.2.0-")
    assert chart_version(chart) != before


def test_files_that_helm_ignores_make_no_other_version(tmp_path: Path):
    chart = tmp_path / "chart"
    shutil.copytree(CHART, chart)
    (chart / ".DS_Store").touch()
    (chart / "templates" / ".deployment.yaml.swp").touch()

    assert chart_version(chart) == chart_version(Path(CHART))


def test_the_same_chart_has_the_same_version_everywhere(tmp_path: Path):
    shutil.copytree(CHART, tmp_path / "chart")

    assert chart_version(tmp_path / "chart") == chart_version(Path(CHART))


def test_a_stack_keeps_what_it_knows_for_the_workload_that_wants_it_longest():
    stack = parse({"cloud": "local", "environment": "dev", "domain": "acme.test", "account": {"context": "kind"}})
    asked = {
        name: parse_workload(name, {"services": {"backend": SERVICE}, "retention": days})
        for name, days in {
            "audited": {"logs_days": 90, "traces_days": 2},
            "measured": {"metrics_days": 60, "logs_days": 5},
        }.items()
    }

    kept = retained(stack, asked)

    assert (kept.metrics.retention_days, kept.logs.retention_days, kept.traces.retention_days) == (60, 90, 7)
    assert retained(stack, {}) == stack


@pytest.mark.parametrize("name", ["postgres", "postgres-rw", "events-kafka-bootstrap"])
def test_a_service_is_not_called_what_operators_call_theirs(name: str):
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"services": {name: SERVICE}})

    begin = name.partition("-")[0]
    assert raised.value.problems == (
        f"services.{name}: names that begin with {begin} are those of its data services; give the service another name",
    )


def test_a_name_that_only_looks_like_theirs_is_free():
    assert parse_workload("todo", {"services": {"eventslog": SERVICE}}).services
