"""What a release needs of the cloud that its cluster is in: the bucket of Loki, and the images of its registry."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.gcp.names import project_number
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.fake_engine import Refused
from tests.unit.rehearsal.providers.google_project import POOL, GoogleProject
from tests.unit.rehearsal.providers.rehearsed_cluster import RehearsedCluster

BUCKET_GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"
STORAGE = {"type": "gcs", "bucketNames": {"chunks": "acme-logs", "ruler": "acme-logs"}}
VALUES: dict[str, Any] = {"loki": {"storage": STORAGE}, "serviceAccount": {"name": "loki"}}


@pytest.fixture
def logging(project: GoogleProject, inventory: Inventory) -> RehearsedCluster:
    """A cluster whose service accounts have identities."""
    cluster = RehearsedCluster(project, inventory, workloadIdentityConfig={"workloadPool": POOL})
    cluster.namespace("logging")
    return cluster


def loki(cluster: RehearsedCluster, **values: Any) -> None:
    cluster.release("loki", "loki", "logging", atomic=True, values={**VALUES, **values})


def grant(project: GoogleProject, role: str = "roles/storage.objectUser", account: str = "loki") -> None:
    pool = f"projects/{project_number('acme-dev')}/locations/global/workloadIdentityPools/{POOL}"
    member = f"principal://iam.googleapis.com/{pool}/subject/ns/logging/sa/{account}"
    project.engine.create(BUCKET_GRANT, account, bucket="acme-logs", role=role, member=member)


def test_loki_starts_with_a_bucket_that_it_may_use(logging: RehearsedCluster):
    logging.project.bucket()
    grant(logging.project)

    loki(logging)


def test_loki_ends_without_its_bucket(logging: RehearsedCluster):
    with pytest.raises(Refused, match="failed to init delete store: storage: bucket doesn't exist: acme-logs"):
        loki(logging)


@pytest.mark.parametrize(
    "other", [{"role": "roles/storage.objectViewer"}, {"account": "velero"}], ids=["reader", "another account"]
)
def test_loki_ends_where_it_may_not_write_its_bucket(logging: RehearsedCluster, other: dict[str, Any]):
    logging.project.bucket()
    grant(logging.project, **other)

    with pytest.raises(Refused, match=r"logging/loki does not have storage\.objects\.list access to the bucket acme"):
        loki(logging)


def test_loki_ends_without_the_secret_that_its_environment_comes_from(logging: RehearsedCluster):
    logging.project.bucket()
    grant(logging.project)

    with pytest.raises(Refused, match='secret "keys" not found'):
        loki(logging, defaults={"extraEnvFrom": [{"secretRef": {"name": "keys"}}]})


def test_loki_in_a_cluster_of_the_user_is_taken_at_its_word(logging: RehearsedCluster):
    loki(logging, loki={"storage": {"type": "s3", "bucketNames": {"chunks": "elsewhere"}}})


IMAGE = {"repository": "europe-west4-docker.pkg.dev/acme-dev/images/web", "tag": "1"}
READER = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"


@pytest.fixture
def nodes(bare_cluster: RehearsedCluster) -> str:
    """The account that the nodes run as."""
    project = bare_cluster.project
    bare_cluster.namespace("apps")
    email = project.account("nodes")["email"]
    project.node_pool(bare_cluster.control_plane, nodeConfig={"serviceAccount": email})
    project.engine.create(
        "gcp:artifactregistry/repository:Repository",
        "images",
        repositoryId="images",
        location="europe-west4",
        format="DOCKER",
    )
    return email


def test_nodes_pull_from_a_registry_that_they_may_read(bare_cluster: RehearsedCluster, nodes: str, tmp_path: Path):
    member = f"serviceAccount:{nodes}"
    given = {"repository": "images", "location": "europe-west4", "role": "roles/artifactregistry.reader"}
    bare_cluster.project.engine.create(READER, "pulls", member=member, **given)

    bare_cluster.release("web", str(web(tmp_path)), atomic=True, values={"image": IMAGE})


def test_nodes_pull_nothing_from_a_registry_that_they_may_not_read(
    bare_cluster: RehearsedCluster, nodes: str, tmp_path: Path
):
    with pytest.raises(Refused, match=f"403 Forbidden: {nodes} may not read the repository"):
        bare_cluster.release("web", str(web(tmp_path)), atomic=True, values={"image": IMAGE})


def web(folder: Path) -> Path:
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '9'\n")
    return folder
