"""An AKS stack over its life: protection, a network that moves, secrets."""

from pathlib import Path

import pytest

from tests.engine.conftest import BroughtUp, Rehearse
from tests.engine.left_behind import STAYS
from tests.engine.rehearsals import Rehearsal

CLUSTER = "azure-native:containerservice:ManagedCluster"
SERVER = "azure-native:dbforpostgresql:Server"
PIPELINE = "44444444-2222-4333-8444-555555555555"
POSTGRES = {"sku": "Standard_D2ds_v5", "storage_gib": 128}
KEPT_DAYS = "policy.rules[0].definition.actions.baseBlob.delete.daysAfterModificationGreaterThan"
LOCK = "azure-native:authorization:ManagementLockByScope"


@pytest.fixture
def up_aks_dev(brought_up: BroughtUp, home: Path) -> Rehearsal:
    """A foundation, up, for one test to change."""
    return brought_up("aks-dev", home, {"until": "foundation"})


def left_behind(rehearsal: Rehearsal) -> set[str]:
    return {resource.type for resource in rehearsal.inventory()}


def test_protection_is_lifted_by_taking_the_locks_away(brought_up: BroughtUp, home: Path):
    guarded = brought_up("aks-prod", home)

    refused = guarded.destroy()
    assert refused.exit_code == 1
    assert f"cluster-control-plane  {CLUSTER}  (protect)" in refused.stderr

    lifted = guarded.with_settings({"protect": False})
    up = lifted.up("--skip-preview")
    assert up.exit_code == 0, up.stdout
    assert {(step.operation, step.type) for step in up.steps() if step.type.startswith("azure-native:")} == {
        ("delete", LOCK)
    }
    destroy = lifted.destroy()
    assert destroy.exit_code == 0, destroy.stdout
    assert left_behind(lifted) <= STAYS


def test_a_network_that_moves_takes_the_cluster_along(rehearse: Rehearse):
    here = rehearse("aks-prod", {"protect": False, "until": "foundation"})
    assert here.up("--skip-preview").exit_code == 0

    there = here.with_settings({"network.cidr": "10.96.0.0/13"})
    moved = there.up("--skip-preview")

    assert moved.exit_code == 0, moved.stdout
    replaced = {step.type for step in moved.steps() if step.operation in ("replace", "create-replacement")}
    assert {CLUSTER, SERVER, "azure-native:network:VirtualNetwork", "azure-native:network:Subnet"} <= replaced
    assert not replaced & {"azure-native:storage:StorageAccount", "azure-native:keyvault:Vault"}
    assert set(there.up("--skip-preview").changes()) == {"same"}


def test_the_kubeconfig_is_encrypted_in_the_state(up_aks_dev: Rehearsal):
    (provider,) = [one for one in up_aks_dev.export()["resources"] if one["type"] == "pulumi:providers:kubernetes"]

    assert set(provider["inputs"]["kubeconfig"]) == {"4dabf18193072939515e22adb298388d", "ciphertext"}


def test_changed_settings_change_their_own_properties_and_no_others(up_aks_dev: Rehearsal):
    changed = up_aks_dev.with_settings(
        {
            "cluster.api_access": {"mode": "private"},
            "cluster.upgrade_channel": "node-image",
            "cluster.node_pools.system.max_nodes": 5,
            "cluster.node_pools.apps": {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3},
            "logs.retention_days": 9,
            "registry.pushers": [PIPELINE],
        }
    )

    up = changed.up("--skip-preview")

    assert up.exit_code == 0, up.stdout
    steps = [step for step in up.steps() if step.type.startswith("azure-native:")]
    assert {step.name: (step.operation, *step.changed) for step in steps} == {
        "cluster-control-plane": (
            "update",
            "agentPoolProfiles[0].maxCount",
            "agentPoolProfiles[0].nodeTaints[0]",
            "apiServerAccessProfile.authorizedIPRanges",
            "apiServerAccessProfile.enablePrivateCluster",
            "apiServerAccessProfile.enablePrivateClusterPublicFQDN",
            "apiServerAccessProfile.privateDNSZone",
            "autoUpgradeProfile.upgradeChannel",
        ),
        "pools-apps": ("create",),
        "logs-lifecycle": ("update", KEPT_DAYS),
        "flow-logs-store-lifecycle": ("update", KEPT_DAYS),
        "registry-44444444-pushes": ("create",),
    }
    assert set(changed.up("--skip-preview").changes()) == {"same"}


def test_a_database_comes_later_grows_and_goes_and_nothing_else_changes(up_aks_dev: Rehearsal):
    chosen = up_aks_dev.with_settings({"postgres": POSTGRES})
    up = chosen.up("--skip-preview")
    assert up.exit_code == 0, up.stdout
    changed = {step.name: step.operation for step in up.steps() if step.type.startswith("azure-native:")}
    assert changed == {
        "network-databases": "create",
        "postgres-dns-zone": "create",
        "postgres-dns-zone-link": "create",
        "postgres-server": "create",
        "postgres-only-tls": "create",
        # The server is backed up by the cloud, so no pod of a database writes backups any longer.
        "database-backups-backups-access-todo_postgres": "delete",
        "database-backups-writer-todo_postgres-federation": "delete",
        "database-backups-writer-todo_postgres-identity": "delete",
    }

    larger = chosen.with_settings({"postgres": {**POSTGRES, "storage_gib": 256, "sku": "Standard_E2ds_v5"}})
    grown = larger.up("--skip-preview")
    assert grown.exit_code == 0, grown.stdout
    assert {step.name: step.operation for step in grown.steps() if step.type == SERVER} == {"postgres-server": "update"}

    without = up_aks_dev.up("--skip-preview")
    assert without.exit_code == 0, without.stdout
    assert SERVER not in left_behind(up_aks_dev)


def test_the_databases_password_is_encrypted_in_the_state(up_aks_dev: Rehearsal):
    chosen = up_aks_dev.with_settings({"postgres": POSTGRES})
    assert chosen.up("--skip-preview").exit_code == 0

    (server,) = [one for one in chosen.export()["resources"] if one["type"] == SERVER]
    for side in ("inputs", "outputs"):
        assert "ciphertext" in server[side]["administratorLoginPassword"]


def test_a_pool_of_other_nodes_takes_the_place_of_the_one_before(up_aks_dev: Rehearsal):
    apps = {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3}
    before = up_aks_dev.with_settings({"cluster.node_pools.apps": apps})
    assert before.up("--skip-preview").exit_code == 0

    after = before.with_settings({"cluster.node_pools.apps.disk_gib": 200}).up("--skip-preview")

    assert after.exit_code == 0, after.stdout
    replaced = {step.name for step in after.steps() if "replace" in step.operation and "azure" in step.type}
    assert replaced == {"pools-apps"}
