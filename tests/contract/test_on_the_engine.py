"""What a user sees of the check: a preview on the real engine."""

from pathlib import Path

import pytest
import yaml

from rehearsal.places import CLONE, Places
from tests.engine.rehearsals import Rehearsal

PROGRAM = """
import pulumi
import pulumi_gcp as gcp
import pulumi_random as random

google = pulumi.ResourceOptions(provider=gcp.Provider("google", project="example-project", region="europe-west1"))
network = gcp.compute.Network("network", auto_create_subnetworks=False, routing_mode="GLOBAAL", opts=google)
gcp.container.Cluster(
    "cluster",
    location="europe-west1",
    network=network.id,
    private_cluster_config={"enable_private_node": True},
    opts=google,
)
gcp.storage.Bucket("logs", location="EU", storage_class=pulumi.Output.secret("hunter2-hunter2"), opts=google)
random.RandomId("suffix", byte_length=4)
"""
FINDINGS = [
    'routingMode: "GLOBAAL" is not one of REGIONAL, GLOBAL (provider schema validation); did you mean "GLOBAL"?',
    "privateClusterConfig.enable_private_node: privateClusterConfig has no such property;"
    ' did you mean "enablePrivateNodes"?',
    "storageClass: the secret value is not one of STANDARD, MULTI_REGIONAL, REGIONAL, NEARLINE, COLDLINE, ARCHIVE"
    " (provider schema validation; SDK docstring)",
]

pytestmark = pytest.mark.engine


@pytest.fixture
def mistaken(tmp_path: Path) -> Rehearsal:
    """A project with three mistakes and the contract check of this clone in front of it."""
    clone = tmp_path / "clone"
    (clone / "stacks").mkdir(parents=True)
    (clone / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "mistaken", "runtime": "python"}))
    (clone / "stacks" / "Pulumi.dev.yaml").write_text("config: {}\n")
    (clone / "__main__.py").write_text(PROGRAM)
    (clone / "policies").symlink_to(CLONE / "policies")
    (clone / ".venv").symlink_to(CLONE / ".venv")
    return Rehearsal(Places(tmp_path / "rehearsal", clone), "dev")


def test_the_first_preview_shows_every_finding_fails_and_shows_no_secret(mistaken):
    preview = mistaken.preview()

    assert preview.exit_code != 0
    assert [finding for finding in FINDINGS if finding not in preview.stdout] == []
    assert preview.stdout.count("[mandatory]") == len(FINDINGS)
    assert "hunter2" not in preview.stdout


def test_nothing_is_created_while_there_are_findings(mistaken):
    assert mistaken.up().exit_code != 0
    assert mistaken.inventory() == []
