"""Inputs against the sourced tables of closed values, names and ranges."""

import json
from typing import Any

import pytest
from contract_check.check import check_resource
from contract_check.tables import FOLDER, check_tables
from contract_check.wire import UNKNOWN, Secret

TABLES = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}
CLOSED_SETS = [
    (token, path, allowed)
    for table in TABLES.values()
    for token, rules in table.items()
    for path, allowed in rules.get("values", {}).items()
]
BUCKET = "gcp:storage/bucket:Bucket"
CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
MEMBER = "gcp:projects/iAMMember:IAMMember"


def test_a_value_outside_a_closed_set_is_reported_with_its_source(report):
    found = report("gcp:compute/network:Network", {"routingMode": "GLOBAAL"})

    assert found == [
        'routingMode: "GLOBAAL" is not one of REGIONAL, GLOBAL (provider schema validation); did you mean "GLOBAL"?'
    ]


def test_a_value_of_a_closed_set_passes(report):
    assert report("gcp:compute/network:Network", {"routingMode": "GLOBAL"}) == []


def test_a_closed_set_holds_for_every_element_of_a_list(report):
    inputs = {"location": "EU", "cluster": "c", "nodeConfig": {"kubeletConfig": {"cpuManagerPolicy": "statik"}}}

    assert report(NODE_POOL, inputs) == [
        'nodeConfig.kubeletConfig.cpuManagerPolicy: "statik" is not one of static, none'
        ' (provider schema validation; SDK docstring); did you mean "static"?'
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("google-logs", '"google-logs" matches ^goog, which is refused'),
        ("my-google-logs", '"my-google-logs" matches google, which is refused'),
        ("10.0.0.1", r'"10.0.0.1" matches ^\d+\.\d+\.\d+\.\d+$, which is refused'),
        ("Logs", '"Logs" does not match ^[a-z0-9][a-z0-9_.-]*[a-z0-9]$'),
        ("ab", '"ab" has 2 characters, at least 3 are needed'),
        ("a" * 64, f'"{"a" * 60}..." matches [^.]{{64}}, which is refused'),
        ("a." * 112, f'"{"a." * 30}..." has 224 characters, at most 222 are allowed'),
    ],
)
def test_a_bucket_name_that_the_vendor_refuses_is_reported(report, name, problem):
    source = "terraform-provider-google CheckGCSName and cloud.google.com/storage/docs/buckets#naming"

    assert report(BUCKET, {"location": "EU", "name": name}) == [f"name: {problem} ({source})"]


@pytest.mark.parametrize("name", ["example-groundwork-dev-logs", "a_b.c-1", "a" * 63, f"{'a' * 63}.{'b' * 63}"])
def test_a_bucket_name_that_the_vendor_takes_passes(report, name):
    assert report(BUCKET, {"location": "EU", "name": name}) == []


def test_a_secret_or_unknown_name_is_never_shown(report):
    assert "goog" not in report(BUCKET, {"location": "EU", "name": Secret("google-logs")})[0].partition("matches")[0]
    assert report(BUCKET, {"location": "EU", "name": UNKNOWN}) == []


@pytest.mark.parametrize(
    "member",
    [
        "serviceAccount:nodes@example.iam.gserviceaccount.com",
        "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/ns/a/sa/b",
        "allUsers",
    ],
)
def test_a_member_with_a_principal_type_passes(report, member):
    assert report(MEMBER, {"project": "p", "role": "roles/viewer", "member": member}) == []


def test_a_member_without_a_principal_type_is_reported(report):
    inputs = {"project": "p", "role": "roles/viewer", "member": "nodes@example.iam.gserviceaccount.com"}

    assert report(MEMBER, inputs)[0].startswith('member: "nodes@example.iam.gserviceaccount.com" does not match')


@pytest.mark.parametrize(("priority", "findings"), [(65536.0, 1), (-1.0, 1), (0.0, 0), (65535.0, 0)])
def test_a_number_outside_its_range_is_reported(report, priority, findings):
    assert len(report("gcp:compute/firewall:Firewall", {"network": "n", "priority": priority})) == findings


@pytest.mark.parametrize(("count", "findings"), [(10, []), (11, ["the number of elements is above the maximum of 10"])])
def test_a_list_longer_than_allowed_is_reported(report, count, findings):
    inputs = {"network": "n", "targetServiceAccounts": [f"a{i}@example.com" for i in range(count)]}

    assert report("gcp:compute/firewall:Firewall", inputs) == [f"targetServiceAccounts: {text}" for text in findings]


def test_a_rule_without_a_checked_source_only_warns():
    [found] = check_resource("gcp:secretmanager/secret:Secret", {"replication": {}, "secretId": "no spaces please"})

    assert found.advisory
    assert found.path == "secretId"


def test_a_node_pool_name_has_at_most_forty_characters(report):
    assert report(NODE_POOL, {"cluster": "c", "name": "a" * 40}) == []
    assert len(report(NODE_POOL, {"cluster": "c", "name": "a" * 41})) == 1


@pytest.mark.parametrize(("name", "findings"), [("loki", 0), ("a" * 53, 0), ("a" * 54, 1), ("Loki", 1)])
def test_a_release_name_follows_helms_rules(report, name, findings):
    inputs = {"chart": "prometheus-operator-crds", "version": "31.0.1", "name": name}

    assert len(report("kubernetes:helm.sh/v3:Release", inputs)) == findings


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        ("containerservice:MaintenanceConfiguration", {"resourceName": "c", "configName": "weekends"}, "configName"),
        (
            "containerservice:MaintenanceConfiguration",
            {"resourceName": "c", "maintenanceWindow": {"durationHours": 3.0, "schedule": {}, "startTime": "02:00"}},
            "maintenanceWindow.durationHours",
        ),
        ("containerregistry:Task", {"registryName": "acme", "taskName": "tidy"}, "taskName"),
        ("containerregistry:Task", {"registryName": "acme", "timeout": 100.0}, "timeout"),
        (
            "containerregistry:Task",
            {"registryName": "acme", "trigger": {"timerTriggers": [{"name": "weekly", "schedule": "@weekly"}]}},
            "trigger.timerTriggers[0].schedule",
        ),
        (
            "network:FlowLog",
            {"networkWatcherName": "w", "storageId": "s", "targetResourceId": "t", "format": {"type": "CSV"}},
            "format.type",
        ),
        ("dbforpostgresql:Server", {"backup": {"backupRetentionDays": 3.0}}, "backup.backupRetentionDays"),
        ("storage:BlobServiceProperties", {"accountName": "a", "blobServicesName": "logs"}, "blobServicesName"),
        (
            "storage:BlobServiceProperties",
            {"accountName": "a", "deleteRetentionPolicy": {"enabled": True, "days": 366.0}},
            "deleteRetentionPolicy.days",
        ),
        (
            "storage:BlobServiceProperties",
            {"accountName": "a", "containerDeleteRetentionPolicy": {"enabled": True, "days": 0.0}},
            "containerDeleteRetentionPolicy.days",
        ),
        (
            "keyvault:Vault",
            {
                "properties": {
                    "tenantId": "t",
                    "sku": {"family": "A", "name": "standard"},
                    "softDeleteRetentionInDays": 6.0,
                }
            },
            "properties.softDeleteRetentionInDays",
        ),
    ],
)
def test_what_azure_would_refuse_or_ignore_is_an_error(token: str, inputs: dict[str, object], path: str):
    [found] = check_resource(f"azure-native:{token}", {"resourceGroupName": "g", **inputs})

    assert (found.path, found.advisory) == (path, False)


def _inputs(path: str, value: Any) -> dict[str, Any]:
    """Inputs that hold a value at a path of a table."""
    for step in reversed(path.split(".")):
        name = step.removesuffix("[*]")
        value = {name: value if name == step else [value]}
    return value


@pytest.mark.parametrize(
    ("token", "path", "allowed"), CLOSED_SETS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_closed_set_holds_for_a_text_and_for_each_text_of_a_list(token: str, path: str, allowed: list[str]):
    found = [one.path for one in check_tables(token, _inputs(path, ["no-such-value", *allowed]))]
    alone = [one.path for one in check_tables(token, _inputs(path, "no-such-value"))]

    at = path.replace("[*]", "[0]")
    assert f"{at}[0]" in found
    assert [one for one in found if one != f"{at}[0]"] == []
    assert at in alone


@pytest.mark.parametrize(
    ("inputs", "problems"),
    [
        ({"loggingConfig": {"enableComponents": ["WORKLOADS", "NODES"]}}, ["loggingConfig.enableComponents[1]"]),
        ({"monitoringConfig": {"enableComponents": ["POD", "HPA"]}}, []),
        ({"monitoringConfig": {"enableComponents": [Secret("NODES")]}}, ["monitoringConfig.enableComponents[0]"]),
        ({"monitoringConfig": {"enableComponents": [UNKNOWN]}}, []),
    ],
)
def test_what_a_list_may_hold_is_checked_element_by_element(inputs: dict[str, Any], problems: list[str]):
    assert [found.path for found in check_tables(CLUSTER, inputs)] == problems


@pytest.mark.parametrize(
    ("token", "path", "good", "bad"),
    [
        ("gcp:artifactregistry/repository:Repository", "format", ["DOCKER", "MAVEN", "GENERIC"], ["DOKCER", "OCI"]),
        ("gcp:kms/cryptoKey:CryptoKey", "purpose", ["ENCRYPT_DECRYPT", "MAC"], ["ENCRYPT"]),
        (
            "gcp:kms/cryptoKey:CryptoKey",
            "rotationPeriod",
            ["86400s", "86500s", "90000s", "7776000s", "100000.5s"],
            ["86399s", "7776000", "90d", "8640s"],
        ),
        (BUCKET, "publicAccessPrevention", ["inherited", "enforced"], ["ENFORCED", "unspecified"]),
        (NODE_POOL, "nodeConfig.diskType", ["pd-balanced", "hyperdisk-balanced"], ["pd-balansed", "gp3"]),
        (NODE_POOL, "nodeConfig.imageType", ["COS_CONTAINERD", "UBUNTU_CONTAINERD"], ["COS_CONTAINER"]),
        (
            NODE_POOL,
            "nodeConfig.machineType",
            [
                *(
                    "e2-medium",
                    "e2-standard-4",
                    "n1-standard-1",
                    "n2-highmem-128",
                    "n2d-standard-224",
                    "n4-standard-80",
                ),
                *("c2-standard-60", "c3-standard-8-lssd", "c3d-highcpu-360", "c4-standard-4", "c4a-highmem-72-lssd"),
                *("t2d-standard-60", "t2a-standard-48", "m1-ultramem-40", "m3-megamem-64", "a2-highgpu-1g"),
                *("a3-megagpu-8g", "g2-standard-48", "custom-2-4096", "n2-custom-4-8192-ext", "e2-custom-small-2048"),
            ],
            ["n2-standard-3", "n9-standard-4", "n2-stanard-4", "e2-highmem-32", "c2-highmem-4", "m5.large", "n2"],
        ),
        (CLUSTER, "nodePools[*].nodeConfig.machineType", ["e2-micro"], ["Standard_D4s_v5"]),
        (CLUSTER, "nodeLocations", ["europe-west1-b", "us-central1-ai1a"], ["europe-west1", "b"]),
        (
            CLUSTER,
            "maintenancePolicy.recurringWindow.recurrence",
            ["FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=DAILY", "RRULE:FREQ=MONTHLY;BYDAY=-1SU;INTERVAL=2"],
            ["FREQ=WEEKLY;BYDAY=SAT", "FREQ=HOURLY", "BYDAY=SA", "weekends", "FREQ=WEEKLY;BYDAY=SA,"],
        ),
        (NODE_POOL, "nodeConfig.taints[*].key", ["dedicated", "example.com/pool"], ["a b", "/pool", "a" * 64]),
        (NODE_POOL, "nodeConfig.taints[*].value", ["", "apps"], ["two words", "-apps"]),
    ],
)
def test_what_google_cloud_refuses_is_a_finding(token: str, path: str, good: list[str], bad: list[str]):
    assert [text for text in good if check_tables(token, _inputs(path, text))] == []
    assert [text for text in bad if not check_tables(token, _inputs(path, text))] == []


@pytest.mark.parametrize(
    ("labels", "paths"),
    [
        ({"groundwork/pool": "apps", "tier": ""}, []),
        ({"two words": "apps"}, ['nodeConfig.labels["two words"]']),
        ({"tier": "two words"}, ["nodeConfig.labels.tier"]),
        ({"tier": UNKNOWN, "Example.com/tier": "a"}, ['nodeConfig.labels["Example.com/tier"]']),
    ],
)
def test_node_labels_follow_the_syntax_of_kubernetes(labels: dict[str, Any], paths: list[str]):
    assert [found.path for found in check_tables(NODE_POOL, {"nodeConfig": {"labels": labels}})] == paths


def test_a_rule_of_many_patterns_says_what_it_wants():
    [found] = check_tables(NODE_POOL, {"nodeConfig": {"machineType": "n2-standard-3"}})

    assert found.problem == (
        '"n2-standard-3" is not a machine type, such as n2-standard-4 (cloud.google.com/compute/docs/machine-resource)'
    )


@pytest.mark.parametrize(
    ("token", "inputs", "path", "limit"),
    [
        ("azure-native:network:NatGateway", {"resourceGroupName": "g", "sku": {"name": "Standard"}}, "tags", 256),
        ("oci:Core/vcn:Vcn", {"compartmentId": "ocid1.compartment.oc1..a"}, "freeformTags", 256),
        ("gcp:compute/address:Address", {}, "labels", 63),
    ],
)
def test_a_label_is_as_short_as_its_cloud_wants_it_on_a_resource_of_any_type(token, inputs, path, limit):
    assert check_resource(token, {**inputs, path: {"environment": "p" * limit}}) == []

    [found] = check_resource(token, {**inputs, path: {"environment": "p" * (limit + 1)}})

    assert (found.path, found.advisory) == (f"{path}.environment", False)
    assert f"has {limit + 1} characters, at most {limit} are allowed" in found.problem
