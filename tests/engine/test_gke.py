"""What only GKE stacks do: hide the database's password, and change the database in place."""

import json
from typing import Any

import pytest

from tests.engine.rehearsals import Rehearsal


def test_the_passwords_of_grafana_and_the_database_are_found_nowhere(up_gke_prod: Rehearsal):
    passwords = up_gke_prod.generated()

    runs = [up_gke_prod.preview("--diff"), up_gke_prod.refresh("--diff")]

    assert [len(password) for password in passwords] == [32, 32]
    files = [path.read_bytes() for path in up_gke_prod.places.home.rglob("*") if path.is_file()]
    for password in passwords:
        assert all(password not in run.stdout + run.stderr + json.dumps(run.events) for run in runs)
        assert not any(password.encode() in content for content in files)


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("postgres.tier", "db-custom-4-16384", {("update", "postgres-instance")}),
        ("postgres.backup_days", 35, {("update", "postgres-instance")}),
        ("postgres.storage_gib", 100, set()),
        (
            "registry.pushers",
            ["group:builders@acme.example"],
            {("create", "registry-group:builders@acme.example-pushes")},
        ),
        ("cluster.node_pools.apps.upgrades", "blue-green", {("update", "pools-apps")}),
    ],
)
def test_a_setting_of_gke_changes_in_place(
    up_gke_prod: Rehearsal, setting: str, value: Any, expected: set[tuple[str, str]]
):
    assert up_gke_prod.with_settings({setting: value}).preview().touched() == expected


def test_a_new_password_reaches_the_database_in_place(up_gke_prod: Rehearsal):
    urn = next(one.urn for one in up_gke_prod.recorded() if one.urn.endswith("::postgres-password"))

    replaced = up_gke_prod.up("--skip-preview", "--replace", urn)

    assert ("update", "postgres-administrator") in replaced.touched()
    assert "postgres-instance" not in {name for _, name in replaced.touched()}
