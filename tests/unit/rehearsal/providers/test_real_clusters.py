"""Clusters with a control plane behind them, here one that nothing runs of."""

import base64
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane.clusters import contents as cluster_contents
from rehearsal.control_plane.clusters import ends as cluster_ends
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.providers import control_planes
from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.gcp.provider import GcpProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.azure_subscription import (
    CLUSTER as AZURE_CLUSTER,
)
from tests.unit.rehearsal.providers.azure_subscription import (
    POOL as AGENT_POOL,
)
from tests.unit.rehearsal.providers.azure_subscription import (
    SUBSCRIPTION,
    AzureSubscription,
    ClusterGround,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused
from tests.unit.rehearsal.providers.google_project import CLUSTER, NODE_POOL, GoogleProject
from tests.unit.rehearsal.providers.oracle_tenancy import ADDON, TENANCY, OracleTenancy

USER_CREDENTIALS = "azure-native:containerservice:listManagedClusterUserCredentials"
KUBECONFIG = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"


class FakeNodes:
    """Pools by the folder of their control plane, in place of real nodes."""

    known: ClassVar[dict[str, dict[str, Pool]]] = {}

    def __init__(self, kubeconfig: Path) -> None:
        self._own = self.known.setdefault(kubeconfig.parent.name, {})

    def __enter__(self) -> "FakeNodes":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def pools(self) -> dict[str, Pool]:
        return dict(self._own)

    def bring(self, pool: Pool) -> None:
        self._own[pool.name] = pool

    def drop(self, name: str) -> None:
        del self._own[name]


@pytest.fixture(autouse=True)
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal on a real API, whose control planes are reserved and never started."""
    monkeypatch.setenv("REHEARSAL_API", "real")
    monkeypatch.setattr(ControlPlane, "start", lambda self: None)
    monkeypatch.setattr(cluster_contents, "fill", lambda plane, cloud: None)
    monkeypatch.setattr(control_planes, "PoolNodes", FakeNodes)
    monkeypatch.setattr(FakeNodes, "known", {})


@pytest.fixture
def google(inventory: Inventory) -> GoogleProject:
    return GoogleProject(Engine(GcpProvider(inventory), {"project": "acme-dev", "region": "europe-west4"}))


@pytest.fixture
def azure(inventory: Inventory) -> ClusterGround:
    return ClusterGround(AzureSubscription(Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION})))


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


def plane(inventory: Inventory) -> ControlPlane:
    [found] = planes.control_planes(inventory.path.parent)
    return found


def pools(inventory: Inventory) -> dict[str, Pool]:
    return FakeNodes.known.get(plane(inventory).name, {})


def test_a_gke_cluster_answers_where_its_control_plane_does(google: GoogleProject, inventory: Inventory):
    cluster = google.cluster("main")
    found = plane(inventory)

    assert found.name.startswith("main-")
    assert cluster["endpoint"] == found.address
    assert cluster["masterAuth"]["clusterCaCertificate"] == found.certificate
    assert cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"] == found.public_address
    assert "account" in (found.folder / "tokens.csv").read_text()


def test_an_aks_cluster_answers_where_its_control_plane_does(azure: ClusterGround, inventory: Inventory):
    cluster = azure.cluster()
    found = plane(inventory)
    answer = azure.subscription.engine.invoke(USER_CREDENTIALS, resourceGroupName="rg", resourceName="aks")
    kubeconfig = json.loads(base64.b64decode(answer["kubeconfigs"][0]["value"]))

    assert (cluster["fqdn"], cluster["privateFQDN"]) == (found.address, "")
    assert kubeconfig["clusters"][0]["cluster"] == {
        "server": f"https://{found.address}",
        "certificate-authority-data": found.certificate,
    }


def test_an_oke_cluster_answers_where_its_control_plane_does(oracle: OracleTenancy, inventory: Inventory):
    cluster = oracle.cluster(oracle.vcn())
    found = plane(inventory)
    answer = oracle.engine.invoke(KUBECONFIG, clusterId=cluster.id, endpoint="PRIVATE_ENDPOINT")
    given = yaml.safe_load(answer["content"])["clusters"][0]["cluster"]

    assert cluster["endpoints"][0] == {"kubernetes": "", "privateEndpoint": found.address, "publicEndpoint": ""}
    assert given == {"server": f"https://{found.address}", "certificate-authority-data": found.certificate}
    assert json.loads((found.folder / "cluster.json").read_text())["id"] == cluster.id
    assert "account" not in (found.folder / "tokens.csv").read_text()


def test_a_changed_cluster_stays_where_it_is(google: GoogleProject, inventory: Inventory):
    cluster = google.cluster("main")
    updated = google.engine.update(cluster, **{**cluster.inputs, "resourceLabels": {"team": "a"}})

    assert updated["endpoint"] == cluster["endpoint"] == plane(inventory).address
    assert updated["masterAuth"] == cluster["masterAuth"]


def test_a_deleted_cluster_takes_its_control_plane_along(google: GoogleProject, inventory: Inventory):
    cluster = google.cluster("main")
    google.node_pool(cluster, nodeConfig={"machineType": "e2-standard-4"}, initialNodeCount=1)
    google.engine.delete(cluster)

    assert planes.control_planes(inventory.path.parent) == []
    assert inventory.list(type=NODE_POOL) == []


def test_a_deleted_resource_group_takes_the_control_plane_along(azure: ClusterGround, inventory: Inventory):
    azure.cluster()
    azure.subscription.engine.delete(azure.subscription.group)

    assert planes.control_planes(inventory.path.parent) == []
    assert inventory.list(type=AZURE_CLUSTER) == []


def test_a_replaced_cluster_is_a_fresh_one(google: GoogleProject, inventory: Inventory):
    before = google.cluster("main")
    google.engine.delete(before)
    after = google.cluster("main")

    assert after["masterAuth"] != before["masterAuth"]
    assert plane(inventory).certificate == after["masterAuth"]["clusterCaCertificate"]


def test_a_cluster_whose_control_plane_does_not_start_does_not_exist(
    google: GoogleProject, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
):
    def fail(_: ControlPlane) -> None:
        raise ControlPlaneError("etcd ended")

    monkeypatch.setattr(ControlPlane, "start", fail)

    with pytest.raises(Refused, match="etcd ended"):
        google.cluster("main")
    assert planes.control_planes(inventory.path.parent) == []
    assert inventory.list(type=CLUSTER) == []


def test_a_cluster_that_is_there_already_keeps_its_control_plane(google: GoogleProject, inventory: Inventory):
    google.cluster("main")
    before = plane(inventory).certificate

    with pytest.raises(Refused, match="already"):
        google.cluster("main")
    assert plane(inventory).certificate == before


def test_a_cluster_of_a_machine_that_nobody_knows_does_not_exist(google: GoogleProject, inventory: Inventory):
    with pytest.raises(Refused, match="how large x9-mega-4 is"):
        google.cluster("main", removeDefaultNodePool=False, nodeConfig={"machineType": "x9-mega-4"})
    assert planes.control_planes(inventory.path.parent) == []


def test_what_an_interrupted_creation_left_is_ended_with_the_next(google: GoogleProject, inventory: Inventory):
    google.cluster("main")
    [row] = inventory.list(type=CLUSTER)
    inventory.delete(row)
    record = plane(inventory).folder / "cluster.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "maker": 2**22 + 1}))

    google.cluster("other")

    assert plane(inventory).name.startswith("other-")


def test_what_an_interrupted_creation_left_is_ended_by_the_next_rehearsal(google: GoogleProject, inventory: Inventory):
    google.cluster("main")
    record = plane(inventory).folder / "cluster.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "maker": 2**22 + 1}))

    control_planes.end_abandoned(inventory.path.parent)
    assert plane(inventory).name.startswith("main-")

    [row] = inventory.list(type=CLUSTER)
    inventory.delete(row)
    control_planes.end_abandoned(inventory.path.parent)
    assert planes.control_planes(inventory.path.parent) == []


def test_a_creation_that_goes_on_elsewhere_is_left_alone(google: GoogleProject, inventory: Inventory):
    google.cluster("main")
    [row] = inventory.list(type=CLUSTER)
    inventory.delete(row)

    cluster_ends.end_abandoned(inventory.path.parent, lambda kind, identity: False)

    assert plane(inventory).name.startswith("main-")


def test_a_node_pool_of_gke_brings_nodes_and_takes_them_along(google: GoogleProject, inventory: Inventory):
    cluster = google.cluster("main", nodeLocations=["europe-west4-a"])
    state = google.node_pool(cluster, nodeConfig={"machineType": "e2-standard-4"}, nodeCount=2)
    name = state["name"]

    assert [(one.name, one.count, one.zones) for one in pools(inventory).values()] == [(name, 2, ("europe-west4-a",))]
    google.engine.update(state, **{**state.inputs, "nodeCount": 3})
    assert pools(inventory)[name].count == 3
    google.engine.delete(state)
    assert pools(inventory) == {}


def test_a_node_pool_that_is_refused_brings_no_nodes(google: GoogleProject, inventory: Inventory):
    cluster = google.cluster("main")
    state = google.node_pool(cluster, nodeConfig={"machineType": "e2-standard-4"}, nodeCount=2)

    with pytest.raises(Refused, match="how large x9-mega-4 is"):
        google.node_pool(cluster, "other", nodeConfig={"machineType": "x9-mega-4"})
    assert list(pools(inventory)) == [state["name"]]
    assert [row.id for row in inventory.list(type=NODE_POOL)] == [state.id]


def test_a_cluster_of_aks_brings_its_own_pools_and_has_others_beside_it(azure: ClusterGround, inventory: Inventory):
    cluster = azure.cluster()
    usual = {"resourceName": "aks", "agentPoolName": "apps", "mode": "User", "vmSize": "Standard_D4s_v5", "count": 1}
    azure.subscription.create(AGENT_POOL, "apps", **usual, vnetSubnetID=azure.nodes.id)

    assert set(pools(inventory)) == {"system", "apps"}
    azure.subscription.engine.update(cluster, **{**cluster.inputs, "agentPoolProfiles": [azure.pool(count=3)]})
    assert {name: pool.count for name, pool in pools(inventory).items()} == {"system": 3, "apps": 1}


def test_the_autoscaler_of_oke_says_what_pools_may_grow_to(oracle: OracleTenancy, inventory: Inventory):
    vcn = oracle.vcn()
    cluster = oracle.cluster(vcn)
    state = oracle.pool(cluster, oracle.subnet(vcn, "10.0.0.0/20"))
    given: list[dict[str, Any]] = [{"key": "nodes", "value": f"2:5:{state.id}"}]

    assert pools(inventory)[state.id].limits is None
    addon = oracle.create(ADDON, "a", clusterId=cluster.id, addonName="ClusterAutoscaler", configurations=given)
    assert pools(inventory)[state.id].limits == (2, 5)
    oracle.engine.delete(addon)
    assert pools(inventory)[state.id].limits is None
