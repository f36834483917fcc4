"""What scales services, and whose pods find room first."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.platform.keda import keda_values
from components.platform.metrics_server import metrics_server_values
from components.priorities import CLASSES, CRITICAL, DATA, PLATFORM
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan, plan

RELEASE = "kubernetes:helm.sh/v3:Release"


def releases(deployed: Deployed) -> dict[str, dict[str, Any]]:
    return {one.inputs["name"]: one.inputs for one in deployed.of_type(RELEASE)}


def test_keda_runs_twice_where_the_stack_is_highly_available():
    values = keda_values(high_availability=True)

    assert {values[part]["replicaCount"] for part in ("operator", "metricsServer", "webhooks")} == {2}
    assert list(values["podDisruptionBudget"].values()) == [{"maxUnavailable": 1}] * 3


def test_one_pod_has_no_budget_that_would_stop_every_drain():
    values = keda_values(high_availability=False)

    assert list(values["podDisruptionBudget"].values()) == [{}] * 3


@pytest.mark.parametrize(("stack", "there"), [("gke-dev", False), ("aks-dev", False), ("oke-dev", True)])
def test_what_pods_use_is_told_where_the_cloud_does_not_tell(stack: str, there: bool):
    found = releases(committed_plan(stack))

    assert ("metrics-server" in found) is there
    assert "keda" in found


def test_a_local_cluster_that_has_a_metrics_server_keeps_its_own():
    assert "metrics-server" in releases(committed_plan("local-dev"))
    assert "metrics-server" not in releases(plan("local-dev", {"cluster.metrics_server": True}))


def test_only_kubelets_that_sign_their_own_certificates_are_not_asked_who_they_are():
    assert metrics_server_values(False, kubelet_certificates=True)["args"] == []
    assert metrics_server_values(False, kubelet_certificates=False)["args"] == ["--kubelet-insecure-tls"]


def test_the_addon_of_azure_stays_off():
    cluster = committed_plan("aks-prod").only("azure-native:containerservice:ManagedCluster").inputs

    assert cluster["workloadAutoScalerProfile"] == {"keda": {"enabled": False}}


def named(value: Any) -> Iterator[str]:
    """The priorities that chart values name, wherever they stand."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "priorityClassName":
                yield item
            else:
                yield from named(item)
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def test_the_gateway_goes_before_data_and_data_before_what_watches():
    assert CLASSES[CRITICAL].value > CLASSES[DATA].value > CLASSES[PLATFORM].value > 0


WITHOUT = {
    "prometheus-operator-crds": "runs no pods",
    "operator-crds": "runs no pods",
    "jaeger": "its chart has no key for it",
    "psmdb-operator": "its chart has no key for it",
    "metrics-server": "its chart's own is Kubernetes' system-cluster-critical",
}
"""Releases of the platform that name no priority of ours, and why."""


@pytest.mark.parametrize("stack", STACKS)
def test_every_pod_of_the_platform_has_a_priority_that_exists(stack: str):
    deployed = committed_plan(stack)

    classes = {
        one.inputs["metadata"]["name"] for one in deployed.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    }
    found = {
        name: set(named(release["values"]))
        for name, release in releases(deployed).items()
        if release["chart"] != "./charts/app-service" and name not in WITHOUT
    }
    assert {name for name, priorities in found.items() if not priorities or not priorities <= classes} == set()
