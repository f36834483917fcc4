"""The four application systems, side by side in one cluster of each cloud: up, up again, single changes, destroy."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.places import CLONE, Places
from tests.engine.conftest import Rehearse
from tests.engine.left_behind import left_behind
from tests.engine.rehearsals import clone_with

SYSTEMS = ("bakery", "indexforge", "orders", "todo")


def all_four(stack: str) -> Mapping[str, Any]:
    """Settings of a stack that runs all systems: in dev by stand-ins, as before the first image of one's own."""
    return {"protect": False, "workloads": {name: {"stand_in": stack.endswith("-dev")} for name in SYSTEMS}}


@pytest.mark.parametrize("stack", ["aks-prod", "gke-dev", "gke-prod", "local-dev", "oke-prod"])
def test_all_systems_come_up_stay_as_they_are_and_go(rehearse: Rehearse, stack: str):
    rehearsal = rehearse(stack, all_four(stack))

    up = rehearsal.up("--skip-preview")
    assert up.exit_code == 0, up.stdout
    assert set(rehearsal.outputs()["services"]) == set(SYSTEMS)
    assert rehearsal.up("--skip-preview").touched() == set()

    scaled = rehearsal.with_settings({"workloads.orders.services.payment.replicas": 5}).preview()
    assert scaled.touched() == {("update", "orders-payment-release"), ("update", "orders-bounds-quota")}

    destroy = rehearsal.destroy()
    assert destroy.exit_code == 0, destroy.stdout
    assert left_behind(rehearsal) == []


@pytest.mark.parametrize("stack", ["aks-dev", "aks-staging", "gke-staging", "oke-dev", "oke-staging"])
def test_all_systems_are_planned_wherever_they_are_not_rehearsed(rehearse: Rehearse, stack: str):
    preview = rehearse(stack, all_four(stack)).preview()

    assert preview.exit_code == 0, preview.stdout
    assert preview.violations() == []


def test_one_image_is_one_release_and_a_service_that_is_removed_takes_its_own_along(rehearse: Rehearse, tmp_path: Path):
    rehearsal = rehearse("gke-prod", {"protect": False, "workloads": {"indexforge": {}}})
    assert rehearsal.up("--skip-preview").exit_code == 0

    image = rehearsal.with_settings({"workloads.indexforge.services.ml-service.image.tag": "1.0.1"}).preview()
    assert image.touched() == {("update", "indexforge-ml-service-release")}

    clone = clone_with(tmp_path, "indexforge", without("indexforge", "ml-service"))
    removed = replace(rehearsal, places=Places(rehearsal.places.home, clone)).preview().touched()
    assert {name for operation, name in removed if operation == "delete"} == {
        "indexforge-ml-service-release",
        "indexforge-ml-service-secrets",
        "workloads-network-indexforge-ml-service",
    }
    assert {("update", "indexforge-alerts"), ("replace", "kong-configuration")} <= removed


def without(workload: str, service: str) -> str:
    """The text of a workload file without one of its services, which nobody calls any longer."""
    file: dict[str, Any] = yaml.safe_load((CLONE / "workloads" / f"{workload}.yaml").read_text())
    del file["services"][service]
    for other in file["services"].values():
        other["calls"] = [called for called in other.get("calls", []) if called != service]
    return yaml.safe_dump(file)
