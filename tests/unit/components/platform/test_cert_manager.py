"""cert-manager's release: who it is to the cloud, where it looks, and what survives it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.contracts import CERTIFICATES_SOLVER, WorkloadIdentity
from components.platform.cert_manager import CertManager, CertManagerArgs
from components.releases import ChartSource
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"
IDENTITY = WorkloadIdentity(
    service_account=CERTIFICATES_SOLVER,
    annotations={"azure.workload.identity/client-id": "client"},
    pod_labels={"azure.workload.identity/use": "true"},
    env={"REGION": "north"},
)


def args(**changes: Any) -> CertManagerArgs:
    wait = Prerequisite("wait")
    common = CertManagerArgs(
        solver=IDENTITY,
        high_availability=False,
        namespace=wait,
        service_monitors=wait,
        nodes=[wait],
        charts=ChartSource(),
    )
    return replace(common, **changes)


@pytest.fixture
def cert_manager(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(**changes: Any) -> Deployed:
        return deploy(lambda: CertManager("cert-manager", args(**changes)) and None)

    return deployed


def values(deployed: Deployed) -> Mapping[str, Any]:
    return deployed.only(RELEASE).inputs["values"]


@pytest.mark.parametrize("high_availability", [False, True])
def test_the_chart_knows_every_value(cert_manager: Callable[..., Deployed], high_availability: bool):
    release = cert_manager(high_availability=high_availability).only(RELEASE)

    assert check_resource(RELEASE, release.inputs) == []


def test_the_definitions_stay_when_the_release_goes(cert_manager: Callable[..., Deployed]):
    assert values(cert_manager())["crds"] == {"enabled": True, "keep": True}


def test_the_controller_is_who_may_write_in_the_zone(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager())

    assert found["serviceAccount"] == {
        "name": "cert-manager",
        "annotations": {"azure.workload.identity/client-id": "client"},
    }
    assert found["podLabels"] == {"azure.workload.identity/use": "true"}
    assert found["extraEnv"] == [{"name": "REGION", "value": "north"}]


def test_beside_a_webhook_that_writes_it_is_nobody_to_the_cloud(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager(solver=None))

    assert found["serviceAccount"] == {"name": "cert-manager"}
    assert not {"podLabels", "extraEnv"} & set(found)


def test_zones_are_looked_for_where_the_world_does(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager())

    assert found["dns01RecursiveNameservers"] == "https://8.8.8.8/dns-query,https://1.1.1.1/dns-query"
    assert "dns01RecursiveNameserversOnly" not in found


def test_nothing_of_it_is_in_the_namespace_of_kubernetes(cert_manager: Callable[..., Deployed]):
    assert values(cert_manager())["global"]["leaderElection"] == {"namespace": "cert-manager"}


def test_each_part_has_a_second_pod_in_another_zone_where_that_is_wanted(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager(high_availability=True))

    for part, name in ((found, "cert-manager"), (found["webhook"], "webhook"), (found["cainjector"], "cainjector")):
        assert part["replicaCount"] == 2
        assert part["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
        assert [one["topologyKey"] for one in part["topologySpreadConstraints"]] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        assert {
            one["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] for one in part["topologySpreadConstraints"]
        } == {name}


def test_one_pod_has_no_budget_that_would_stop_every_drain(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager())

    assert [part["replicaCount"] for part in (found, found["webhook"], found["cainjector"])] == [1, 1, 1]
    assert "podDisruptionBudget" not in found


def test_every_container_says_what_it_needs(cert_manager: Callable[..., Deployed]):
    found = values(cert_manager())

    for part in (found, found["webhook"], found["cainjector"], found["startupapicheck"]):
        assert set(part["resources"]["requests"]) == {"cpu", "memory"}
        assert set(part["resources"]["limits"]) == {"memory"}
