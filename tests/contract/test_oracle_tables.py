"""Inputs of Oracle Cloud's resources against its table."""

from contract_check.check import check_resource
from contract_check.wire import Secret

DB_SYSTEM = "oci:Psql/dbSystem:DbSystem"
RECIPE = "oci:VulnerabilityScanning/containerScanRecipe:ContainerScanRecipe"
TARGET = "oci:VulnerabilityScanning/containerScanTarget:ContainerScanTarget"


def system(**changes):
    return {
        "compartmentId": "ocid1.compartment.oc1..a",
        "dbVersion": "17",
        "displayName": "postgres",
        "shape": "PostgreSQL.VM.Standard.E5.Flex",
        "networkDetails": {"subnetId": "ocid1.subnet.oc1..a"},
        "storageDetails": {"systemType": "OCI_OPTIMIZED_STORAGE", "isRegionallyDurable": True},
        **changes,
    }


def test_backups_are_kept_for_35_days_at_most(report):
    found = report(DB_SYSTEM, system(managementPolicy={"backupPolicy": {"kind": "DAILY", "retentionDays": 36}}))

    assert found == ["managementPolicy.backupPolicy.retentionDays: 36 is above the maximum of 35"]


def test_a_system_has_a_node(report):
    assert report(DB_SYSTEM, system(instanceCount=0)) == ["instanceCount: 0 is below the minimum of 1"]


def test_a_password_of_an_unlikely_length_is_a_warning_that_does_not_show_it():
    details = {"passwordType": "PLAIN_TEXT", "password": Secret("a" * 33)}
    found = check_resource(DB_SYSTEM, system(credentials={"username": "acme", "passwordDetails": details}))

    assert [(one.path, one.advisory) for one in found] == [("credentials.passwordDetails.password", True)]
    assert "aaa" not in str(found[0])


def test_scans_have_one_of_two_levels_and_one_kind_of_registry(report):
    recipe = {"compartmentId": "ocid1.compartment.oc1..a", "scanSettings": {"scanLevel": "DEEP"}}
    registry = {"compartmentId": "ocid1.compartment.oc1..a", "type": "DOCKER"}
    target = {"compartmentId": "c", "containerScanRecipeId": "r", "targetRegistry": registry}

    (level,) = report(RECIPE, recipe)
    assert level.startswith('scanSettings.scanLevel: "DEEP" is not one of NONE, STANDARD')
    (kind,) = report(TARGET, target)
    assert kind.startswith('targetRegistry.type: "DOCKER" is not one of OCIR')
