"""How much of the cluster a workload may take."""

from collections.abc import Callable
from typing import Any

import pytest

from components.data.sizes import SIZES
from components.services.model import WorkloadSpec, parse_workload
from components.services.pods.room import mebibytes, processors
from components.services.quota import WorkloadQuota, WorkloadQuotaArgs, hard, room
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.plans import committed_plan
from tests.unit.components.bare_platform import Prerequisite

QUOTA = "kubernetes:core/v1:ResourceQuota"


def workload(service: dict[str, Any] | None = None, **changes: Any) -> WorkloadSpec:
    backend = {
        "image": {"tag": "1.0.0"},
        "ports": {"http": 8080},
        "replicas": 3,
        "resources": {"cpu": "500m", "memory": "512Mi"},
        **(service or {}),
    }
    return parse_workload("todo", {"services": {"backend": backend}, **changes})


def test_there_is_room_for_an_update_of_everything_and_for_helpers():
    # Three pods of half a processor and 512 MiB, twice; and one processor, 2 GiB and ten pods besides.
    found = room("todo", workload(), SIZES["dev"])

    assert (found.cpu, found.memory_mib, found.pods, found.storage_gib) == (4.0, 5120.0, 16, 0)


def test_sidecars_and_canaries_count():
    alone = room("todo", workload(), SIZES["dev"])
    sidecar = room("todo", workload({"dapr": {"port": "http"}}), SIZES["dev"])
    tried = {"routes": [{"paths": ["/api"]}], "canary": {"image": {"tag": "2.0.0"}, "replicas": 2}}
    canary = room("todo", workload(tried), SIZES["dev"])

    assert sidecar.cpu - alone.cpu == pytest.approx(2 * 3 * 0.05)
    assert canary.pods - alone.pods == 2 * 2


def test_data_services_count_with_all_their_replicas():
    alone = room("todo", workload(), SIZES["prod"])
    found = room("todo", workload({"dapr": {"state": True}}, components={"state": {"storage_gib": 100}}), SIZES["prod"])

    assert found.storage_gib == 2 * 3 * 100
    assert found.pods - alone.pods == 2 * 3


def test_the_way_in_is_the_gateway():
    quota = hard("todo", workload(), SIZES["dev"])

    assert (quota["services.loadbalancers"], quota["services.nodeports"]) == ("0", "0")


def test_what_the_file_says_wins_over_what_follows_from_it():
    quota = hard("todo", workload(quota={"cpu": 40, "memory_gib": 80, "pods": 200, "storage_gib": 7}), SIZES["dev"])

    assert (quota["requests.cpu"], quota["requests.memory"], quota["pods"]) == ("40", "80Gi", "200")
    assert quota["requests.storage"] == "7Gi"


def test_a_quota_of_nothing_is_refused():
    with pytest.raises(SettingsError) as caught:
        workload(quota={"pods": 0})

    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["quota.pods"]


def test_containers_that_ask_for_nothing_get_something_before_there_is_a_quota(deploy: Callable[..., Deployed]):
    def program() -> None:
        args = WorkloadQuotaArgs(workload="todo", spec=workload(), sizes=SIZES["dev"], namespace=Prerequisite("wait"))
        WorkloadQuota("bounds", args)

    deployed = deploy(program)

    assert deployed.named("bounds-limits").inputs["spec"]["limits"] == [
        {"type": "Container", "defaultRequest": {"cpu": "50m", "memory": "128Mi"}, "default": {"memory": "256Mi"}}
    ]
    assert any("bounds-limits" in urn for urn in deployed.named("bounds-quota").depends_on)


@pytest.mark.parametrize(("quantity", "number"), [("250m", 0.25), ("2", 2.0), ("1.5", 1.5)])
def test_processors_are_counted_as_kubernetes_counts_them(quantity: str, number: float):
    assert processors(quantity) == number


@pytest.mark.parametrize(("quantity", "number"), [("512Ki", 0.5), ("256Mi", 256.0), ("2Gi", 2048.0)])
def test_memory_is_counted_in_mebibytes(quantity: str, number: float):
    assert mebibytes(quantity) == number


@pytest.mark.parametrize("stack", ["gke-dev", "gke-prod"])
def test_every_workload_has_one(stack: str):
    found = [one.inputs["metadata"] for one in committed_plan(stack).of_type(QUOTA)]

    assert found == [{"name": "workload", "namespace": "todo"}]
