"""No secret in plain text: not in state, output, event log, inventory or any other file of a rehearsal."""

import json
from pathlib import Path

from tests.engine.rehearsals import Rehearsal


def files_with(text: str, folder: Path) -> list[Path]:
    """Files below a folder that hold the text, in whatever part of them."""
    needle = text.encode()
    return [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def test_a_generated_password_is_found_nowhere(up_gke_dev: Rehearsal):
    (password,) = up_gke_dev.generated()

    runs = [
        up_gke_dev.preview("--diff"),
        up_gke_dev.with_settings({"metrics.retention_days": 8}).up("--diff", "--skip-preview"),
        up_gke_dev.refresh("--diff"),
    ]

    assert len(password) == 32
    for run in runs:
        assert run.exit_code == 0, run.stdout
        assert password not in run.stdout + run.stderr
        assert password not in json.dumps(run.events)
    assert files_with(password, up_gke_dev.places.home) == []


def test_a_password_stays_hidden_when_it_is_replaced_and_destroyed(up_gke_dev: Rehearsal):
    (before,) = up_gke_dev.generated()
    urn = next(one.urn for one in up_gke_dev.recorded() if one.type == "random:index/randomPassword:RandomPassword")

    replaced = up_gke_dev.up("--diff", "--skip-preview", "--target-replace", urn, "--target-dependents")
    (after,) = up_gke_dev.generated()
    destroyed = up_gke_dev.destroy("--diff")

    assert replaced.exit_code == 0, replaced.stdout
    assert destroyed.exit_code == 0, destroyed.stdout
    assert after != before
    for password in (before, after):
        for run in (replaced, destroyed):
            assert password not in run.stdout + run.stderr
        assert files_with(password, up_gke_dev.places.home) == []


def test_configured_credentials_reach_the_cluster_and_nothing_else(up_gke_dev: Rehearsal):
    planted = {f"groundwork:{name}": {"secure": "v1:not:decryptable"} for name in ("slackWebhook", "pagerdutyKey")}

    up = up_gke_dev.with_settings(planted).up("--diff", "--skip-preview")

    assert up.exit_code == 0, up.stdout
    assert [step.name for step in up.steps() if step.type == "kubernetes:core/v1:Secret"] == [
        "alert-routing-configuration"
    ]
    for name in planted:
        value = f"rehearsal-secret-{name}"
        assert value not in up.stdout + up.stderr + json.dumps(up.events)
        assert files_with(value, up_gke_dev.places.home) == []
    generated = (up_gke_dev.places.project("gke-dev") / "Pulumi.gke-dev.yaml").read_text()
    assert "groundwork:slackWebhook:\n    secure: v1:" in generated
    assert "not:decryptable" not in generated
