"""The chart of application services: what it renders, what it takes, and that both match the service model."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract_check.json_schema import SchemaCheck

from components.contracts import Registry
from components.services.chart import CHART
from components.services.model import parse_workload
from components.services.workload import Workload, WorkloadArgs
from rehearsal.providers.kubernetes.pod_security import violations
from rehearsal.setup import toolchain
from tests.mock_engine import Deployed
from tests.programs import missing
from tests.unit.components.bare_platform import bare_platform

FOLDER = Path(__file__).parent
CASES = ("minimal", "everything", "migrations")
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
SCHEMA: dict[str, Any] = json.loads(Path(CHART, "values.schema.json").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = yaml.safe_load(Path(CHART, "values.yaml").read_text(encoding="utf-8"))

LEAST = {"workload": "shop", "image": {"repository": "registry.example/shop/orders", "tag": "v1"}}

EVERYTHING: dict[str, Any] = {
    "image": {"tag": "1.0.0"},
    "ports": {"http": 8080, "grpc": 9090, "ws": 8081, "mqtt": {"number": 1883, "protocol": "tcp"}},
    "probes": {"startup": {"port": "grpc", "service": "a.B"}, "liveness": {"port": "http", "path": "/live"}},
    "metrics": {"port": "http"},
    "routes": [{"paths": ["/"], "port": "http"}],
    "canary": {"image": {"tag": "2"}},
    "instrumentation": "python",
    "command": ["run"],
    "args": ["--now"],
    "env": {"A": "b"},
    "secrets": {"TOKEN": "token"},
    "autoscaling": {
        "min": 2,
        "max": 9,
        "cpu_percent": 70,
        "memory_percent": 80,
        "requests_per_second": 0.5,
        "kafka": {"topic": "orders", "lag": 100},
        "cron": [{"start": "0 8 * * *", "end": "0 18 * * *", "replicas": 4}],
    },
    "disruption": {"max_unavailable": 1},
    "spread": {"zones": "required", "anti_affinity": "required"},
    "volumes": {
        "cache": {"kind": "scratch", "path": "/var/cache", "memory": True, "size_mib": 16},
        "config": {"kind": "files", "path": "/etc/app", "files": {"app.toml": "a = 1"}},
        "keys": {"kind": "secrets", "path": "/etc/keys", "files": {"tls.key": "key"}},
    },
    "init": [{"name": "warm-up", "image": {"tag": "3"}, "command": ["warm"], "resources": {"cpu": "10m"}}],
    "jobs": {"report": {"schedule": "0 6 * * *", "env": {"A": "c"}, "concurrency": "allow"}},
    "migrations": {"command": ["migrate"], "args": ["up"], "env": {"A": "d"}},
    "owners": {"team": "payments", "contacts": ["#payments"]},
}
"""A service that has everything but a claim."""


def helm(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    programs = toolchain.installed()
    if programs is None:
        pytest.skip(missing("helm"))
    return subprocess.run([programs.helm, *arguments], capture_output=True, text=True, timeout=60, check=check)


def rendered(values: Path, *more: str) -> str:
    return helm("template", "orders", CHART, "--namespace", "shop", "--values", values, *more).stdout


def objects(text: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one]


def pods(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every pod that the objects bring."""
    for one in found:
        match one["kind"]:
            case "Deployment" | "Job":
                yield one["spec"]["template"]["spec"]
            case "CronJob":
                yield one["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            case _:
                continue


@pytest.fixture
def compiled(deploy: Callable[..., Deployed]) -> Callable[..., dict[str, dict[str, Any]]]:
    """What the model makes of a service: values of its releases, by name."""

    def build(**service: Any) -> dict[str, dict[str, Any]]:
        parts = {"components": {"pubsub": {"kind": "kafka"}}, "services": {"orders": service}}
        spec = parse_workload("shop", parts)

        def program() -> None:
            registry = Registry(image_prefix="registry.example")
            Workload("shop", WorkloadArgs(workload="shop", spec=spec, registry=registry, platform=bare_platform()))

        found = deploy(program).of_type("kubernetes:helm.sh/v3:Release")
        return {one.inputs["name"]: one.inputs["values"] for one in found}

    return build


@pytest.mark.parametrize("case", CASES)
def test_the_chart_renders_what_was_looked_at(case: str):
    text = re.sub(r"checksum/files: [0-9a-f]{64}", "checksum/files: (of the files)", rendered(FOLDER / f"{case}.yaml"))

    assert text == (FOLDER / "golden" / f"{case}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_helm_finds_nothing_wrong(case: str):
    told = helm("lint", "--strict", CHART, "--values", FOLDER / f"{case}.yaml", check=False)

    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("case", CASES)
def test_every_pod_may_run_where_pod_security_is_restricted(case: str):
    found = list(pods(objects(rendered(FOLDER / f"{case}.yaml"))))

    assert found
    assert [violations(pod, RESTRICTED) for pod in found] == [None] * len(found)


@pytest.mark.parametrize("case", CASES)
def test_no_container_writes_to_its_image_or_asks_for_nothing(case: str):
    found = list(pods(objects(rendered(FOLDER / f"{case}.yaml"))))

    for container in (one for pod in found for one in (*pod["containers"], *pod.get("initContainers", []))):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]


def test_what_a_pod_is_not_needs_no_token():
    found = list(pods(objects(rendered(FOLDER / "minimal.yaml"))))

    assert [pod["automountServiceAccountToken"] for pod in found] == [False]


def test_all_that_the_model_says_is_taken_by_the_chart(compiled: Callable[..., Any], tmp_path: Path):
    for name, values in compiled(**EVERYTHING).items():
        assert SchemaCheck(SCHEMA, closed=False).check(values) == []
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(json.loads(json.dumps(values))))
        found = list(pods(objects(rendered(path))))
        assert [violations(pod, RESTRICTED) for pod in found] == [None] * len(found)


def test_a_claim_of_the_model_is_taken_by_the_chart(compiled: Callable[..., Any], tmp_path: Path):
    claim = {"data": {"kind": "claim", "path": "/data", "size_gib": 10}}
    values = compiled(image={"tag": "1"}, replicas=1, volumes=claim, disruption={"min_available": 1})["orders"]
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(values))))

    found = {one["kind"]: one for one in objects(rendered(path))}

    assert found["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert found["PersistentVolumeClaim"]["spec"]["resources"] == {"requests": {"storage": "10Gi"}}
    assert "PodDisruptionBudget" not in found


def closed(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Objects of a schema that take any key."""
    if schema.get("type") == "object" and path != "global" and "additionalProperties" not in schema:
        yield path
    for name, one in schema.get("properties", {}).items():
        yield from closed(one, f"{path}.{name}".lstrip("."))
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), dict):
            yield from closed(schema[part], f"{path}.*")


def test_the_schema_takes_no_key_that_it_does_not_name():
    open_objects = [
        *closed(SCHEMA),
        *(one for name in SCHEMA["definitions"] for one in closed(SCHEMA["definitions"][name])),
    ]

    assert open_objects == []


def test_every_key_of_the_schema_has_a_default_and_the_other_way_round():
    assert SCHEMA["properties"].keys() - {"global"} == VALUES.keys()


def test_every_key_of_the_values_is_used_by_a_template():
    templates = "".join(path.read_text() for path in Path(CHART, "templates").iterdir())
    # Requests and limits are rendered together.
    parts = {key: value if isinstance(value, dict) and key != "resources" else {} for key, value in VALUES.items()}
    keys = {name for key, inside in parts.items() for name in (key, *inside)}

    assert {key for key in keys if not re.search(rf"[.\"]{key}\b", templates)} == set()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"replcas": 2}, "'replcas' not allowed"),
        ({"image": {"repository": "x"}}, "/image"),
        ({"autoscaling": {"enabled": True}}, "/autoscaling/triggers"),
        ({"migrations": {"enabled": True}}, "/migrations/serviceAccount"),
        ({"volumes": {"a": {"path": "/a", "scratch": {"size": "1Gi"}, "claim": {"size": "1Gi"}}}}, "/volumes/a"),
        (
            {"probes": {"liveness": {"grpc": {"port": "grpc"}}}},
            'probes.liveness.grpc.port: "grpc" is not one of the ports',
        ),
        ({"metrics": {"enabled": True}}, 'metrics.port: "http" is not one of the ports'),
    ],
)
def test_values_that_make_no_service_are_refused(values: dict[str, Any], problem: str, tmp_path: Path):
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump({**LEAST, **values}))

    told = helm("template", "orders", CHART, "--values", path, check=False)

    assert told.returncode != 0
    assert problem in told.stderr


def test_the_chart_is_packaged_with_all_that_it_needs(tmp_path: Path):
    helm("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.iterdir()
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(LEAST))

    assert package.name == f"app-service-{yaml.safe_load(Path(CHART, 'Chart.yaml').read_text())['version']}.tgz"
    assert helm("template", "orders", package, "--values", path).stdout == rendered(path)


def test_two_replicas_have_a_budget_and_one_has_none(tmp_path: Path):
    def kinds(**values: Any) -> set[str]:
        path = tmp_path / "values.yaml"
        path.write_text(yaml.safe_dump({**LEAST, **values}))
        return {one["kind"] for one in objects(rendered(path))}

    assert "PodDisruptionBudget" in kinds(replicas=2)
    assert kinds() == {"Deployment", "ServiceAccount"}


def test_pods_are_replaced_when_a_file_changes(tmp_path: Path):
    def annotations(content: str) -> dict[str, str]:
        path = tmp_path / "values.yaml"
        path.write_text(yaml.safe_dump({**LEAST, "volumes": {"config": {"path": "/c", "files": {"a": content}}}}))
        found = next(one for one in objects(rendered(path)) if one["kind"] == "Deployment")
        return found["spec"]["template"]["metadata"]["annotations"]

    assert annotations("one") == annotations("one")
    assert annotations("one") != annotations("two")


def test_names_that_yaml_takes_for_something_else_stay_names(tmp_path: Path):
    path = tmp_path / "values.yaml"
    values = {
        **LEAST,
        "workload": "no",
        "replicas": 2,
        "ports": {"on": {"port": 8080}},
        "podAddresses": True,
        "metrics": {"enabled": True, "port": "on", "path": "/metrics #1"},
        "env": {"NO": "1"},
        "secretEnv": {"ON": {"secret": "null", "key": "ON"}},
        "volumes": {"off": {"path": "/a", "files": {"no": "b"}}, "true": {"path": "/b", "claim": {"size": "1Gi"}}},
        "initContainers": [{"name": "yes"}],
        "jobs": {"no": {"schedule": "0 6 * * *"}},
        "runAsUser": 1000660000,
    }
    path.write_text(yaml.safe_dump(values))

    text = helm("template", "null", CHART, "--namespace", "no", "--values", path).stdout
    found = objects(text)

    assert {one["kind"] for one in found if not isinstance(one["metadata"]["name"], str)} == set()
    (pod,) = (one["spec"]["template"]["spec"] for one in found if one["kind"] == "Deployment")
    assert [variable["name"] for variable in pod["containers"][0]["env"]] == ["ON", "NO"]
    assert pod["containers"][0]["ports"] == [{"name": "on", "containerPort": 8080}]
    assert [mount["name"] for mount in pod["containers"][0]["volumeMounts"]] == ["tmp", "off", "true"]
    assert pod["initContainers"][0]["name"] == "yes"
    assert pod["securityContext"]["runAsUser"] == 1000660000
    (monitor,) = (one["spec"]["endpoints"][0] for one in found if one["kind"] == "ServiceMonitor")
    assert (monitor["port"], monitor["path"]) == ("on", "/metrics #1")
