"""Paths of `ignoreChanges` that match no input."""

import pytest

CLUSTER = "gcp:container/cluster:Cluster"
MANAGED_CLUSTER = "azure-native:containerservice:ManagedCluster"


@pytest.mark.parametrize(
    ("path", "finding"),
    [
        ("node_config", '"node_config" matches no input, "node_config" is none; did you mean "nodeConfig"?'),
        (
            "nodeConfig.machine_type",
            '"nodeConfig.machine_type" matches no input, "machine_type" is none; did you mean "machineType"?',
        ),
        ("nodeConfig.machineType.size", '"nodeConfig.machineType.size" goes on below a plain value'),
        (
            "nodeConfig.taints[*].keyy",
            '"nodeConfig.taints[*].keyy" matches no input, "keyy" is none; did you mean "key"?',
        ),
    ],
)
def test_a_path_that_matches_nothing_is_reported(report, path, finding):
    assert report(CLUSTER, {}, (path,)) == [f"ignoreChanges: {finding}"]


@pytest.mark.parametrize(
    "path",
    ["nodeConfig", "nodeConfig.taints[0].key", 'resourceLabels["a.b"]', "resourceLabels.team", "nodeConfig.*", "*"],
)
def test_a_path_that_matches_an_input_passes(report, path):
    assert report(CLUSTER, {}, (path,)) == []


def test_a_path_below_every_element_of_a_list_passes(report):
    inputs = {"resourceGroupName": "rg"}

    assert report(MANAGED_CLUSTER, inputs, ("agentPoolProfiles[*].count",)) == []
    assert len(report(MANAGED_CLUSTER, inputs, ("agentPoolProfiles[*].cuont",))) == 1


def test_every_wrong_path_is_reported(report):
    assert len(report(CLUSTER, {}, ("node_config", "node_pools"))) == 2
