"""Services of generated workload files: built as the program builds them, and rendered by the chart."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract_check.check import check_resource
from contract_check.json_schema import SchemaCheck
from hypothesis import HealthCheck, Phase, given, seed, settings

from components.contracts import Bucket, Queue, Registry, WorkloadIdentity
from components.services.chart import CHART
from components.services.dapr.configuration import callers
from components.services.model import WorkloadSpec, parse_workload
from components.services.workload import Workload, WorkloadArgs
from components.services.workloads import demands
from rehearsal.providers.kubernetes.pod_security import violations
from tests import mock_engine
from tests.mock_engine import Deployed
from tests.unit.charts.test_app_service import RESTRICTED, SCHEMA, helm, objects, pods
from tests.unit.components.bare_platform import bare_platform
from tests.unit.components.services.valid_files import BESIDE, valid

RELEASE = "kubernetes:helm.sh/v3:Release"
FILES = 24


@pytest.fixture(scope="module")
def built() -> Deployed:
    """The workloads of some generated files, side by side."""
    files: list[Any] = []

    @seed(7)
    @settings(
        max_examples=FILES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(valid())
    def collect(file: Any) -> None:
        files.append(file)

    collect()
    specs = {f"shop{number}": parse_workload("shop", file) for number, file in enumerate(files)}
    return mock_engine.run(lambda: program({**specs, "identity": parse_workload("identity", BESIDE)}))


def program(workloads: dict[str, WorkloadSpec]) -> None:
    """All of them on one bare platform, on a cloud that has what they ask for."""
    platform, asked, called_by = bare_platform(), demands(workloads), callers(workloads)
    for name, spec in workloads.items():
        args = WorkloadArgs(
            workload=name,
            spec=spec,
            registry=Registry(image_prefix="registry.example"),
            principals={one: WorkloadIdentity(service_account=one, env={"ID": "a"}) for one in asked.principals},
            buckets={
                (one.workload, one.name): Bucket(
                    variables={"BUCKET": "b"}, grants={user: [] for user in (*one.writers, *one.readers)}
                )
                for one in asked.buckets
            },
            queues={
                (one.workload, one.name): Queue(
                    variables={"QUEUE": "q"}, grants={user: [] for user in (*one.senders, *one.receivers)}
                )
                for one in asked.queues
            },
            platform=platform,
            callers=called_by.get(name, {}),
        )
        Workload(name, args)


@pytest.fixture(scope="module")
def values(built: Deployed) -> list[dict[str, Any]]:
    """What the chart gets."""
    return [one.inputs["values"] for one in built.of_type(RELEASE) if one.inputs["chart"] == CHART]


def test_the_chart_takes_what_the_model_makes_of_any_file(values: list[dict[str, Any]]):
    assert len(values) >= FILES
    assert [str(problem) for one in values for problem in SchemaCheck(SCHEMA, closed=False).check(one)] == []


def test_every_object_of_any_file_is_one_that_kubernetes_takes(built: Deployed):
    made = [one for one in built.registrations.values() if one.type.startswith("kubernetes:") and one.type != RELEASE]

    assert [str(problem) for one in made for problem in check_resource(one.type, one.inputs)] == []


@pytest.fixture(scope="module")
def umbrella(values: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chart that has the chart once for each service: so that helm is called once for all of them."""
    folder = tmp_path_factory.mktemp("all")
    shutil.copytree(CHART, folder / "charts" / "app-service")
    parts = [{"name": "app-service", "version": "*", "alias": f"s{number}"} for number in range(len(values))]
    chart = {"apiVersion": "v2", "name": "all", "version": "1.0.0", "dependencies": parts}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(chart))
    text = json.dumps({f"s{number}": one for number, one in enumerate(values)}, ensure_ascii=False)
    # What YAML takes for no character, as it is, and JSON does.
    escaped = re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)
    (folder / "values.yaml").write_text(escaped, encoding="utf-8")
    return folder


def test_helm_finds_nothing_wrong_with_any_service(umbrella: Path):
    told = helm("lint", "--strict", umbrella, check=False)

    assert told.returncode == 0, told.stdout


def test_every_service_renders_to_objects_that_kubernetes_takes_and_pods_that_are_restricted(
    umbrella: Path, values: list[dict[str, Any]]
):
    # A name that YAML 1.1 takes for a truth: nothing of the chart depends on how a release is called.
    found = objects(helm("template", "on", umbrella, "--namespace", "null").stdout)
    types = {"v1": "core/v1"}

    assert sum(one["kind"] == "Deployment" for one in found) == len(values)
    problems = [
        f"{one['kind']}: {problem}"
        for one in found
        for problem in check_resource(
            f"kubernetes:{types.get(one['apiVersion'], one['apiVersion'])}:{one['kind']}", one
        )
    ]
    assert problems == []
    assert {violations(pod, RESTRICTED) for pod in pods(found)} == {None}
