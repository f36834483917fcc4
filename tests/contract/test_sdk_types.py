"""Inputs against the types of the installed SDKs."""

from importlib.metadata import version
from typing import Any

import pytest
from contract_check.wire import UNKNOWN, Opaque, Secret

CLUSTER = "gcp:container/cluster:Cluster"
FIREWALL = "gcp:compute/firewall:Firewall"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
MANAGED_CLUSTER = "azure-native:containerservice:ManagedCluster"


def deployment(**container: Any) -> dict[str, Any]:
    labels = {"app": "todo"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "todo"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "todo", "image": "todo:1", **container}]},
            },
        },
    }


def test_a_misspelt_nested_key_names_the_one_that_was_meant(report):
    found = report(CLUSTER, {"privateClusterConfig": {"enablePrivateNode": True}})

    assert found == [
        "privateClusterConfig.enablePrivateNode: privateClusterConfig has no such property;"
        ' did you mean "enablePrivateNodes"?'
    ]


def test_a_nested_key_in_snake_case_names_its_wire_form(report):
    found = report(CLUSTER, {"privateClusterConfig": {"enable_private_nodes": True}})

    assert found == [
        "privateClusterConfig.enable_private_nodes: privateClusterConfig has no such property;"
        ' did you mean "enablePrivateNodes"?'
    ]


def test_a_key_that_resembles_nothing_gets_no_suggestion(report):
    assert report(CLUSTER, {"zebra": 1}) == [f"zebra: {CLUSTER} has no such property"]


def test_a_missing_required_input_is_reported_at_the_top_and_below(report):
    found = report(FIREWALL, {"allows": [{"ports": ["443"]}]})

    assert found == ["allows[0].protocol: allows[0] requires it", f"network: {FIREWALL} requires it"]


def test_an_unknown_required_input_is_there(report):
    assert report(FIREWALL, {"network": UNKNOWN, "allows": [{"protocol": UNKNOWN}]}) == []


@pytest.mark.parametrize(
    ("inputs", "finding"),
    [
        ({"location": 3.0}, "location: expected a string, got a number"),
        ({"location": True}, "location: expected a string, got a boolean"),
        ({"initialNodeCount": "1"}, "initialNodeCount: expected an integer, got a string"),
        ({"initialNodeCount": True}, "initialNodeCount: expected an integer, got a boolean"),
        ({"initialNodeCount": 1.5}, "initialNodeCount: expected an integer, got a number with a fraction"),
        ({"deletionProtection": "true"}, "deletionProtection: expected a boolean, got a string"),
        ({"deletionProtection": 1.0}, "deletionProtection: expected a boolean, got a number"),
        ({"nodeLocations": "europe-west1-b"}, "nodeLocations: expected a list, got a string"),
        ({"nodeLocations": ["europe-west1-b", 2.0]}, "nodeLocations[1]: expected a string, got a number"),
        ({"resourceLabels": ["a"]}, "resourceLabels: expected a map, got a list"),
        ({"resourceLabels": {"a.b": 1.0}}, 'resourceLabels["a.b"]: expected a string, got a number'),
        ({"addonsConfig": [{}]}, "addonsConfig: expected a map, got a list"),
        ({"location": Opaque("an asset")}, None),
    ],
)
def test_a_value_of_the_wrong_kind_is_reported(report, inputs, finding):
    assert report(CLUSTER, inputs) == ([finding] if finding else [])


@pytest.mark.parametrize(
    "inputs",
    [
        {"initialNodeCount": 1.0},
        {"initialNodeCount": 1},
        {"deletionProtection": False},
        {"nodeLocations": ["europe-west1-b", UNKNOWN]},
        {"nodeLocations": []},
        {"resourceLabels": {"team": "platform", "owner": None}},
        {"location": None},
        {"__defaults": ["name"], "__name": 3.0},
    ],
)
def test_a_value_of_the_right_kind_passes(report, inputs):
    assert report(CLUSTER, inputs) == []


def test_known_siblings_of_an_unknown_value_are_checked(report):
    found = report(CLUSTER, {"network": UNKNOWN, "nodeConfig": {"serviceAccount": UNKNOWN, "diskSizeGb": "100"}})

    assert found == ["nodeConfig.diskSizeGb: expected an integer, got a string"]


def test_an_unknown_block_is_skipped_whole(report):
    assert report(CLUSTER, {"nodeConfig": UNKNOWN, "nodeLocations": UNKNOWN}) == []


def test_secret_values_are_checked_and_not_shown(report):
    found = report(CLUSTER, {"location": Secret(3.0), "datapathProvider": Secret("hunter2")})

    assert found[0] == "location: expected a string, got a number"
    assert found[1].startswith("datapathProvider: the secret value is not one of DATAPATH_PROVIDER_UNSPECIFIED")
    assert "hunter2" not in "".join(found)


def test_nothing_below_a_secret_map_is_shown(report):
    found = report(CLUSTER, {"releaseChannel": Secret({"channel": "hunter2"})})

    assert found[0].startswith("releaseChannel.channel: the secret value is not one of")
    assert "hunter2" not in "".join(found)


def test_a_secret_of_the_right_kind_passes(report):
    assert report(CLUSTER, {"location": Secret("europe-west1"), "releaseChannel": Secret({"channel": "STABLE"})}) == []


def test_kubernetes_objects_are_checked_at_any_depth(report):
    found = report(DEPLOYMENT, deployment(env=[{"name": "MODE", "valeu": "x"}], ports=[{"containerPort": "80"}]))

    assert found == [
        "spec.template.spec.containers[0].env[0].valeu: spec.template.spec.containers[0].env[0] has no such property;"
        ' did you mean "value"?',
        "spec.template.spec.containers[0].ports[0].containerPort: expected an integer, got a string",
    ]


def test_an_api_version_that_is_not_the_types_own_is_reported(report):
    inputs = {**deployment(), "apiVersion": "apps/v1beta1"}

    assert report(DEPLOYMENT, inputs) == ['apiVersion: "apps/v1beta1" is not one of apps/v1; did you mean "apps/v1"?']


@pytest.mark.parametrize("port", ["http", 80.0])
def test_int_or_string_takes_either(report, port):
    assert report(DEPLOYMENT, deployment(livenessProbe={"httpGet": {"path": "/", "port": port}})) == []


def test_int_or_string_takes_nothing_else(report):
    found = report(DEPLOYMENT, deployment(livenessProbe={"httpGet": {"path": "/", "port": True}}))

    assert found == [
        "spec.template.spec.containers[0].livenessProbe.httpGet.port: expected an integer or a string, got a boolean"
    ]


def test_an_unknown_value_of_an_azure_enum_is_reported(report):
    found = report(MANAGED_CLUSTER, {"resourceGroupName": "rg", "sku": {"name": "Base", "tier": "Standart"}})

    assert found == ['sku.tier: "Standart" is not one of Premium, Standard, Free; did you mean "Standard"?']


def test_a_known_value_of_an_azure_enum_passes(report):
    assert report(MANAGED_CLUSTER, {"resourceGroupName": "rg", "sku": {"name": "Base", "tier": "Standard"}}) == []


def test_a_type_that_its_package_lacks_is_reported(report):
    assert report("gcp:container/cluster:Clustr", {}) == [
        f"pulumi-gcp {version('pulumi-gcp')} has no resource type gcp:container/cluster:Clustr;"
        ' did you mean "gcp:container/cluster:Cluster"?'
    ]


@pytest.mark.parametrize(
    "token",
    ["groundwork:index:Loki", "pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", "pulumi-python:dynamic:Resource"],
)
def test_components_and_the_engines_own_types_are_skipped(report, token):
    assert report(token, {"anything": {"at": ["all"]}}) == []


def test_a_provider_is_checked_in_the_json_form_that_the_sdk_sends(report):
    inputs = {
        "project": "example",
        "version": "10.2.0",
        "batching": '{"sendAfter": "3s", "enableBatchin": true}',
        "disableGooglePartnerName": "maybe",
    }

    assert report("pulumi:providers:gcp", inputs) == [
        'batching.enableBatchin: batching has no such property; did you mean "enableBatching"?',
        "disableGooglePartnerName: expected a boolean, got a string",
    ]


def test_a_provider_as_the_program_makes_it_passes(report):
    inputs = {"kubeconfig": Secret(UNKNOWN), "clusterIdentifier": "gke-dev", "enableServerSideApply": "true"}

    assert report("pulumi:providers:kubernetes", inputs) == []


def test_an_asset_is_no_scalar_and_a_scalar_is_no_asset(report):
    token = "gcp:storage/bucketObject:BucketObject"

    assert report(token, {"bucket": "b", "source": Opaque("an asset")}) == []
    assert report(token, {"bucket": "b", "source": "text"}) == ["source: expected an asset, got a string"]


def test_what_a_class_has_a_default_for_is_still_required_on_the_wire(report):
    window = {"schedule": {"daily": {"intervalDays": 1.0}}, "startTime": "02:00"}
    inputs = {"resourceGroupName": "g", "resourceName": "c", "maintenanceWindow": window}

    assert report("azure-native:containerservice:MaintenanceConfiguration", inputs) == [
        "maintenanceWindow.durationHours: maintenanceWindow requires it"
    ]
