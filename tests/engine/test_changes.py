"""One changed setting at a time: what it updates, and what it leaves alone."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rehearsal.places import CLONE, Places
from rehearsal.setup.stamp import recorded_engine
from tests.engine.conftest import BroughtUp
from tests.engine.rehearsals import Rehearsal, Result
from tests.plans import effects
from tests.unit.stacks.setting_changes import CHANGES, CLOUDS, OPERATIONS

POOL = "cluster.node_pools.system"


def engine_version() -> tuple[int, ...]:
    """The version of the engine that set-up chose."""
    engine = recorded_engine(CLONE / ".venv")
    assert engine
    said = subprocess.run([engine, "version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split("-")[0].split("."))


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.stdout
    return result


def operations(result: Result) -> dict[str, str]:
    """What is done to each resource of a provider, by name."""
    steps = [step for step in ok(result).steps() if not step.type.startswith(("pulumi:", "groundwork:"))]
    return {step.name: step.operation for step in steps}


def test_changed_settings_update_only_what_they_should(up_gke_dev: Rehearsal):
    changed = up_gke_dev.with_settings(
        {
            "metrics.retention_days": 10,
            "logs.retention_days": 9,
            f"{POOL}.max_nodes": 6,
            f"{POOL}.machine_type": "e2-standard-8",
            "cluster.release_channel": "RAPID",
            "cluster.node_pools.apps": {"machine_type": "e2-standard-8", "min_nodes": 0, "max_nodes": 3},
        }
    )

    assert operations(changed.up("--skip-preview")) == {
        "prometheus-release": "update",
        "loki-release": "update",
        "logs-bucket": "update",
        "pools-system": "update",
        "cluster-control-plane": "update",
        "pools-apps": "create",
    }
    assert operations(changed.preview()) == {}


def test_changed_settings_change_their_own_properties_and_no_others(up_gke_dev: Rehearsal):
    changed = up_gke_dev.with_settings(
        {
            "metrics.storage_gib": 40,
            "logs.retention_days": 9,
            f"{POOL}.disk_gib": 200,
            f"{POOL}.taints": [{"key": "only", "effect": "PreferNoSchedule"}],
        }
    )

    preview = ok(changed.preview())

    found = {step.name: (step.operation, *step.changed) for step in preview.steps() if step.name in operations(preview)}
    assert found == {
        "prometheus-release": (
            "update",
            "values.prometheus.prometheusSpec.retentionSize",
            "values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec.resources.requests.storage",
        ),
        "loki-release": (
            "update",
            "values.loki.structuredConfig.limits_config.max_query_length",
            "values.loki.structuredConfig.limits_config.max_query_lookback",
            "values.loki.structuredConfig.limits_config.retention_period",
        ),
        "logs-bucket": ("update", "lifecycleRules[0].condition.age"),
        "pools-system": ("update", "nodeConfig.diskSizeGb", "nodeConfig.taints[0]"),
    }


@pytest.mark.parametrize(
    ("cloud", "setting"),
    [("gke", "logs.retention_days"), ("aks", "cluster.upgrade_channel"), ("oke", "object_storage.keys")],
)
def test_the_engine_plans_what_the_table_of_changes_says(
    brought_up: BroughtUp, tmp_path: Path, cloud: str, setting: str
):
    change = CHANGES[cloud][setting]
    _model, stack = CLOUDS[cloud]

    changed = brought_up(stack, tmp_path / "rehearsal").with_settings({setting: change["to"]})

    assert planned(changed.preview()) == {name: op for op, key in OPERATIONS.items() for name in change.get(key, [])}


def test_a_move_to_another_region_makes_anew_what_lies_in_it_and_nothing_else(brought_up: BroughtUp, tmp_path: Path):
    moved = brought_up("oke-dev", tmp_path / "rehearsal").with_settings(to_london(domains=1))

    expected = effects("oke-dev", to_london(domains=1))

    assert planned(moved.preview()) == {
        name: effect.operation for name, effect in expected.items() if not effect.type.startswith("pulumi:")
    }
    assert expected["logs-bucket"].operation == "replace"
    assert "logs-writer-user" not in expected


def test_a_protected_stack_does_not_move(brought_up: BroughtUp, tmp_path: Path):
    moved = brought_up("oke-prod", tmp_path / "rehearsal").with_settings(to_london(domains=3))

    preview = moved.preview()

    assert preview.exit_code != 0
    assert any("marked for protection" in message for message in preview.diagnostics("error"))


def to_london(*, domains: int) -> dict[str, Any]:
    """Settings of a stack on OKE in another region."""
    return {
        "account.region": "uk-london-1",
        "cluster.availability_domains": [f"EXMP:UK-LONDON-1-AD-{index + 1}" for index in range(domains)],
        "cluster.image_ocid": "ocid1.image.oc1.uk-london-1.aaaaaaaaexampleimage",
    }


def planned(result: Result) -> dict[str, str]:
    """What is to become of each resource of a provider: the steps of a replacement are one."""
    return {name: "replace" if "replace" in step else step for name, step in operations(result).items()}


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


def test_a_cluster_is_created_anew_with_what_runs_in_it(up_gke_dev: Rehearsal):
    if engine_version() < (3, 260):
        pytest.skip("the engine takes what runs in a cluster along from 3.260 on: pulumi#23818")
    changed = up_gke_dev.with_settings({"network.cidr": "10.128.0.0/13"})

    replaced = {step.name for step in ok(changed.up("--skip-preview")).steps() if step.operation == "replace"}

    assert {"cluster-control-plane", "cluster-provider", "loki-release", "todo-backend-release"} <= replaced
    assert operations(changed.preview()) == {}


def test_another_image_of_one_service_upgrades_its_release_and_the_others_are_named(up_gke_prod: Rehearsal):
    changed = up_gke_prod.with_settings({"workloads.todo.services.backend.image.digest": f"sha256:{'a' * 64}"})

    preview = changed.preview()

    assert preview.touched() == {("update", "todo-backend-release")}
    (warning,) = [text for text in preview.diagnostics("warning") if "by a tag alone" in text]
    assert "pushed again: recurring-task, notification, sync, audit." in warning


def test_an_edit_of_the_chart_upgrades_the_services_and_nothing_else(up_gke_dev: Rehearsal, tmp_path: Path):
    clone = tmp_path / "edited"
    shutil.copytree(CLONE, clone, ignore=shutil.ignore_patterns(".git", ".venv", ".rehearsal", "__pycache__"))
    (clone / ".venv").symlink_to(CLONE / ".venv")
    template = clone / "charts" / "app-service" / "templates" / "deployment.yaml"
    template.write_text(template.read_text().replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 6"))

    edited = Rehearsal(Places(up_gke_dev.places.home, clone), "gke-dev")

    services = [f"todo-{name}-release" for name in ("backend", "recurring-task", "notification", "sync", "audit")]
    assert operations(edited.preview()) == dict.fromkeys(services, "update")
