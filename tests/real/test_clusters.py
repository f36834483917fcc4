"""Clusters of the rehearsed clouds with a real Kubernetes API behind them."""

import base64
import json
import os
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml

from components.gke.api_access import render_kubeconfig as gke_kubeconfig
from components.oke.api_access import render_kubeconfig as oke_kubeconfig
from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane.api_client import ApiClient, read_kubeconfig
from rehearsal.control_plane.clusters import left_behind, local_context
from rehearsal.control_plane.pools.pool_nodes import PoolNodes
from rehearsal.places import CLONE
from rehearsal.providers.gcp.provider import GcpProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.fake_engine import Engine
from tests.unit.rehearsal.providers.google_project import GoogleProject
from tests.unit.rehearsal.providers.oracle_tenancy import TENANCY, OracleTenancy

KUBECONFIG = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"
CONFIG = {"machineType": "e2-standard-4", "labels": {"team": "a"}}
_SECONDS = 20.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A rehearsal on a real API, of which nothing runs afterwards."""
    monkeypatch.setenv("REHEARSAL_API", "real")
    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path))
    yield tmp_path
    for plane in planes.control_planes(tmp_path):
        plane.wipe()


def version(home: Path, kubeconfig: str) -> str:
    """What the API server says about itself to a client that has the kubeconfig alone."""
    content = yaml.safe_load(kubeconfig)
    cluster, plugin = content["clusters"][0]["cluster"], content["users"][0]["user"]["exec"]
    variables = {
        **os.environ,
        "PATH": f"{CLONE / 'rehearsal' / 'stand_ins'}{os.pathsep}{os.environ['PATH']}",
        "KUBERNETES_EXEC_INFO": json.dumps({"apiVersion": plugin["apiVersion"], "spec": {}}),
    }
    command = [plugin["command"], *plugin.get("args", [])]
    said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    request = urllib.request.Request(
        f"{cluster['server']}/apis", headers={"Authorization": f"Bearer {json.loads(said)['status']['token']}"}
    )
    authority = cluster.get("certificate-authority-data")
    trusted = ssl.create_default_context(cafile=str(planes.trusted(home)))
    if authority:
        trusted = ssl.create_default_context(cadata=base64.b64decode(authority).decode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted))
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)["kind"]


def soon(look: Callable[[], Any], wanted: Any) -> None:
    """Controllers take their moment."""
    end = time.monotonic() + _SECONDS
    while look() != wanted and time.monotonic() < end:
        time.sleep(0.1)
    assert look() == wanted


def nodes(client: ApiClient) -> list[tuple[str, str, bool]]:
    """Zone, team and readiness of each."""
    found: list[tuple[str, str, bool]] = []
    for node in client.get("/api/v1/nodes")["items"]:
        labels, conditions = node["metadata"]["labels"], node["status"].get("conditions") or []
        ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
        found.append((labels["topology.kubernetes.io/zone"][-1], labels.get("team", ""), ready))
    return sorted(found)


def test_a_cluster_of_gke_lives_from_its_creation_to_its_end(home: Path):
    inventory = Inventory(home / "inventory.sqlite")
    project = GoogleProject(Engine(GcpProvider(inventory), {"project": "acme-dev", "region": "europe-west4"}))
    cluster = project.cluster("main", nodeLocations=["europe-west4-a", "europe-west4-b"])
    [plane] = planes.control_planes(home)
    client = ApiClient(read_kubeconfig(plane.kubeconfig))

    name = cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"]
    assert version(home, gke_kubeconfig(f"https://{name}", None)) == "APIGroupList"
    authority = cluster["masterAuth"]["clusterCaCertificate"]
    assert version(home, gke_kubeconfig(f"https://{cluster['endpoint']}", authority)) == "APIGroupList"
    classes = client.get("/apis/storage.k8s.io/v1/storageclasses")["items"]
    assert {one["metadata"]["name"] for one in classes} == {"standard", "standard-rwo", "premium-rwo"}
    assert client.get("/apis/snapshot.storage.k8s.io/v1/volumesnapshots")["items"] == []
    assert client.get("/api/v1/namespaces/kube-system/services/kube-dns")["spec"]["clusterIP"] == "10.96.0.10"
    assert nodes(client) == []
    assert left_behind.found(plane) == []

    pool = project.node_pool(cluster, nodeConfig=CONFIG, nodeCount=2)
    soon(lambda: nodes(client), [("a", "a", True), ("a", "a", True), ("b", "a", True), ("b", "a", True)])
    taints = [{"key": "only", "value": "x", "effect": "NO_SCHEDULE"}]
    changed = {**CONFIG, "labels": {"team": "b"}, "taints": taints}
    pool = project.engine.update(pool, **{**pool.inputs, "nodeConfig": changed, "nodeCount": 1})
    soon(lambda: nodes(client), [("a", "b", True), ("b", "b", True)])
    tainted = [node["spec"]["taints"] for node in client.get("/api/v1/nodes")["items"]]
    assert tainted == [[{"key": "only", "value": "x", "effect": "NoSchedule"}]] * 2
    with PoolNodes(plane.kubeconfig) as kept:
        assert [one.most for one in kept.pools().values()] == [2]
    project.engine.delete(pool)
    assert nodes(client) == []

    forgotten = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "forgotten"}}
    client.create("/api/v1/namespaces/default/configmaps?fieldManager=somebody", forgotten)
    client.close()
    project.engine.delete(cluster)
    assert left_behind.told(home) == [
        f"What was left in the cluster {cluster.id} when it was deleted:",
        "  ConfigMap default/forgotten",
    ]
    assert left_behind.told(home) == []
    assert planes.control_planes(home) == []
    assert not plane.running


def test_a_cluster_of_oke_takes_its_own_token_alone(home: Path):
    inventory = Inventory(home / "inventory.sqlite")
    oracle = OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))
    cluster = oracle.cluster(oracle.vcn())
    given = oracle.engine.invoke(KUBECONFIG, clusterId=cluster.id, endpoint="PRIVATE_ENDPOINT")["content"]

    assert version(home, oke_kubeconfig(given, cluster.id, "eu-frankfurt-1")) == "APIGroupList"
    with pytest.raises(HTTPError, match="401"):
        version(home, oke_kubeconfig(given, cluster.id, "eu-paris-1"))
    with pytest.raises(HTTPError, match="401"):
        version(home, oke_kubeconfig(given, f"{cluster.id}b", "eu-frankfurt-1"))


def test_a_local_stack_finds_the_cluster_of_its_context(home: Path):
    file = local_context.ensure(home, "kind-groundwork")

    assert file == local_context.ensure(home, "kind-groundwork")
    content = json.loads(file.read_text())
    assert (content["current-context"], content["contexts"][0]["name"]) == ("kind-groundwork", "kind-groundwork")
    client = ApiClient(read_kubeconfig(file))
    [node] = client.get("/api/v1/nodes")["items"]
    assert (node["metadata"]["name"], node["spec"]["providerID"]) == (
        "groundwork-control-plane",
        "kind://docker/groundwork/groundwork-control-plane",
    )
    [storage] = client.get("/apis/storage.k8s.io/v1/storageclasses")["items"]
    assert (storage["metadata"]["name"], storage["provisioner"]) == ("standard", "rancher.io/local-path")
    assert storage["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    client.close()
