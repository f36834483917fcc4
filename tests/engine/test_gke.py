"""What only GKE stacks do: hide the database's password, and change the database in place."""

import json

from tests.engine.rehearsals import Rehearsal


def test_the_passwords_that_are_generated_are_found_nowhere(up_gke_prod: Rehearsal):
    passwords = up_gke_prod.generated()

    runs = [up_gke_prod.preview("--diff"), up_gke_prod.refresh("--diff")]

    assert len(passwords) > 2
    assert min(len(password) for password in passwords) >= 32
    files = [path.read_bytes() for path in up_gke_prod.places.home.rglob("*") if path.is_file()]
    for password in passwords:
        assert all(password not in run.stdout + run.stderr + json.dumps(run.events) for run in runs)
        assert not any(password.encode() in content for content in files)


def test_settings_of_gke_change_in_place(up_gke_prod: Rehearsal):
    changed = up_gke_prod.with_settings(
        {
            "postgres.tier": "db-custom-4-16384",
            "postgres.backup_days": 35,
            "postgres.storage_gib": 100,
            "registry.pushers": ["group:builders@acme.example"],
            "cluster.node_pools.apps.upgrades": "blue-green",
        }
    ).preview()

    assert changed.touched() == {
        ("update", "postgres-instance"),
        ("create", "registry-group:builders@acme.example-pushes"),
        ("update", "pools-apps"),
    }
    # The disk of an instance grows by itself: what is asked for is only what it starts with.
    (instance,) = [step for step in changed.steps() if step.name == "postgres-instance"]
    assert instance.changed == (
        "settings.backupConfiguration.backupRetentionSettings.retainedBackups",
        "settings.tier",
    )


def test_a_new_password_reaches_the_database_in_place(up_gke_prod: Rehearsal):
    urn = next(one.urn for one in up_gke_prod.recorded() if one.urn.endswith("::postgres-password"))

    replaced = up_gke_prod.up("--skip-preview", "--replace", urn)

    assert ("update", "postgres-administrator") in replaced.touched()
    assert "postgres-instance" not in {name for _, name in replaced.touched()}
