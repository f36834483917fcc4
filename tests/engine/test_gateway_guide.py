"""The worked example of the guide to the gateway, rehearsed as a user would put it into a stack."""

from pathlib import Path

import pytest

from rehearsal.places import Places
from tests.engine.rehearsals import Rehearsal, clone_with
from tests.gateway_guide import example


@pytest.mark.parametrize("stack", ["local-dev", "gke-staging"])
def test_the_worked_example_comes_up_and_stays_as_it_is(tmp_path: Path, stack: str):
    clone = clone_with(tmp_path, "shop", example())
    rehearsal = Rehearsal(Places(tmp_path / "rehearsal", clone), stack, {"workloads": ["shop"]})

    up = rehearsal.up("--skip-preview")
    again = rehearsal.up("--skip-preview")

    assert up.exit_code == 0, up.stdout
    assert up.violations() == []
    assert set(again.changes()) == {"same"}, again.stdout
    made = {(one.type, one.name) for one in up.steps()}
    assert made >= {
        ("kubernetes:helm.sh/v3:Release", "shop-storefront-canary-release"),
        ("kubernetes:keda.sh/v1alpha1:ScaledObject", "shop-storefront-canary-scaling"),
        ("kubernetes:monitoring.coreos.com/v1:PrometheusRule", "shop-canaries"),
        ("random:index/randomPassword:RandomPassword", "kong-shop.warehouse-key-first"),
    }
    counted = ("kubernetes:helm.sh/v3:Release", "kong-counters-release") in made
    assert counted is (stack == "gke-staging")
