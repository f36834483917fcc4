"""One changed setting at a time: what it updates, and what it leaves alone."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rehearsal.places import CLONE, Places
from rehearsal.setup.stamp import recorded_engine
from tests.engine.rehearsals import Rehearsal, Result

POOL = "cluster.node_pools.system"


def engine_is(version: str) -> bool:
    """Whether the engine that set-up chose is of this version or newer."""
    engine = recorded_engine(CLONE / ".venv")
    assert engine
    said = subprocess.run([engine, "version"], capture_output=True, text=True, check=True).stdout
    return as_numbers(said) >= as_numbers(version)


def as_numbers(version: str) -> list[int]:
    return [int(part) for part in version.strip().removeprefix("v").split("-")[0].split(".")]


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.stdout
    return result


def operations(result: Result) -> dict[str, str]:
    """What is done to each resource of a provider, by name."""
    steps = [step for step in ok(result).steps() if not step.type.startswith(("pulumi:", "groundwork:"))]
    return {step.name: step.operation for step in steps}


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("metrics.retention_days", 10, {"prometheus-release": "update"}),
        ("logs.retention_days", 9, {"loki-release": "update", "logs-bucket": "update"}),
        (f"{POOL}.max_nodes", 6, {"pools-system": "update"}),
        ("cluster.release_channel", "RAPID", {"cluster-control-plane": "update"}),
        ("domain", "other.example", {}),
        (
            "cluster.node_pools.apps",
            {"machine_type": "e2-standard-8", "min_nodes": 0, "max_nodes": 3},
            {"pools-apps": "create"},
        ),
    ],
)
def test_a_changed_setting_updates_only_what_it_should(
    up_gke_dev: Rehearsal, setting: str, value: Any, expected: dict[str, str]
):
    changed = up_gke_dev.with_settings({setting: value})

    assert operations(changed.up("--skip-preview")) == expected
    assert operations(changed.preview()) == {}


def test_a_node_pool_is_replaced_by_creating_the_new_one_first(up_gke_dev: Rehearsal):
    changed = up_gke_dev.with_settings({f"{POOL}.spot": False})

    up = ok(changed.up("--skip-preview"))

    steps = [step.operation for step in up.steps() if step.name == "pools-system"]
    assert steps.index("create-replacement") < steps.index("delete-replaced")
    assert {step.name for step in up.steps() if "replace" in step.operation} == {"pools-system"}


def test_another_way_to_the_api_does_not_replace_what_runs_in_the_cluster(up_gke_dev: Rehearsal):
    changed = up_gke_dev.with_settings(
        {"cluster.api_access": {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]}}
    )

    assert operations(changed.up("--skip-preview")) == {"cluster-control-plane": "update"}
    assert operations(changed.preview()) == {}


def test_a_cluster_is_created_anew_in_phases(up_gke_dev: Rehearsal):
    emptied = up_gke_dev.with_settings({"until": "foundation"})
    moved = emptied.with_settings({"network.cidr": "10.128.0.0/13"})
    filled = moved.with_settings({"until": "workloads"})

    assert set(operations(emptied.up("--skip-preview")).values()) == {"delete"}
    replaced = {step.name for step in ok(moved.up("--skip-preview")).steps() if step.operation == "replace"}
    assert replaced == {"network-subnet", "cluster-control-plane", "cluster-provider", "pools-system"}
    assert set(operations(filled.up("--skip-preview")).values()) == {"create"}
    assert operations(filled.preview()) == {}


@pytest.mark.skipif(
    not engine_is("3.260.0"), reason="the engine replaces what runs in a cluster with it from 3.260.0 on: pulumi#23818"
)
def test_a_cluster_is_created_anew_with_what_runs_in_it(up_gke_dev: Rehearsal):
    changed = up_gke_dev.with_settings({"network.cidr": "10.128.0.0/13"})

    replaced = {step.name for step in ok(changed.up("--skip-preview")).steps() if step.operation == "replace"}

    assert {"cluster-control-plane", "cluster-provider", "loki-release", "todo-backend-release"} <= replaced
    assert operations(changed.preview()) == {}


def test_an_edit_of_the_chart_upgrades_the_services_and_nothing_else(up_gke_dev: Rehearsal, tmp_path: Path):
    clone = tmp_path / "edited"
    shutil.copytree(CLONE, clone, ignore=shutil.ignore_patterns(".git", ".venv", ".rehearsal", "__pycache__"))
    (clone / ".venv").symlink_to(CLONE / ".venv")
    template = clone / "charts" / "app-service" / "templates" / "deployment.yaml"
    template.write_text(template.read_text().replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 6"))

    edited = Rehearsal(Places(up_gke_dev.places.home, clone), "gke-dev")

    assert operations(edited.preview()) == {"todo-backend-release": "update"}
