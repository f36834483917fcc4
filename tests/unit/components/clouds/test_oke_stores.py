"""The vault and the buckets of an OKE stack."""

from collections.abc import Callable

import pytest

from tests.mock_engine import Deployed
from tests.unit.components.clouds.oke_stack import BUCKET, CLUSTER, COMPARTMENT, build, delivered, statements

LIFECYCLE = "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy"
SECRET_KEY = "oci:Identity/customerSecretKey:CustomerSecretKey"
STORES = ("backups", "database-backups", "logs")


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_secrets_are_encrypted_with_a_key_that_clusters_may_use_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    cluster = deployed.only(CLUSTER)
    grant = deployed.named("encryption-grant")
    assert cluster.inputs["kmsKeyId"] == "encryption-key-id"
    assert grant.urn in cluster.depends_on
    assert statements(grant) == [
        "Allow dynamic-group groundwork-dev-clusters to use keys in compartment id ocid1.compartment.oc1..acme "
        "where target.key.id = 'encryption-key-id'"
    ]
    assert deployed.named("encryption-clusters").inputs["matchingRule"] == (
        "ALL {resource.type = 'cluster', resource.compartment.id = 'ocid1.compartment.oc1..acme'}"
    )


def test_vault_and_key_show_a_name_of_their_own_in_every_incarnation(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.named("encryption-vault").inputs["displayName"] == "groundwork-dev-0a1b2c3d"
    assert deployed.named("encryption-key").inputs["displayName"] == "groundwork-dev-0a1b2c3d"


def test_buckets_are_private_versioned_and_cleared(foundation: Callable[..., Deployed]):
    deployed = foundation()

    for bucket in deployed.of_type(BUCKET):
        assert bucket.inputs["accessType"] == "NoPublicAccess"
        assert bucket.inputs["versioning"] == "Enabled"
    assert deployed.named("logs-bucket").inputs["name"] == "groundwork-dev-logs"
    rules = {one.name: one.inputs["rules"] for one in deployed.of_type(LIFECYCLE)}
    assert [(one["action"], one["target"], one["timeAmount"]) for one in rules["logs-lifecycle"]] == [
        ("DELETE", "objects", "14"),
        ("DELETE", "previous-object-versions", "7"),
        ("ABORT", "multipart-uploads", "7"),
    ]
    assert [one["name"] for one in rules["backups-lifecycle"]] == ["old-versions", "stale-uploads"]


def test_object_storage_may_clear_a_bucket_before_it_is_told_to(foundation: Callable[..., Deployed]):
    deployed = foundation()

    grant = deployed.named("logs-lifecycle-grant")
    assert grant.urn in deployed.named("logs-lifecycle").depends_on
    assert statements(grant) == [
        "Allow service objectstorage-eu-frankfurt-1 to manage object-family in compartment id "
        "ocid1.compartment.oc1..acme where target.bucket.name = 'groundwork-dev-logs'"
    ]


def test_each_bucket_is_granted_to_one_group_and_to_nobody_else(foundation: Callable[..., Deployed]):
    deployed = foundation()

    for store in STORES:
        read, use = statements(deployed.named(f"{store}-writer-policy"))
        group = deployed.named(f"{store}-writer-group").inputs["name"]
        assert group == f"groundwork-dev-{store}-user"
        only = f"target.bucket.name = 'groundwork-dev-{store}'"
        assert read == f"Allow group {group} to read buckets in compartment id {COMPARTMENT} where {only}"
        assert use.startswith(
            f"Allow group {group} to manage objects in compartment id {COMPARTMENT} where ALL {{{only}, "
        )
        assert "OBJECT_VERSION_DELETE" not in use


def test_users_have_the_address_that_identity_domains_ask_for(foundation: Callable[..., Deployed]):
    user = foundation().named("logs-writer-user").inputs

    assert user["email"] == "groundwork-dev-logs-user@acme.example"
    assert user["compartmentId"] == "ocid1.tenancy.oc1..acme"


def test_keys_are_rotated_by_name(deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]):
    keys = {"object_storage": {"keys": ["second", "first"]}}
    deployed = foundation(**keys)

    assert [one.name for one in deployed.of_type(SECRET_KEY)] == [
        *(f"{store}-key-{key}" for store in STORES for key in ("first", "second")),
    ]
    for store in ("logs", "backups", "database_backups"):
        key = delivered(deploy, lambda built, store=store: {**vars(getattr(built, store).key)}, **keys)
        assert key["generation"] == "second"
        assert key["secret_access_key"] == f"{store.replace('_', '-')}-key-second-secret"


def test_buckets_have_a_key_of_the_stack_that_object_storage_may_use_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    grant = deployed.named("encryption-storage-grant")
    assert [one.name for one in deployed.of_type(BUCKET)] == [f"{store}-bucket" for store in STORES]
    for bucket in deployed.of_type(BUCKET):
        assert bucket.inputs["kmsKeyId"] == "encryption-storage-key-id"
        assert grant.urn in bucket.depends_on
    assert statements(grant) == [
        f"Allow service objectstorage-eu-frankfurt-1 to use keys in compartment id {COMPARTMENT} "
        "where target.key.id = 'encryption-storage-key-id'"
    ]


def test_backups_of_databases_are_kept_until_their_own_schedule_drops_them(foundation: Callable[..., Deployed]):
    rules = foundation().named("database-backups-lifecycle").inputs["rules"]

    assert [(one["name"], one["timeAmount"]) for one in rules] == [("old-versions", "30"), ("stale-uploads", "7")]
