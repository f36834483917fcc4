"""Buckets that Oracle Cloud refuses, and images that it does not scan, refused in a rehearsal."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State
from tests.unit.rehearsal.providers.oracle_tenancy import COMPARTMENT, TENANCY, OracleTenancy


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


def grant(oracle: OracleTenancy, bucket: str = "logs", region: str = "eu-frankfurt-1") -> State:
    return oracle.policy(
        f"Allow service objectstorage-{region} to manage object-family in compartment id {COMPARTMENT} "
        f"where target.bucket.name = '{bucket}'"
    )


def test_object_storage_clears_a_bucket_that_it_may_clear(oracle: OracleTenancy):
    oracle.bucket()
    grant(oracle)

    assert oracle.lifecycle().id == f"n/{oracle.namespace()}/b/logs/l"


@pytest.mark.parametrize(("bucket", "region"), [("other", "eu-frankfurt-1"), ("logs", "us-ashburn-1"), (None, None)])
def test_object_storage_needs_a_grant_before_it_clears_a_bucket(
    oracle: OracleTenancy, bucket: str | None, region: str | None
):
    oracle.bucket()
    if bucket and region:
        grant(oracle, bucket, region)

    with pytest.raises(Refused, match="400-InsufficientServicePermissions"):
        oracle.lifecycle()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": "ABORT"}, "ABORT is for multipart-uploads"),
        ({"target": "multipart-uploads"}, "ABORT is for multipart-uploads"),
        ({"timeAmount": "seven"}, "has no time"),
    ],
)
def test_a_rule_of_a_bucket_makes_sense(oracle: OracleTenancy, changes: dict[str, str], message: str):
    oracle.bucket()
    grant(oracle)

    with pytest.raises(Refused, match=message):
        oracle.lifecycle(**changes)


def test_rules_are_for_a_bucket_that_exists(oracle: OracleTenancy):
    with pytest.raises(Refused, match="there is no bucket 'none'"):
        oracle.lifecycle("none")


@pytest.mark.parametrize(
    "statement",
    [
        "Allow service objectstorage-us-ashburn-1 to use keys in tenancy",
        "Allow service objectstorage-eu-frankfurt-1 to read keys in tenancy",
        "Allow service objectstorage-eu-frankfurt-1 to use keys in tenancy where target.key.id = 'another'",
        "Allow service objectstorage-eu-frankfurt-1 to use keys in compartment id ocid1.compartment.oc1..other",
        "Allow service blockstorage to use keys in tenancy",
    ],
)
def test_a_bucket_has_a_key_that_object_storage_may_use(oracle: OracleTenancy, statement: str):
    key = oracle.key()
    oracle.policy(statement)

    with pytest.raises(Refused, match="no policy lets the service objectstorage-eu-frankfurt-1 use the key"):
        oracle.bucket(kmsKeyId=key.id)
    granted = f"use keys in compartment id {COMPARTMENT} where target.key.id = '{key.id}'"
    oracle.policy(f"Allow service objectstorage-eu-frankfurt-1 to {granted}", name="grant")
    assert oracle.bucket(kmsKeyId=key.id).id


def scan(oracle: OracleTenancy, repository: str, **changes: Any) -> State:
    recipe = oracle.create(
        "oci:VulnerabilityScanning/containerScanRecipe:ContainerScanRecipe",
        "recipe",
        compartmentId=COMPARTMENT,
        scanSettings={"scanLevel": "STANDARD"},
    )
    registry = {"compartmentId": COMPARTMENT, "type": "OCIR", "repositories": [repository]}
    given = {"compartmentId": COMPARTMENT, "containerScanRecipeId": recipe.id, "targetRegistry": registry}
    return oracle.create(
        "oci:VulnerabilityScanning/containerScanTarget:ContainerScanTarget", "target", **{**given, **changes}
    )


def test_repositories_that_are_scanned_exist_and_so_does_the_recipe(oracle: OracleTenancy):
    oracle.create(
        "oci:Artifacts/containerRepository:ContainerRepository",
        "repository",
        compartmentId=COMPARTMENT,
        displayName="acme/backend",
    )

    assert scan(oracle, "acme/backend").id
    with pytest.raises(Refused, match="the ContainerRepository 'acme/web', which does not exist"):
        scan(oracle, "acme/web")
    with pytest.raises(Refused, match="the ContainerScanRecipe 'none', which does not exist"):
        scan(oracle, "acme/backend", containerScanRecipeId="none")
