"""The four application systems, side by side in one cluster of each cloud: up, single changes, destroy."""

from pathlib import Path

import pytest

from tests.engine.conftest import Rehearse
from tests.engine.left_behind import left_behind
from tests.engine.systems import SYSTEMS, File, all_four, changed, remove, telling_of
from tests.engine.test_secrets import files_with_any

STACKS = ("aks-dev", "aks-prod", "gke-dev", "gke-prod", "local-dev", "oke-dev", "oke-prod")
REMOVED = {"indexforge": "ml-service", "todo": "notification"}
GONE = {
    "indexforge-ml-service-release",
    "indexforge-ml-service-secrets",
    "todo-dapr-configuration-notification",
    "todo-dapr-resiliency-notification",
    "todo-dapr-subscription-notification.tasks",
    "todo-notification-release",
    "workloads-network-indexforge-ml-service",
    "workloads-network-todo-notification",
}
REPOSITORIES = {"registry-indexforge-ml-service", "registry-todo-notification"}
"""What goes along on OKE, whose registry has a repository for each image."""
LESS = {
    "indexforge-alerts",
    "indexforge-slos",
    "todo-slos",
    "workloads-network-gateway-workloads.kong",
    "workloads-network-monitoring-workloads.prometheus",
}
"""Some of what has told of the services that are gone, and stays for the others."""
FOLLOWS = {"indexforge-bounds-quota", "kong-configuration", "kong-release", "todo-bounds-quota"}
"""What counts the pods of all services, and what reads the gateway's file, whose name tells what is in it."""


@pytest.mark.parametrize(
    ("stack", "size"), [*((stack, stack.rpartition("-")[2]) for stack in STACKS), ("local-dev", "prod")]
)
def test_all_systems_come_up_take_single_changes_and_go(rehearse: Rehearse, tmp_path: Path, stack: str, size: str):
    rehearsal = rehearse(stack, {"environment": size, **all_four(size)})
    up = rehearsal.up("--skip-preview")
    assert up.exit_code == 0, up.stdout
    assert set(rehearsal.outputs()["services"]) == set(SYSTEMS)

    # One service is scaled, another gets a new image: a release each, and nothing else but the quota of the first. So
    # all the others are as they were when the program runs again.
    changed_both = rehearsal.with_settings(
        {
            "workloads.orders.services.payment.replicas": 5,
            "workloads.indexforge.services.app-service.image.tag": "1.0.1",
        }
    )
    assert changed_both.up("--skip-preview").touched() == {
        ("update", "orders-payment-release"),
        ("update", "orders-bounds-quota"),
        ("update", "indexforge-app-service-release"),
    }

    before = telling_of(changed_both, REMOVED.values())
    removed = changed(changed_both, tmp_path, without_some)
    touched = removed.up("--skip-preview").touched()
    gone = GONE | REPOSITORIES if stack.startswith("oke-") else GONE
    assert {name for operation, name in touched if operation == "delete"} == gone
    assert gone | LESS <= before
    assert before <= {name for _, name in touched} <= before | FOLLOWS
    assert telling_of(removed, REMOVED.values()) == set()
    passwords = removed.generated()
    assert len(passwords) > len(SYSTEMS)
    assert files_with_any(passwords, removed.places.home) == []

    destroy = removed.destroy()
    assert destroy.exit_code == 0, destroy.stdout
    assert left_behind(removed) == []


def without_some(name: str, file: File) -> None:
    if name in REMOVED:
        remove(file, REMOVED[name])
