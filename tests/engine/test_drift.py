"""State and world differ: what a refresh sees, what an up repairs, and what is lost with a state."""

from tests.engine.rehearsals import Rehearsal

BUCKET = "gcp:storage/bucket:Bucket"
LOGS = "example-groundwork-dev-groundwork-dev-logs"


def test_a_change_behind_pulumis_back_is_seen_and_repaired(up_gke_dev: Rehearsal):
    world = up_gke_dev.world()
    world.drift(BUCKET, LOGS, {"publicAccessPrevention": "inherited"})

    refresh = up_gke_dev.refresh()
    repair = up_gke_dev.up("--skip-preview")

    assert refresh.changes()["update"] == 1
    assert [(step.name, step.operation, step.changed) for step in repair.steps() if step.type == BUCKET] == [
        ("logs-bucket", "update", ("publicAccessPrevention",))
    ]
    (bucket,) = [one for one in up_gke_dev.inventory() if one.id == LOGS]
    assert bucket.inputs["publicAccessPrevention"] == "enforced"


def test_what_was_deleted_behind_pulumis_back_is_created_again(up_gke_dev: Rehearsal):
    (firewall,) = [one for one in up_gke_dev.inventory() if one.type == "gcp:compute/firewall:Firewall"]
    up_gke_dev.world().delete(firewall)

    refresh = up_gke_dev.refresh()
    repair = up_gke_dev.up("--skip-preview")

    assert refresh.changes()["delete"] == 1
    assert [(step.name, step.operation) for step in repair.steps() if "firewall" in step.type] == [
        ("network-webhook-firewall", "create")
    ]


def test_a_lost_state_leaves_orphans_that_are_listed_and_in_the_way(up_gke_dev: Rehearsal):
    for checkpoint in (up_gke_dev.places.state / ".pulumi" / "stacks").rglob("gke-dev.json"):
        checkpoint.unlink()

    listed = up_gke_dev.listing()
    up = up_gke_dev.up("--skip-preview")

    assert f"{BUCKET}  {LOGS}  (in no state)" in listed
    assert up.exit_code != 0
    assert "already" in up.stdout
