"""Consul, rehearsed as a user would switch it on: it comes up, stays as it is, and leaves nothing."""

from pathlib import Path

from rehearsal.places import CLONE, Places
from tests.engine.rehearsals import Rehearsal


def test_consul_comes_up_stays_as_it_is_and_leaves_nothing(tmp_path: Path):
    rehearsal = Rehearsal(Places(tmp_path / "rehearsal", CLONE), "local-dev", {"mesh.consul": True})

    up = rehearsal.up("--skip-preview")
    again = rehearsal.up("--skip-preview")
    gone = rehearsal.destroy("--skip-preview")

    assert up.exit_code == 0, up.stdout
    assert up.violations() == []
    assert set(again.changes()) == {"same"}, again.stdout
    assert gone.exit_code == 0, gone.stdout
    made = {(one.type, one.name) for one in up.steps()}
    assert ("kubernetes:helm.sh/v3:Release", "consul-release") in made
    assert ("kubernetes:batch/v1:Job", "consul-reader") in made
    assert rehearsal.export().get("resources", []) == []
