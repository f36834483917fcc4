"""What a GKE stack keeps: buckets and images, each encrypted with a key of its own, and who may use them."""

from collections.abc import Callable

import pytest

from components.contracts import Demands, Foundation, ServiceAccount
from tests.mock_engine import Deployed
from tests.unit.components.clouds.gke_stack import CLUSTER, build, principal

BUCKET = "gcp:storage/bucket:Bucket"
GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"
KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
IMAGE_GRANT = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"
CI = "serviceAccount:ci@acme-platform.iam.gserviceaccount.com"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_secrets_of_the_cluster_are_encrypted_with_a_key_that_is_granted_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    cluster = deployed.only(CLUSTER)
    assert cluster.inputs["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": "cluster-encryption-key-id"}
    assert deployed.named("cluster-encryption-grant").urn in cluster.depends_on


def test_buckets_are_encrypted_with_a_key_that_is_granted_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    buckets = deployed.of_type(BUCKET)
    assert [bucket.inputs["encryption"] for bucket in buckets] == [
        {"defaultKmsKeyName": "storage-encryption-key-id"}
    ] * 3
    assert all(deployed.named("storage-encryption-grant").urn in bucket.depends_on for bucket in buckets)


def test_images_are_encrypted_with_a_key_that_is_granted_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    repository = deployed.only("gcp:artifactregistry/repository:Repository")
    assert repository.inputs["kmsKeyName"] == "registry-encryption-key-id"
    assert deployed.named("registry-encryption-grant").urn in repository.depends_on


def test_each_key_is_granted_to_the_one_service_that_uses_it(foundation: Callable[..., Deployed]):
    grants = foundation(postgres={"tier": "db-custom-2-8192", "storage_gib": 20}).of_type(KEY_GRANT)

    domain = "iam.gserviceaccount.com"
    assert {(grant.inputs["cryptoKeyId"], grant.inputs["member"]) for grant in grants} == {
        ("cluster-encryption-key-id", f"serviceAccount:service-1@container.{domain}"),
        ("postgres-encryption-key-id", f"serviceAccount:service-1@sqladmin.{domain}"),
        ("registry-encryption-key-id", f"serviceAccount:service-1@artifactregistry.{domain}"),
        ("storage-encryption-key-id", f"serviceAccount:service-1@gs-project-accounts.{domain}"),
    }
    assert {grant.inputs["role"] for grant in grants} == {"roles/cloudkms.cryptoKeyEncrypterDecrypter"}


def test_keys_are_rotated_every_ninety_days_and_named_by_the_engine(foundation: Callable[..., Deployed]):
    keys = foundation().of_type("gcp:kms/cryptoKey:CryptoKey")

    assert {key.inputs["rotationPeriod"] for key in keys} == {"7776000s"}
    assert not any("name" in key.inputs for key in keys)


def test_buckets_are_private_versioned_and_cleared(foundation: Callable[..., Deployed]):
    buckets = {bucket.name: bucket for bucket in foundation().of_type(BUCKET)}

    for bucket in buckets.values():
        assert bucket.inputs["uniformBucketLevelAccess"] is True
        assert bucket.inputs["publicAccessPrevention"] == "enforced"
        assert bucket.inputs["versioning"] == {"enabled": True}
    assert buckets["logs-bucket"].inputs["name"] == "acme-platform-groundwork-dev-logs"
    conditions = {
        name: [rule["condition"] for rule in bucket.inputs["lifecycleRules"]] for name, bucket in buckets.items()
    }
    backups = [{"daysSinceNoncurrentTime": 30}, {"age": 7}]
    assert conditions == {
        "logs-bucket": [{"age": 14, "withState": "LIVE"}, {"daysSinceNoncurrentTime": 7}, {"age": 7}],
        "backups-bucket": backups,
        "database-backups-bucket": backups,
    }


def test_each_bucket_is_granted_to_one_workload_and_to_nobody_else(foundation: Callable[..., Deployed]):
    grants = foundation().of_type(GRANT)

    assert {(grant.name, grant.inputs["member"]) for grant in grants} == {
        ("logs-grant", principal("logging", "loki")),
        ("backups-grant", principal("velero", "velero")),
    }
    assert {grant.inputs["role"] for grant in grants} == {"roles/storage.objectUser"}


def test_databases_that_are_backed_up_write_into_their_own_bucket(deploy: Callable[..., Deployed]):
    database, built = ServiceAccount(namespace="todo", name="database"), list[Foundation]()
    deployed = deploy(lambda: built.append(build(Demands(database_backups=[database]))))

    grant = deployed.named("database-backups-grant-todo_database")
    assert grant.inputs["member"] == principal("todo", "database")
    assert grant.inputs["bucket"] == "acme-platform-groundwork-dev-database-backups"
    # Their client asks for the bucket first, and gives up where it may not.
    asks = deployed.named("database-backups-bucket-grant-todo_database")
    assert (asks.inputs["role"], asks.inputs["member"]) == ("roles/storage.legacyBucketReader", grant.inputs["member"])
    assert asks.inputs["bucket"] == grant.inputs["bucket"]
    assert list(built[0].database_backups.writers) == [database]
    assert len(built[0].database_backups.writers[database].grants) == 2
    assert built[0].database_backups.url == "gs://acme-platform-groundwork-dev-database-backups"


def test_grants_to_pods_wait_for_the_cluster_that_brings_their_pool(foundation: Callable[..., Deployed]):
    deployed = foundation()

    federated = [one for one in deployed.registrations.values() if "principal://" in str(one.inputs.get("member"))]
    assert len(federated) == 6
    assert all(deployed.only(CLUSTER).urn in grant.depends_on for grant in federated)


def test_nobody_pushes_images_unless_the_stack_names_them(foundation: Callable[..., Deployed]):
    assert {grant.inputs["role"] for grant in foundation().of_type(IMAGE_GRANT)} == {"roles/artifactregistry.reader"}


def test_who_pushes_images_may_write_to_the_one_repository(foundation: Callable[..., Deployed]):
    deployed = foundation(registry={"pushers": [CI]})

    grant = deployed.named(f"registry-{CI}-pushes").inputs
    assert grant["member"] == CI
    assert grant["role"] == "roles/artifactregistry.writer"
    assert grant["repository"] == "registry-repository-1a2b3c4"
