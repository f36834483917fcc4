"""What only OKE stacks do: rotate keys, hide them, and keep the cluster while its API is opened or closed."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal import runner
from rehearsal.setup.stamp import recorded_engine
from tests.engine.rehearsals import Rehearsal, Result

KEY = "oci:Identity/customerSecretKey:CustomerSecretKey"


@pytest.fixture
def up_oke_dev(brought_up: Callable[[str, Path], Rehearsal], tmp_path: Path) -> Rehearsal:
    """The development stack on OKE, up, for one test to change."""
    return brought_up("oke-dev", tmp_path / "rehearsal")


def secret_keys(rehearsal: Rehearsal) -> list[str]:
    """The generated keys, decrypted by the engine: what must not be found anywhere."""
    engine = recorded_engine(rehearsal.places.virtualenv)
    assert engine
    command = [str(engine), "stack", "export", "--show-secrets", "--stack", rehearsal.stack]
    folder, variables = rehearsal.places.project(rehearsal.stack), runner.environment(rehearsal.places, engine)
    exported = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=True)
    resources = json.loads(exported.stdout)["deployment"]["resources"]
    return [json.loads(one["outputs"]["key"]["plaintext"]) for one in resources if one["type"] == KEY]


def changed(result: Result) -> set[tuple[str, str]]:
    """What a run did to which resource, components and the stack left out."""
    assert result.exit_code == 0, result.stdout
    return {
        (step.operation, step.name)
        for step in result.steps()
        if not step.type.startswith(("groundwork:", "pulumi:pulumi:"))
    }


def test_a_generated_key_is_found_nowhere(up_oke_dev: Rehearsal):
    keys = secret_keys(up_oke_dev)

    runs = [up_oke_dev.preview("--diff"), up_oke_dev.refresh("--diff")]

    assert len(set(keys)) == 2
    for key in keys:
        for run in runs:
            assert run.exit_code == 0, run.stdout
            assert key not in run.stdout + run.stderr + json.dumps(run.events)
        held = [
            path for path in up_oke_dev.places.home.rglob("*") if path.is_file() and key.encode() in path.read_bytes()
        ]
        assert held == []


def test_keys_are_rotated_in_three_steps_and_pods_follow_the_second(up_oke_dev: Rehearsal):
    added = up_oke_dev.with_settings({"object_storage.keys": ["first", "second"]}).up("--skip-preview")
    switched = up_oke_dev.with_settings({"object_storage.keys": ["second", "first"]}).up("--skip-preview")
    dropped = up_oke_dev.with_settings({"object_storage.keys": ["second"]}).up("--skip-preview")

    assert changed(added) == {("create", "logs-key-second"), ("create", "backups-key-second")}
    assert {name for _, name in changed(switched)} == {"loki-object-store", "loki-release"}
    assert changed(dropped) == {("delete", "logs-key-first"), ("delete", "backups-key-first")}


def test_closing_the_api_to_the_outside_keeps_the_cluster(up_oke_dev: Rehearsal):
    closed = up_oke_dev.with_settings({"cluster.api_access": {"mode": "private"}}).preview()

    steps = changed(closed)
    assert ("update", "cluster-control-plane") in steps
    assert ("update", "network-api") in steps
    replaced = {name for operation, name in steps if "replace" in operation}
    assert replaced == set()
