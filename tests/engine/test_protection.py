"""What holds data in production, and how it is let go."""

from tests.engine.rehearsals import Rehearsal


def test_a_protected_stack_refuses_before_anything_is_touched(up_gke_prod: Rehearsal):
    before = up_gke_prod.inventory()

    destroy = up_gke_prod.destroy()

    assert destroy.exit_code == 1
    assert "gke-prod is protected; nothing was destroyed." in destroy.stderr
    assert "cluster-control-plane  gcp:container/cluster:Cluster  (protect, deletionProtection)" in destroy.stderr
    assert "set `protect: false` under `groundwork:stack` in stacks/Pulumi.gke-prod.yaml" in destroy.stderr
    assert up_gke_prod.inventory() == before


def test_protection_is_lifted_the_way_the_refusal_says(up_gke_prod: Rehearsal):
    lifted = up_gke_prod.with_settings({"protect": False})

    up = lifted.up("--skip-preview")
    destroy = lifted.destroy()

    assert up.exit_code == 0, up.stdout
    assert not {step.operation for step in up.steps()} & {"replace", "delete", "create"}
    assert destroy.exit_code == 0, destroy.stdout
    assert lifted.recorded() == []
