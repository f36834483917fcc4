"""Which images nodes of a rehearsed cloud get."""

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.control_plane.kubelet.image_pulls import RehearsedPulls, rehearsed_pulls
from rehearsal.providers.inventory import Inventory, Resource
from tests.unit.rehearsal.control_plane.kubelet.fake_api import Clock

AKS = "azure-native:containerservice:ManagedCluster"
GKE = "gcp:container/cluster:Cluster"
OKE = "oci:ContainerEngine/cluster:Cluster"


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return Inventory(tmp_path / "inventory.sqlite")


def pulls(type_: str, inventory: Inventory, **fields: dict[str, Any]) -> RehearsedPulls:
    made: dict[str, Any] = {"inputs": {}, "outputs": {"location": "europe-west1"}, **fields}
    inventory.put(Resource(account="a", type=type_, id="cluster", name="cluster", **made))
    record = inventory.path.with_name("cluster.json")
    record.write_text(json.dumps({"type": type_, "id": "cluster"}))
    found = rehearsed_pulls(record, inventory.path)
    assert found
    return found


def test_a_cluster_that_no_cloud_has_pulls_everything(tmp_path: Path):
    assert rehearsed_pulls(tmp_path / "cluster.json", tmp_path / "inventory.sqlite") is None


def test_private_nodes_of_google_reach_others_registries_by_nat_alone(inventory: Inventory):
    private = {"privateClusterConfig": {"enablePrivateNodes": True}, "network": "main"}
    found = pulls(GKE, inventory, inputs=private)

    assert found.refusal("quay.io/prometheus/prometheus:v3", frozenset()) == (
        "no route from private nodes to the registry: the network main has no RouterNat in europe-west1"
    )
    assert found.refusal("europe-west1-docker.pkg.dev/p/r/app:1", frozenset()) is None
    assert found.refusal("gcr.io/google/pause:3", frozenset()) is None


def test_a_registry_of_azure_that_is_not_there_has_no_address(inventory: Inventory):
    found = pulls(AKS, inventory)

    assert found.refusal("acme.azurecr.io/todo:1", frozenset()) == "lookup acme.azurecr.io: no such host"
    assert found.refusal("acme.azurecr.io/todo:1", frozenset({"acme.azurecr.io"})) is None


def test_a_private_repository_of_oracle_wants_a_secret_of_the_pod(inventory: Inventory):
    inputs = {"displayName": "acme/todo/backend", "isPublic": False}
    inventory.put(
        Resource(
            account="a", type="oci:Artifacts/containerRepository:ContainerRepository", id="r", inputs=inputs, outputs={}
        )
    )
    found, host = pulls(OKE, inventory), "ocir.eu-frankfurt-1.oci.oraclecloud.com"
    image = f"{host}/namespace/acme/todo/backend:1"

    assert found.refusal(image, frozenset()) == (
        "401 Unauthorized: the repository acme/todo/backend is private, and no Secret is given to pull"
    )
    assert found.refusal(image, frozenset({host})) is None
    assert found.refusal(f"{host}/namespace/acme/other:1", frozenset()) is None


def test_an_answer_is_remembered_for_a_moment(inventory: Inventory):
    found, clock = pulls(AKS, inventory), Clock()
    found.clock = clock
    assert found.refusal("acme.azurecr.io/todo:1", frozenset())
    registry = {"loginServer": "acme.azurecr.io"}
    role = "azure-native:containerregistry:Registry"
    inventory.put(Resource(account="a", type=role, id="/r", name="acme", inputs={}, outputs=registry))

    assert found.refusal("acme.azurecr.io/todo:1", frozenset()) == "lookup acme.azurecr.io: no such host"
    clock.now += 3

    assert found.refusal("acme.azurecr.io/todo:1", frozenset()) == (
        "401 Unauthorized: the kubelets' identity None does not hold AcrPull"
    )
