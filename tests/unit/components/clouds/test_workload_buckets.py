"""Buckets that workloads ask for, on each cloud: what is kept in them, and who may use them."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from components.aks.foundation import build_foundation as build_aks
from components.aks.roles import BLOB_DATA_CONTRIBUTOR, BLOB_DATA_READER
from components.contracts import Bucket, BucketDemand, Demands, Foundation, ServiceAccount
from tests.mock_engine import Deployed
from tests.unit.components.clouds import aks_stack, gke_stack, oke_stack
from tests.unit.components.clouds.aks_stack import grants
from tests.unit.components.clouds.gke_stack import principal
from tests.unit.components.clouds.oke_stack import COMPARTMENT, pod, statements

BACKEND = ServiceAccount(namespace="todo", name="backend")
WORKER = ServiceAccount(namespace="todo", name="worker")
FILES = BucketDemand(workload="todo", name="files", expire_days=90, writers=[BACKEND], readers=[WORKER])
SCRATCH = BucketDemand(workload="todo", name="scratch", old_version_days=None, writers=[WORKER])
DEMANDS = Demands(principals=[BACKEND, WORKER], buckets=[FILES, SCRATCH])

GKE_NAME, OKE_NAME = "acme-platform-groundwork-dev-todofiles", "groundwork-dev-todofiles"
EVERY_OBJECT = (
    "ANY {request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_READ', "
    "request.permission = 'OBJECT_CREATE', request.permission = 'OBJECT_OVERWRITE', "
    "request.permission = 'OBJECT_DELETE'}"
)

Program = Callable[..., Foundation]


def gke(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return gke_stack.build(demands, **changes)


def aks(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return build_aks(aks_stack.stack(**changes), demands)


def oke(demands: Demands = DEMANDS, **changes: Any) -> Foundation:
    return oke_stack.build_foundation(oke_stack.stack(**changes), demands)


CLOUDS: Mapping[str, tuple[Program, str]] = {
    "gke": (gke, "gcp:storage/bucket:Bucket"),
    "aks": (aks, "azure-native:storage:StorageAccount"),
    "oke": (oke, "oci:ObjectStorage/bucket:Bucket"),
}


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda program, **changes: deploy_once(lambda: program(**changes), (program.__name__, changes))


def variables(deploy: Callable[..., Deployed], program: Program) -> dict[str, str]:
    """What the users of the bucket are told, as the plain values that they become."""
    found: list[dict[str, str]] = []

    def run() -> None:
        bucket: Bucket = program().buckets["todo", "files"]
        pulumi.Output.all(**bucket.variables).apply(found.append)

    deploy(run)
    return found[0]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_stack_without_such_workloads_has_its_own_stores_alone(deploy: Callable[..., Deployed], cloud: str):
    program, kind = CLOUDS[cloud]

    deployed = deploy(lambda: program(Demands()))

    assert not [one.name for one in deployed.of_type(kind) if one.name.startswith("bucket-")]


@pytest.mark.parametrize("protect", [True, False])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_buckets_are_protected_where_the_stack_says_so(foundation: Callable[..., Deployed], cloud: str, protect: bool):
    program, kind = CLOUDS[cloud]

    buckets = [one for one in foundation(program, protect=protect).of_type(kind) if one.name.startswith("bucket-")]

    assert [one.protect for one in buckets] == [protect, protect]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_user_waits_for_its_own_grant(deploy: Callable[..., Deployed], cloud: str):
    built: list[Foundation] = []
    deploy(lambda: built.append(CLOUDS[cloud][0]()))

    buckets = built[0].buckets
    assert {key: set(bucket.grants) for key, bucket in buckets.items()} == {
        ("todo", "files"): {BACKEND, WORKER},
        ("todo", "scratch"): {WORKER},
    }
    files = buckets["todo", "files"].grants
    assert files[BACKEND][-1] is not files[WORKER][-1] if cloud != "aks" else files[BACKEND][0] is not files[WORKER][0]


def test_pods_are_told_what_the_clouds_library_wants(deploy: Callable[..., Deployed]):
    told = {cloud: variables(deploy, program) for cloud, (program, _) in CLOUDS.items()}

    account = told["aks"].pop("ACCOUNT")
    assert account.startswith("todofiles")
    assert told["gke"]["BUCKET"].startswith(GKE_NAME)
    assert told["aks"] == {"BUCKET": "objects", "ENDPOINT": f"https://{account}.blob.core.windows.net"}
    assert told["oke"].pop("BUCKET").startswith(OKE_NAME)
    assert sorted(told["oke"]) == ["ENDPOINT", "NAMESPACE"]
    assert told["oke"]["ENDPOINT"] == "https://objectstorage.eu-frankfurt-1.oraclecloud.com"


def test_buckets_of_names_that_join_to_the_same_have_different_names(deploy: Callable[..., Deployed]):
    one, other = BucketDemand(workload="a", name="b-c"), BucketDemand(workload="a-b", name="c")

    for program, kind in CLOUDS.values():
        deployed = deploy(lambda program=program: program(Demands(buckets=[one, other])))

        names = [
            made.inputs.get("accountName", made.inputs.get("name"))
            for made in deployed.of_type(kind)
            if made.name.startswith("bucket-")
        ]
        assert len(set(names)) == 2


def test_google_lets_a_writer_write_a_reader_read_and_nobody_else_in(foundation: Callable[..., Deployed]):
    given = foundation(gke).of_type("gcp:storage/bucketIAMMember:BucketIAMMember")

    assert {one.name: (one.inputs["role"], one.inputs["member"]) for one in given if "todo" in one.name} == {
        "bucket-todo.files-backend-writes": ("roles/storage.objectUser", principal("todo", "backend")),
        "bucket-todo.files-worker-reads": ("roles/storage.objectViewer", principal("todo", "worker")),
        "bucket-todo.scratch-worker-writes": ("roles/storage.objectUser", principal("todo", "worker")),
    }


def test_google_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    deployed = foundation(gke)

    files, scratch = (deployed.named(f"bucket-todo.{name}-bucket").inputs for name in ("files", "scratch"))
    assert (files["versioning"], scratch["versioning"]) == ({"enabled": True}, {"enabled": False})
    assert scratch["softDeletePolicy"] == {"retentionDurationSeconds": 0}
    assert files["encryption"] == scratch["encryption"] == {"defaultKmsKeyName": "storage-encryption-key-id"}
    assert [rule["condition"] for rule in files["lifecycleRules"]] == [
        {"age": 90, "withState": "LIVE"},
        {"daysSinceNoncurrentTime": 30},
        {"age": 7},
    ]
    assert [rule["condition"] for rule in scratch["lifecycleRules"]] == [{"age": 7}]


def test_azure_lets_a_writer_write_a_reader_read_and_nobody_else_in(foundation: Callable[..., Deployed]):
    given = grants(foundation(aks))

    identities = {name: f"principals-todo-{name}-identity-principal" for name in ("backend", "worker")}
    assert {name: what for name, what in given.items() if name.startswith("bucket-")} == {
        "bucket-todo.files-objects-backend-writes": (
            BLOB_DATA_CONTRIBUTOR,
            identities["backend"],
            "bucket-todo.files-objects-id",
        ),
        "bucket-todo.files-objects-worker-reads": (
            BLOB_DATA_READER,
            identities["worker"],
            "bucket-todo.files-objects-id",
        ),
        "bucket-todo.scratch-objects-worker-writes": (
            BLOB_DATA_CONTRIBUTOR,
            identities["worker"],
            "bucket-todo.scratch-objects-id",
        ),
    }


def test_azure_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    deployed = foundation(aks)

    names = ("files", "scratch")
    versioned = [deployed.named(f"bucket-todo.{name}-blobs").inputs["isVersioningEnabled"] for name in names]
    assert versioned == [True, False]
    rules = deployed.named("bucket-todo.files-lifecycle").inputs["policy"]["rules"]
    assert [rule["name"] for rule in rules] == ["expired", "old-versions"]
    # Azure refuses a policy without a rule.
    policies = [one.name for one in deployed.of_type("azure-native:storage:ManagementPolicy")]
    assert [name for name in policies if name.startswith("bucket-")] == ["bucket-todo.files-lifecycle"]
    assert deployed.named("bucket-todo.files-account").inputs["allowSharedKeyAccess"] is False


def test_azure_reaches_a_bucket_by_an_endpoint_where_services_are_closed(deploy: Callable[..., Deployed]):
    built: list[Foundation] = []

    deployed = deploy(lambda: built.append(aks(private_endpoints=True)))

    assert deployed.named("bucket-todo.files-blob-endpoint")
    assert len(built[0].buckets["todo", "files"].grants[BACKEND]) == 2


def test_oracle_lets_a_writer_write_a_reader_read_and_nobody_else_in(foundation: Callable[..., Deployed]):
    deployed = foundation(oke)

    bucket = deployed.named("bucket-todo.files-bucket").inputs["name"]
    only, place = f"target.bucket.name = '{bucket}'", f"compartment id {COMPARTMENT}"
    assert statements(deployed.named("bucket-todo.files-backend")) == [
        f"Allow any-user to read buckets in {place} {pod('todo', 'backend', only)}",
        f"Allow any-user to manage objects in {place} {pod('todo', 'backend', only, EVERY_OBJECT)}",
    ]
    reads = "ANY {request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_READ'}"
    assert statements(deployed.named("bucket-todo.files-worker")) == [
        f"Allow any-user to read buckets in {place} {pod('todo', 'worker', only)}",
        f"Allow any-user to manage objects in {place} {pod('todo', 'worker', only, reads)}",
    ]


def test_oracle_keeps_what_the_file_says(foundation: Callable[..., Deployed]):
    deployed = foundation(oke)

    files, scratch = (deployed.named(f"bucket-todo.{name}-bucket").inputs for name in ("files", "scratch"))
    assert (files["versioning"], scratch["versioning"]) == ("Enabled", "Disabled")
    rules = [deployed.named(f"bucket-todo.{name}-lifecycle").inputs["rules"] for name in ("files", "scratch")]
    assert [[rule["name"] for rule in one] for one in rules] == [
        ["expired", "old-versions", "stale-uploads"],
        ["stale-uploads"],
    ]


def test_oracle_needs_no_key_for_a_bucket_of_a_workload(foundation: Callable[..., Deployed]):
    keys = foundation(oke).of_type("oci:Identity/customerSecretKey:CustomerSecretKey")

    assert not [key.name for key in keys if key.name.startswith("bucket-")]
