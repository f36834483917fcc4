"""Members of Google Cloud's IAM bindings."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.fake_engine import Refused
from tests.unit.rehearsal.providers.google_project import POOL, GoogleProject

NUMBER = "910238173610"
FEDERATED = f"principal://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/{POOL}/subject/ns/logging/sa/loki"
LEGACY = f"serviceAccount:{POOL}[logging/loki]"
WORKLOAD_IDENTITY: dict[str, Any] = {"workloadIdentityConfig": {"workloadPool": POOL}}


@pytest.mark.parametrize(
    "member",
    [
        "builder@acme-dev.iam.gserviceaccount.com",
        "serviceaccount:builder@acme-dev.iam.gserviceaccount.com",
        "serviceAccount:",
        "serviceAccount:not an email",
        "serviceAccount:someone@example.com",
        "principal://iam.googleapis.com/somewhere",
        f"serviceAccount:{POOL}[loki]",
    ],
)
def test_a_misspelt_member_is_refused(project: GoogleProject, member: str) -> None:
    project.cluster(**WORKLOAD_IDENTITY)

    with pytest.raises(Refused, match="Error 400: Invalid"):
        project.grant(project.bucket(), member)


def test_a_misspelt_role_is_refused(project: GoogleProject) -> None:
    with pytest.raises(Refused, match=r"role 'storage.objectViewer' is not of the form"):
        project.grant(project.bucket(), "user:ann@example.com", role="storage.objectViewer")


def test_a_predefined_role_has_to_exist(project: GoogleProject) -> None:
    with pytest.raises(Refused) as refused:
        project.grant(project.bucket(), "user:ann@example.com", role="roles/storage.objectVeiwer")

    assert str(refused.value).endswith(
        "googleapi: Error 400: Role roles/storage.objectVeiwer is not supported for this resource., badRequest "
        "(did you mean roles/storage.objectViewer?) (the rehearsal knows the roles in "
        "rehearsal/providers/gcp/roles.json: add one there that Google Cloud has)"
    )


@pytest.mark.parametrize(
    "role", ["roles/viewer", "roles/storage.legacyBucketReader", "projects/acme-dev/roles/anything"]
)
def test_predefined_basic_and_custom_roles_can_be_granted(project: GoogleProject, role: str) -> None:
    assert project.grant(project.bucket(), "user:ann@example.com", role=role)["role"] == role


@pytest.mark.parametrize("member", ["user:ann@example.com", "group:ops@example.com", "domain:example.com", "allUsers"])
def test_people_are_taken_to_exist(project: GoogleProject, member: str) -> None:
    assert project.grant(project.bucket(), member)["member"] == member


def test_a_service_account_has_to_exist(project: GoogleProject) -> None:
    member = "serviceAccount:builder@acme-dev.iam.gserviceaccount.com"
    with pytest.raises(Refused, match=r"Service account builder@acme-dev.iam.gserviceaccount.com does not exist"):
        project.grant(project.bucket("acme-one"), member)

    assert project.account()["member"] == member
    assert project.grant(project.bucket("acme-two"), member)["member"] == member


def test_the_default_compute_account_exists(project: GoogleProject) -> None:
    member = f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"

    assert project.grant(project.bucket(), member)["member"] == member


def test_a_service_agent_exists_once_it_was_asked_for(project: GoogleProject) -> None:
    member = f"serviceAccount:service-{NUMBER}@container-engine-robot.iam.gserviceaccount.com"
    with pytest.raises(Refused, match="does not exist"):
        project.grant(project.bucket("acme-one"), member)

    assert project.agent("container")["member"] == member
    assert project.grant(project.bucket("acme-two"), member)["member"] == member


def test_a_service_agent_exists_once_its_service_was_used(project: GoogleProject) -> None:
    project.cluster()
    member = f"serviceAccount:service-{NUMBER}@container-engine-robot.iam.gserviceaccount.com"

    assert project.grant(project.bucket(), member)["member"] == member


def test_the_agent_of_another_project_does_not_exist(project: GoogleProject) -> None:
    project.agent("container")

    with pytest.raises(Refused, match="does not exist"):
        project.grant(project.bucket(), "serviceAccount:service-1@container-engine-robot.iam.gserviceaccount.com")


@pytest.mark.parametrize("member", [FEDERATED, LEGACY])
def test_the_workload_pool_comes_with_the_first_cluster_that_uses_it(project: GoogleProject, member: str) -> None:
    project.cluster("plain")
    with pytest.raises(Refused, match=rf"Identity Pool does not exist \({POOL}\)"):
        project.grant(project.bucket("acme-one"), member)

    project.cluster("main", **WORKLOAD_IDENTITY)
    assert project.grant(project.bucket("acme-two"), member)["member"] == member


def test_the_workload_pool_outlives_its_clusters(project: GoogleProject, inventory: Inventory) -> None:
    project.engine.delete(project.cluster("main", **WORKLOAD_IDENTITY))

    assert project.grant(project.bucket(), FEDERATED)["member"] == FEDERATED
    pools = inventory.list(type="gcp:iam/workloadIdentityPool:WorkloadIdentityPool")
    assert [(pool.id, pool.retained) for pool in pools] == [(POOL, True)]


def test_a_principal_names_the_number_of_its_project(project: GoogleProject) -> None:
    project.cluster("main", **WORKLOAD_IDENTITY)

    with pytest.raises(Refused, match="names a project number that is not that of"):
        project.grant(project.bucket(), FEDERATED.replace(NUMBER, "123456789012"))


def test_a_federated_identity_needs_uniform_access_to_the_bucket(project: GoogleProject) -> None:
    project.cluster("main", **WORKLOAD_IDENTITY)

    with pytest.raises(Refused, match="needs uniform bucket-level access"):
        project.grant(project.bucket(uniformBucketLevelAccess=False), FEDERATED)


def test_granting_the_same_twice_is_one_grant(project: GoogleProject, inventory: Inventory) -> None:
    bucket = project.bucket()
    first = project.grant(bucket, "user:ann@example.com")
    second = project.grant(bucket, "user:ann@example.com")

    assert first.id == second.id == "b/acme-logs/roles/storage.objectViewer/user:ann@example.com"
    project.engine.delete(first)
    assert project.engine.read(second).id == ""


def test_a_grant_needs_its_bucket(project: GoogleProject) -> None:
    bucket = project.bucket()
    project.engine.delete(bucket)

    with pytest.raises(Refused, match="bucket refers to the Bucket 'acme-logs', which does not exist"):
        project.grant(bucket, "user:ann@example.com")


@pytest.mark.parametrize(
    ("role", "member", "problem"),
    [
        ("roles/viewer", "user:ann@example.com", "the legacy basic role roles/viewer cannot be granted"),
        ("roles/storage.objectViewer", "allUsers", "nothing can be granted to allUsers under a condition"),
    ],
)
def test_some_grants_take_no_condition(project: GoogleProject, role: str, member: str, problem: str) -> None:
    condition = {"title": "one", "expression": 'resource.name.startsWith("projects/1/secrets/todo-")'}
    with pytest.raises(Refused, match=problem):
        project.engine.create(
            "gcp:projects/iAMMember:IAMMember",
            "grant",
            project="acme-dev",
            role=role,
            member=member,
            condition=condition,
        )


def test_the_agent_of_a_service_that_nobody_knows_fails_by_name(project: GoogleProject) -> None:
    with pytest.raises(Refused, match=r"service agent of mystery.googleapis.com: add it to SERVICE_AGENTS"):
        project.agent("mystery")
