"""What an environment costs and survives, read from the plans: dev is cheap, prod does not hang on one zone."""

from typing import Any

import pytest

from tests.mock_engine import Deployed, Registration
from tests.plans import committed_plan

CLOUDS = ("gke", "aks", "oke")
RELEASE = "kubernetes:helm.sh/v3:Release"
POOLS = {
    "gcp:container/nodePool:NodePool",
    "azure-native:containerservice:AgentPool",
    "oci:ContainerEngine/nodePool:NodePool",
}
AKS_CLUSTER = "azure-native:containerservice:ManagedCluster"
DATABASES = {
    "gcp:sql/databaseInstance:DatabaseInstance",
    "azure-native:dbforpostgresql:Server",
    "oci:Psql/dbSystem:DbSystem",
}

ALONE = {
    "loki compactor": "merges index files in the background and catches up; nothing is read or written through it",
    "alloy-events controller": "two would send every event twice; a new pod starts with those of the last hour",
    "jaeger jaeger": "its volume takes one pod; the collector queues spans meanwhile, and `traces.store` is for more",
    "recurring-task": "the clock calls one pod; what was due meanwhile is done by the next call",
}
"""Releases and their parts that run once even in prod, and why that is no point of failure for what users do."""


def of_types(plan: Deployed, types: set[str]) -> list[Registration]:
    return [found for type_ in sorted(types) for found in plan.of_type(type_)]


def pools(plan: Deployed) -> dict[str, dict[str, Any]]:
    """Every pool of nodes, by name, the one that an AKS cluster is created with included."""
    found = {pool.name: pool.inputs for pool in of_types(plan, POOLS)}
    for cluster in plan.of_type(AKS_CLUSTER):
        found |= {profile["name"]: profile for profile in cluster.inputs["agentPoolProfiles"]}
    return found


def zones(plan: Deployed, pool: dict[str, Any]) -> set[str]:
    """The zones that the nodes of a pool stand in."""
    if "availabilityZones" in pool:
        return set(pool["availabilityZones"])
    if "nodeConfigDetails" in pool:
        return {place["availabilityDomain"] for place in pool["nodeConfigDetails"]["placementConfigs"]}
    return set(pool.get("nodeLocations") or plan.only("gcp:container/cluster:Cluster").inputs["nodeLocations"])


def fewest(plan: Deployed, name: str, pool: dict[str, Any]) -> int:
    """The fewest nodes of a pool."""
    if "autoscaling" in pool:
        return pool["autoscaling"]["totalMinNodeCount"]
    if "minCount" in pool:
        return pool["minCount"]
    return pool["nodeConfigDetails"]["size"]


def replicas(values: Any, path: str = "") -> dict[str, int]:
    """Every number of replicas in the values of a release, by where it stands, without what is switched off."""
    found: dict[str, int] = {}
    if isinstance(values, dict) and values.get("enabled") is not False:
        for key, value in values.items():
            if key in ("replicas", "replicaCount") and value:
                found[path] = value
            found |= replicas(value, f"{path}.{key}".strip("."))
    return found


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_nodes_of_dev_stand_in_one_zone(cloud: str):
    plan = committed_plan(f"{cloud}-dev")

    assert {name: len(zones(plan, pool)) for name, pool in pools(plan).items()} == dict.fromkeys(pools(plan), 1)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_dev_starts_with_one_node(cloud: str):
    plan = committed_plan(f"{cloud}-dev")

    assert [fewest(plan, name, pool) for name, pool in pools(plan).items()] == [1]


@pytest.mark.parametrize("name", ["gke-dev", "gke-staging", "aks-dev", "aks-staging", "oke-dev", "oke-staging"])
def test_spare_capacity_is_used_where_its_cloud_lets_every_pod_on_it(name: str):
    plan = committed_plan(name)
    spot = {found for found, pool in pools(plan).items() if _is_spot(pool)}

    # AKS and OKE taint such nodes: nothing of ours would run on what is paid for.
    assert spot == ({"pools-system"} if name == "gke-dev" else {"pools-apps"} if name == "gke-staging" else set())


@pytest.mark.parametrize("cloud", CLOUDS)
def test_dev_pays_for_no_database_and_for_nothing_twice(cloud: str):
    plan = committed_plan(f"{cloud}-dev")

    assert of_types(plan, DATABASES) == []
    for release in plan.of_type(RELEASE):
        if not release.name.startswith("todo-"):
            assert {name: count for name, count in replicas(release.inputs["values"]).items() if count > 1} == {}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_nodes_of_prod_stand_in_three_zones_one_in_each_at_least(cloud: str):
    plan = committed_plan(f"{cloud}-prod")

    assert pools(plan)
    for name, pool in pools(plan).items():
        assert len(zones(plan, pool)) == 3, name
        assert fewest(plan, name, pool) >= 3, name


@pytest.mark.parametrize("cloud", CLOUDS)
def test_everything_that_prod_runs_is_there_twice(cloud: str):
    plan = committed_plan(f"{cloud}-prod")

    for release in plan.of_type(RELEASE):
        found = replicas(release.inputs["values"])
        alone = {f"{release.inputs['name']} {name}".strip() for name, count in found.items() if count == 1}
        assert alone <= set(ALONE)


def test_the_control_planes_of_prod_outlive_a_zone():
    gke, aks = committed_plan("gke-prod"), committed_plan("aks-prod")

    # A region, not a zone. Oracle spreads every control plane over its fault and availability domains by itself.
    assert gke.only("gcp:container/cluster:Cluster").inputs["location"] == "europe-west1"
    assert aks.only(AKS_CLUSTER).inputs["sku"] == {"name": "Base", "tier": "Standard"}


def test_the_databases_of_prod_have_a_standby_in_another_zone():
    gke, aks, oke = (committed_plan(f"{cloud}-prod") for cloud in CLOUDS)

    settings = gke.only("gcp:sql/databaseInstance:DatabaseInstance").inputs["settings"]
    assert settings["availabilityType"] == "REGIONAL"
    assert aks.only("azure-native:dbforpostgresql:Server").inputs["highAvailability"]["mode"] == "ZoneRedundant"
    system = oke.only("oci:Psql/dbSystem:DbSystem").inputs
    assert (system["instanceCount"], system["storageDetails"]["isRegionallyDurable"]) == (3, True)


def test_the_stores_of_prod_outlive_a_zone():
    aks = committed_plan("aks-prod")

    # A bucket in a region of Google or Oracle has no other form.
    skus = {account.inputs["sku"]["name"] for account in aks.of_type("azure-native:storage:StorageAccount")}
    assert skus <= {"Standard_ZRS", "Standard_GZRS"}
    registry = aks.only("azure-native:containerregistry:Registry").inputs
    assert (registry["sku"], registry["zoneRedundancy"]) == ({"name": "Premium"}, "Enabled")


def _is_spot(pool: dict[str, Any]) -> bool:
    places = pool.get("nodeConfigDetails", {}).get("placementConfigs", [])
    return (
        pool.get("nodeConfig", {}).get("spot") is True
        or pool.get("scaleSetPriority") == "Spot"
        or any(place.get("preemptibleNodeConfig") for place in places)
    )
