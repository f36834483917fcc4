"""What the data services of a workload are made for, on what, and how large."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.data.sizes import SIZES, Environment
from components.services.data.declared import data_needs
from components.services.model import load_workload, parse_workload
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan, settings_of

NAMESPACE = "kubernetes:core/v1:Namespace"
RELEASE = "kubernetes:helm.sh/v3:Release"
KAFKA = "kubernetes:kafka.strimzi.io/v1:{}"
POSTGRES = "kubernetes:postgresql.cnpg.io/v1:Cluster"
JOB = "kubernetes:batch/v1:Job"

SERVICE = {"image": {"tag": "1"}, "ports": {"http": 8080}}
MANAGED = [stack for stack in STACKS if settings_of(stack).get("postgres")]
OWN = [stack for stack in STACKS if stack not in MANAGED]


def workload(**components: Any) -> Any:
    dapr: dict[str, Any] = {"port": "http"}
    if "pubsub" in components:
        dapr["publishes"] = ["tasks"]
    if "state" in components:
        dapr["state"] = True
    if "configuration" in components:
        dapr["configuration"] = True
    return parse_workload("todo", {"components": components, "services": {"backend": {**SERVICE, "dapr": dapr}}})


def namespaces(deployed: Deployed) -> set[str]:
    return {one.inputs["metadata"]["name"] for one in deployed.of_type(NAMESPACE)}


def releases(deployed: Deployed) -> set[str]:
    return {one.inputs["name"] for one in deployed.of_type(RELEASE)}


@pytest.mark.parametrize(
    ("components", "kafka", "postgres"),
    [
        ({}, False, False),
        ({"pubsub": {"kind": "kafka"}}, True, False),
        ({"pubsub": {"kind": "own", "own": {"type": "pubsub.gcp.pubsub"}}}, False, False),
        ({"state": {"kind": "postgresql"}}, False, True),
        ({"configuration": {"kind": "postgresql"}}, False, True),
    ],
)
def test_an_operator_runs_because_a_workload_asks_for_what_it_makes(
    components: dict[str, Any], kafka: bool, postgres: bool
):
    needs = data_needs({"todo": workload(**components), "plain": parse_workload("plain", {"services": {"a": SERVICE}})})

    assert (needs.kafka, needs.postgres) == (kafka, postgres)


def test_a_stack_that_nobody_keeps_data_in_has_none():
    assert data_needs({}).kafka is data_needs({}).postgres is False


@pytest.mark.parametrize("stack", OWN)
def test_databases_run_in_the_cluster_where_the_cloud_runs_none(stack: str):
    deployed = committed_plan(stack)

    assert {"strimzi", "cnpg"} <= releases(deployed)
    assert {"strimzi", "cnpg-system"} <= namespaces(deployed)
    theirs = {name for name in settings_of(stack)["workloads"] if data_needs({name: load_workload(name)}).postgres}
    assert "todo" in theirs
    assert {one.inputs["metadata"]["namespace"] for one in deployed.of_type(POSTGRES)} == theirs


@pytest.mark.parametrize("stack", MANAGED)
def test_the_clouds_server_takes_their_place(stack: str):
    deployed = committed_plan(stack)

    assert "cnpg" not in releases(deployed)
    assert "databases" in namespaces(deployed)
    assert not deployed.of_type(POSTGRES)
    (job,) = [one for one in deployed.of_type(JOB) if one.inputs["metadata"]["namespace"] == "databases"]
    assert job.inputs["metadata"]["name"].startswith("todo-database-")


@pytest.mark.parametrize("stack", STACKS)
def test_data_is_kept_thrice_and_protected_where_the_environment_is(stack: str):
    deployed, prod = committed_plan(stack), stack.endswith("-prod")
    pool = deployed.only(KAFKA.format("KafkaNodePool"))

    assert pool.inputs["spec"]["replicas"] == (1 if stack.endswith("-dev") else 3)
    assert pool.inputs["spec"]["storage"]["volumes"][0]["deleteClaim"] is not prod
    kept = [*deployed.of_type(KAFKA.format("Kafka")), *deployed.of_type(KAFKA.format("KafkaTopic")), pool]
    assert {one.protect for one in [*kept, *deployed.of_type(POSTGRES)]} == {prod}


@pytest.mark.parametrize("stack", STACKS)
def test_sizes_are_those_of_the_environment(stack: str):
    deployed, size = committed_plan(stack), SIZES[settings_of(stack)["environment"]]
    pool = deployed.only(KAFKA.format("KafkaNodePool")).inputs["spec"]

    assert pool["resources"]["requests"] == {"cpu": size.kafka.cpu, "memory": size.kafka.memory}
    assert pool["storage"]["volumes"][0]["size"] == f"{size.kafka.storage_gib}Gi"
    for cluster in deployed.of_type(POSTGRES):
        assert cluster.inputs["spec"]["storage"]["size"] == f"{size.postgres.storage_gib}Gi"


def test_every_topic_and_group_of_the_workload_file_is_there():
    deployed, spec = committed_plan("gke-dev"), load_workload("todo")
    topics = {one.inputs["spec"]["topicName"] for one in deployed.of_type(KAFKA.format("KafkaTopic"))}
    acls = deployed.only(KAFKA.format("KafkaUser")).inputs["spec"]["authorization"]["acls"]

    published = {topic for one in spec.services.values() if one.dapr for topic in one.dapr.publishes}
    assert published <= topics
    assert {one["resource"]["name"] for one in acls if one["resource"]["type"] == "topic"} == topics
    assert {one["resource"]["name"] for one in acls if one["resource"]["type"] == "group"} == {
        name for name, one in spec.services.items() if one.dapr and one.dapr.subscribes
    }


def test_the_guide_tells_the_sizes():
    guide = Path("docs/data-services.md").read_text()
    rows = {cells[0]: cells[1:] for line in guide.splitlines() if (cells := cells_of(line)) and len(cells) == 4}
    environments: tuple[Environment, ...] = ("dev", "staging", "prod")

    def told(gib: Callable[[Environment], Any]) -> list[str]:
        return [gib(environment) for environment in environments]

    assert rows["PostgreSQL: instances"] == rows["Kafka: nodes"] == ["1", "3", "3"]
    assert rows["CPU, memory, heap of each"] == told(
        lambda name: f"{SIZES[name].kafka.cpu}, {shown(SIZES[name].kafka.memory)}, {shown(SIZES[name].kafka.heap)}"
    )
    assert rows["CPU, memory of each"] == told(
        lambda name: f"{SIZES[name].postgres.cpu}, {shown(SIZES[name].postgres.memory)}"
    )
    assert rows["connections"] == told(lambda name: str(SIZES[name].postgres.connections))


def cells_of(line: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def shown(amount: str) -> str:
    """An amount of memory as people write it."""
    mib = {"m": 1, "Mi": 1, "Gi": 1024}[amount.lstrip("0123456789")] * int(amount.rstrip("mMGi"))
    return f"{mib // 1024} GiB" if mib % 1024 == 0 else f"{mib} MiB"


def test_the_guides_examples_are_workload_files():
    blocks = [block for block in blocks_of(Path("docs/data-services.md").read_text()) if "components:" in block]

    assert len(blocks) == 2
    for block in blocks:
        assert workload(**yaml.safe_load(block)["components"]).components.pubsub.kind == "kafka"


def blocks_of(text: str) -> list[str]:
    """What stands indented, as examples do."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("    "):
            found[-1].append(line[4:])
        elif found[-1]:
            found.append([])
    return ["\n".join(block) for block in found if block]
