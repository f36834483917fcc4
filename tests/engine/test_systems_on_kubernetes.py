"""The four application systems on a real API server: what of a service is there, and what goes with it."""

from pathlib import Path

import pytest

from rehearsal.control_plane.clusters.left_behind import found
from rehearsal.control_plane.control_plane import control_planes
from tests.engine.conftest import Rehearse
from tests.engine.left_behind import left_behind
from tests.engine.rehearsals import Rehearsal
from tests.engine.systems import File, all_four, changed, remove

COMPLETE = {"autoscaling": {"min": 2, "max": 4, "cpu_percent": 80}, "dashboards": ["services"]}
"""What the ML service needs besides so that there is an object of every kind for it."""
GONE = {
    "ConfigMap indexforge/dashboard-ml-service-services",
    "Configuration todo/notification",
    "Deployment indexforge/ml-service",
    "Deployment todo/notification",
    "ExternalSecret indexforge/ml-service",
    "NetworkPolicy indexforge/ml-service",
    "NetworkPolicy todo/notification",
    "PodDisruptionBudget indexforge/ml-service",
    "PodDisruptionBudget todo/notification",
    "Resiliency todo/notification",
    "ScaledObject indexforge/ml-service",
    "Secret indexforge/sh.helm.release.v1.ml-service.v1",
    "Secret todo/sh.helm.release.v1.notification.v1",
    "Service indexforge/ml-service",
    "Service indexforge/ml-service-pods",
    "Service todo/notification",
    "ServiceAccount indexforge/ml-service",
    "ServiceAccount todo/notification",
    "ServiceMonitor indexforge/ml-service",
    "ServiceMonitor todo/notification",
    "Subscription todo/notification.tasks",
}


@pytest.mark.real
@pytest.mark.slow
def test_all_systems_come_up_lose_two_services_with_all_that_was_theirs_and_go(rehearse: Rehearse, tmp_path: Path):
    """Two to three minutes on two cores: some 400 resources, brought up and destroyed on an API server of their own."""
    first = rehearse("local-dev", all_four("dev"), api="real")
    rehearsal = changed(first, tmp_path / "complete", complete)

    up = rehearsal.up("--skip-preview")
    assert up.exit_code == 0, up.stdout
    assert rehearsal.up("--skip-preview").touched() == set()

    before = objects(rehearsal)
    removed = changed(first, tmp_path / "removed", without_some)
    assert removed.up("--skip-preview").exit_code == 0
    gone = before - objects(removed)
    assert {one for one in gone if not one.startswith("Secret gateway/kong-")} == GONE

    destroy = removed.destroy()
    assert destroy.exit_code == 0, destroy.stdout
    assert "What was left in the cluster" not in destroy.stdout
    assert control_planes(removed.places.home) == []
    assert left_behind(removed) == []


def objects(rehearsal: Rehearsal) -> set[str]:
    """What a stack has in its cluster, as kind, namespace and name."""
    (plane,) = control_planes(rehearsal.places.home)
    return set(found(plane))


def complete(name: str, file: File) -> None:
    if name == "indexforge":
        del file["services"]["ml-service"]["replicas"]
        file["services"]["ml-service"].update(COMPLETE)


def without_some(name: str, file: File) -> None:
    if name == "indexforge":
        remove(file, "ml-service")
    if name == "todo":
        remove(file, "notification")
