"""An AKS stack over its life: protection, a network that moves, secrets."""

from tests.engine.conftest import Rehearse
from tests.engine.rehearsals import Rehearsal
from tests.engine.test_stacks import STAYS

CLUSTER = "azure-native:containerservice:ManagedCluster"
LOCK = "azure-native:authorization:ManagementLockByScope"


def left_behind(rehearsal: Rehearsal) -> set[str]:
    return {resource.type for resource in rehearsal.inventory()}


def test_protection_is_lifted_by_taking_the_locks_away(rehearse: Rehearse):
    guarded = rehearse("aks-prod")
    assert guarded.up("--skip-preview").exit_code == 0

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
    assert {CLUSTER, "azure-native:network:VirtualNetwork", "azure-native:network:Subnet"} <= replaced
    assert not replaced & {"azure-native:storage:StorageAccount", "azure-native:keyvault:Vault"}
    assert set(there.up("--skip-preview").changes()) == {"same"}


def test_the_kubeconfig_is_encrypted_in_the_state(rehearse: Rehearse):
    rehearsal = rehearse("aks-dev", {"until": "foundation"})
    assert rehearsal.up("--skip-preview").exit_code == 0

    (provider,) = [one for one in rehearsal.export()["resources"] if one["type"] == "pulumi:providers:kubernetes"]

    assert set(provider["inputs"]["kubeconfig"]) == {"4dabf18193072939515e22adb298388d", "ciphertext"}
