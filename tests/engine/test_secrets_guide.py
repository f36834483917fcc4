"""The worked example of the guide to secrets, rehearsed as a user would go through it."""

from pathlib import Path

from rehearsal.places import Places
from tests.engine.rehearsals import Rehearsal, clone_with
from tests.secrets_guide import workload_file

EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
SECRET = "kubernetes:core/v1:Secret"


def test_a_secret_that_is_missing_is_named_and_the_update_goes_on_once_it_is_there(tmp_path: Path):
    clone = clone_with(tmp_path, "todo", workload_file())
    rehearsal = Rehearsal(Places(tmp_path / "rehearsal", clone), "local-dev", {"workloads": ["todo"]})

    failed = rehearsal.up("--skip-preview", "--absent-secret", "todo-mail-password")

    assert failed.exit_code != 0
    (told,) = [message for message in failed.diagnostics("error") if "todo/backend" in message]
    assert 'the secret "todo-mail-password" does not exist in the vault' in told

    up = rehearsal.up("--skip-preview")

    assert up.exit_code == 0, up.stdout
    assert up.violations() == []
    made = next(one for one in rehearsal.inventory() if (one.type, one.id) == (SECRET, "todo/backend"))
    assert made.owner == f"{EXTERNAL}::todo/backend"
    (release,) = [one for one in rehearsal.inventory() if one.id == "todo/backend" and "Release" in one.type]
    assert release.inputs["values"]["secretEnv"] == {
        "SESSION_KEY": {"secret": "backend", "key": "SESSION_KEY"},
        "MAIL_PASSWORD": {"secret": "backend", "key": "MAIL_PASSWORD"},
    }
    assert release.inputs["values"]["podAnnotations"] == {"secret.reloader.stakater.com/reload": "backend"}
