"""What only GKE stacks do: hide the database's password, and change the database in place."""

import json
import subprocess
from typing import Any

import pytest

from rehearsal import runner
from rehearsal.setup.stamp import recorded_engine
from tests.engine.rehearsals import Rehearsal, Result

PASSWORD = "random:index/randomPassword:RandomPassword"


def generated(rehearsal: Rehearsal) -> list[str]:
    """The generated passwords, decrypted by the engine: what must not be found anywhere."""
    engine = recorded_engine(rehearsal.places.virtualenv)
    assert engine
    command = [str(engine), "stack", "export", "--show-secrets", "--stack", rehearsal.stack]
    folder, variables = rehearsal.places.project(rehearsal.stack), runner.environment(rehearsal.places, engine)
    exported = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=True)
    resources = json.loads(exported.stdout)["deployment"]["resources"]
    return [json.loads(one["outputs"]["result"]["plaintext"]) for one in resources if one["type"] == PASSWORD]


def changed(result: Result) -> set[tuple[str, str]]:
    """What a run did to which resource, components and the stack left out."""
    assert result.exit_code == 0, result.stdout
    return {
        (step.operation, step.name)
        for step in result.steps()
        if not step.type.startswith(("groundwork:", "pulumi:pulumi:"))
    }


def test_the_passwords_of_grafana_and_the_database_are_found_nowhere(up_gke_prod: Rehearsal):
    passwords = generated(up_gke_prod)

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
    assert changed(up_gke_prod.with_settings({setting: value}).preview()) == expected


def test_a_new_password_reaches_the_database_in_place(up_gke_prod: Rehearsal):
    urn = next(one.urn for one in up_gke_prod.recorded() if one.urn.endswith("::postgres-password"))

    replaced = up_gke_prod.up("--skip-preview", "--replace", urn)

    assert ("update", "postgres-administrator") in changed(replaced)
    assert "postgres-instance" not in {name for _, name in changed(replaced)}
