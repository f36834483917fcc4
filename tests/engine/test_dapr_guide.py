"""The worked example of the guide to Dapr, rehearsed as a user would put it into a stack."""

from pathlib import Path

import pytest

from rehearsal.places import Places
from tests.dapr_guide import examples
from tests.engine.rehearsals import Rehearsal, clone_with


@pytest.mark.parametrize("stack", ["local-dev", "gke-dev"])
def test_the_worked_example_comes_up_and_stays_as_it_is(tmp_path: Path, stack: str):
    clone = clone_with(tmp_path, "shop", examples()[0])
    rehearsal = Rehearsal(Places(tmp_path / "rehearsal", clone), stack, {"workloads": ["shop"]})

    up = rehearsal.up("--skip-preview")
    again = rehearsal.up("--skip-preview")

    assert up.exit_code == 0, up.stdout
    assert up.violations() == []
    assert set(again.changes()) == {"same"}, again.stdout
    made = {(one.type, one.name) for one in up.steps()}
    assert ("kubernetes:dapr.io/v1alpha1:Component", "shop-dapr-component-pubsub") in made
    assert ("kubernetes:helm.sh/v3:Release", "shop-stock-release") in made
