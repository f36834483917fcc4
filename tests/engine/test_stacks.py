"""The committed stacks on the real engine: up, up again, refresh, destroy."""

from pathlib import Path

import pytest

from rehearsal.control_plane.control_plane import control_planes
from rehearsal.places import CLONE, Api
from tests.engine.conftest import Rehearse
from tests.engine.left_behind import left_behind
from tests.engine.rehearsals import Rehearsal

STACKS = sorted(path.name.split(".")[1] for path in (CLONE / "stacks").glob("Pulumi.*.yaml"))


def files() -> dict[Path, bytes]:
    """Everything in the clone that a rehearsal could write by mistake."""
    folders = ("charts", "components", "policies", "stacks", "workloads")
    kept = [path for folder in folders for path in (CLONE / folder).rglob("*") if path.is_file()]
    kept += [path for path in CLONE.glob("*") if path.is_file()]
    return {path: path.read_bytes() for path in kept if "__pycache__" not in path.parts}


ON_BOTH = ("aks-prod", "gke-dev", "local-dev", "oke-prod")
"""One stack of each cloud, of both sizes."""


@pytest.mark.parametrize(
    ("stack", "api"),
    [
        *(pytest.param(stack, "quick", id=stack) for stack in STACKS),
        *(pytest.param(stack, "real", id=f"{stack}-on-kubernetes", marks=pytest.mark.real) for stack in ON_BOTH),
    ],
)
def test_a_committed_stack_comes_up_stays_as_it_is_and_goes(rehearse: Rehearse, stack: str, api: Api):
    before = files()
    rehearsal = rehearse(stack, {"protect": False}, api=api)

    up = rehearsal.up()
    assert up.exit_code == 0, up.stdout
    assert set(up.changes()) == {"create"}

    again = rehearsal.up("--skip-preview")
    assert again.exit_code == 0, again.stdout
    assert set(again.changes()) == {"same"}

    refresh = rehearsal.refresh()
    assert refresh.exit_code == 0, refresh.stdout
    assert set(refresh.changes()) == {"same"}

    longer = rehearsal.with_settings({"metrics.retention_days": 40}).preview()
    assert longer.touched() == {("update", "prometheus-release")}

    destroy = rehearsal.destroy()
    assert destroy.exit_code == 0, destroy.stdout
    assert "What was left in the cluster" not in destroy.stdout
    assert control_planes(rehearsal.places.home) == []
    assert rehearsal.recorded() == []
    assert left_behind(rehearsal) == []
    assert files() == before


def test_a_first_preview_shows_the_whole_plan_and_creates_nothing(rehearse: Rehearse):
    rehearsal = rehearse("gke-prod")

    preview = rehearsal.preview()

    assert preview.exit_code == 0, preview.stdout
    assert set(preview.changes()) == {"create"}
    assert preview.violations() == []
    assert rehearsal.inventory() == []


def test_a_stack_can_be_brought_up_again_in_the_account_that_it_left(up_gke_dev: Rehearsal):
    assert up_gke_dev.destroy().exit_code == 0

    again = up_gke_dev.up("--skip-preview")

    assert again.exit_code == 0, again.stdout


def test_phases_build_on_each_other(rehearse: Rehearse):
    counts = []
    for phase in ("foundation", "platform", "workloads"):
        rehearsal = rehearse("gke-dev", {"until": phase})
        up = rehearsal.up("--skip-preview")
        assert up.exit_code == 0, up.stdout
        assert set(up.changes()) <= {"create", "same"}
        counts.append(len(rehearsal.recorded()))

    assert counts == sorted(set(counts))


def test_two_stacks_live_side_by_side(up_gke_dev: Rehearsal, rehearse: Rehearse):
    staging = rehearse("gke-staging")

    assert staging.up("--skip-preview").exit_code == 0
    assert staging.destroy().exit_code == 0
    assert set(up_gke_dev.refresh().changes()) == {"same"}


def test_what_a_person_needs_next_is_an_output(up_gke_dev: Rehearsal):
    outputs = up_gke_dev.outputs()

    assert outputs["access"] == (
        "gcloud container clusters get-credentials groundwork-dev --project example-groundwork-dev "
        "--location europe-west1 --dns-endpoint"
    )
    assert outputs["registry"] == "europe-west1-docker.pkg.dev/example-groundwork-dev/groundwork-dev"
    assert outputs["services"] == {
        "todo": {
            service: {"http": f"{service}.todo.svc:8080"}
            for service in ("backend", "recurring-task", "notification", "sync", "audit")
        }
    }
    assert outputs["stand_ins"] == ["todo"]
