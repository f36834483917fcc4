"""Releases on a real API: installed, upgraded, refused, rolled back, uninstalled."""

import threading
from pathlib import Path
from typing import Any

import pytest

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.real.cluster import Namespace
from tests.real.release_charts import Workshop, engine_for, write_chart
from tests.unit.rehearsal.providers.fake_engine import Refused

ABSENT = {"secret": "absent"}
SHORT: dict[str, Any] = {"timeout": 3}


@pytest.fixture
def workshop(plane: ControlPlane, namespace: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    home = tmp_path / "home"
    monkeypatch.setenv("REHEARSAL_HOME", str(home))
    return Workshop(engine_for(plane), plane, namespace, write_chart(tmp_path / "web"), home)


def test_a_release_says_what_runs(workshop: Workshop):
    made = workshop.install(values={"replicas": 2})

    assert made.id == f"{workshop.namespace.name}/web"
    assert made["status"] == {
        "name": "web",
        "namespace": workshop.namespace.name,
        "revision": 1,
        "status": "deployed",
        "chart": "web",
        "version": "1.2.3",
        "appVersion": "9",
    }
    assert (made["version"], made["values"]) == ("1.2.3", {"replicas": 2})
    assert made["resourceNames"] == {"Deployment.apps/apps/v1": ["web"]}
    deployment = workshop.namespace.get("deployments", "web")
    assert deployment
    assert deployment["status"]["readyReplicas"] == 2
    assert workshop.changes(made, values={"replicas": 2}) == []


def test_an_upgrade_counts_revisions_and_an_uninstall_ends_them(workshop: Workshop):
    made = workshop.install()
    upgraded = workshop.upgrade(made, values={"replicas": 2})

    assert upgraded["status"]["revision"] == 2
    assert workshop.revisions() == {1: "superseded", 2: "deployed"}
    assert workshop.engine.read(upgraded).outputs == upgraded.outputs
    workshop.engine.delete(upgraded)
    assert workshop.engine.read(upgraded).id == ""
    assert workshop.namespace.get("deployments", "web") is None
    assert workshop.revisions() == {}


def test_only_so_many_revisions_are_kept(workshop: Workshop):
    state = workshop.install(maxHistory=2)
    for replicas in (2, 3, 4):
        state = workshop.upgrade(state, maxHistory=2, values={"replicas": replicas})

    assert sorted(workshop.revisions()) == [3, 4]


def test_a_name_is_taken_once_in_a_namespace(workshop: Workshop):
    workshop.install()

    with pytest.raises(Refused, match=r"^cannot re-use a name that is still in use$"):
        workshop.install()


def test_a_namespace_has_to_be_there_or_is_created(workshop: Workshop):
    other = f"{workshop.namespace.name}-other"

    with pytest.raises(Refused, match=f'^create: failed to create: namespaces "{other}" not found$'):
        workshop.install(namespace=other)
    made = workshop.install(namespace=other, createNamespace=True)

    assert made.id == f"{other}/web"
    workshop.engine.delete(made)
    Namespace(workshop.namespace.client).delete("namespaces", other)


def test_what_never_becomes_ready_is_a_release_that_failed(workshop: Workshop):
    with pytest.raises(Refused) as caught:
        workshop.install(**SHORT, values=ABSENT)

    identity = f"{workshop.namespace.name}/web"
    assert str(caught.value).startswith(
        f'Helm release "{identity}" was created, but failed to initialize completely. Use Helm CLI to investigate: '
        f"failed to become available within allocated timeout. Error: Helm Release {identity}: "
        "context deadline exceeded"
    )
    assert caught.value.details.id == identity
    assert caught.value.details.properties["status"]["status"] == "failed"
    assert workshop.revisions() == {1: "failed"}


def test_why_pods_were_not_ready_is_told(workshop: Workshop):
    with pytest.raises(Refused, match=r'context deadline exceeded \(.*secret "absent" not found'):
        workshop.install(**SHORT, values=ABSENT)


def test_a_failed_release_is_mended_by_an_upgrade(workshop: Workshop):
    with pytest.raises(Refused) as caught:
        workshop.install(**SHORT, values=ABSENT)
    identity = caught.value.details.id
    former = workshop.inputs(**SHORT, values=ABSENT)
    state = workshop.engine.read(_state(identity, former))
    assert state["status"]["status"] == "failed"

    mended = workshop.upgrade(state, values={"replicas": 1})

    assert (mended["status"]["status"], mended["status"]["revision"]) == ("deployed", 2)


def test_helm_keeps_the_former_values_where_a_program_gives_none_any_more(workshop: Workshop):
    made = workshop.install(values={"replicas": 2})

    assert workshop.upgrade(made)["values"] == {"replicas": 2}
    assert workshop.upgrade(made, resetValues=True)["values"] == {}


def test_an_atomic_release_that_fails_leaves_nothing(workshop: Workshop):
    with pytest.raises(Refused, match=r"^release web failed, and has been uninstalled due to atomic being set: "):
        workshop.install(**SHORT, atomic=True, values=ABSENT)

    assert workshop.revisions() == {}
    assert workshop.namespace.get("deployments", "web") is None


def test_an_atomic_upgrade_that_fails_is_rolled_back(workshop: Workshop):
    made = workshop.install()

    with pytest.raises(Refused, match="release web failed, and has been rolled back due to atomic being set") as caught:
        workshop.upgrade(made, **SHORT, atomic=True, cleanupOnFail=True, values={"secret": "absent", "tag": "v2"})

    assert caught.value.details.properties["status"]["revision"] == 2
    assert workshop.revisions() == {1: "superseded", 2: "failed", 3: "deployed"}
    deployment = workshop.namespace.get("deployments", "web")
    assert deployment
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.test/web:v1"


def test_nobody_waits_where_the_program_does_not_want_it(workshop: Workshop):
    assert workshop.install(skipAwait=True, values=ABSENT)["status"]["status"] == "deployed"


def test_hooks_run_and_are_switched_off_by_what_the_provider_calls_webhooks(workshop: Workshop):
    made = workshop.install(values={"hook": "pre-install"})
    job = workshop.namespace.get("jobs", "web-pre-install")
    assert job is not None
    assert job["status"]["succeeded"] == 1
    assert "Job.batch/batch/v1" not in made["resourceNames"]
    workshop.engine.delete(made)

    workshop.install(disableWebhooks=True, values={"hook": "post-install"})
    assert workshop.namespace.get("jobs", "web-post-install") is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"replicas": "two"}, "at '/replicas': got string, want integer"),
        ({"tag": ""}, "a tag, please"),
        ({"cpu": "12x"}, "quantities must match the regular expression"),
        ({"replicas": -1}, "must be greater than or equal to 0"),
    ],
)
def test_what_the_schema_the_templates_or_the_api_refuse_fails_the_preview(
    workshop: Workshop, values: dict[str, Any], why: str
):
    with pytest.raises(Refused, match=why):
        workshop.preview(values=values)
    with pytest.raises(Refused, match=why):
        workshop.install(**SHORT, values=values)


def test_what_an_upgrade_may_not_change_fails_the_preview(workshop: Workshop):
    made = workshop.install()

    with pytest.raises(Refused, match=r"spec.selector: Invalid value: .* field is immutable"):
        workshop.preview_upgrade(made, values={"selector": "other"})
    assert workshop.preview_upgrade(made, values={"replicas": 2})["status"] is UNKNOWN
    assert workshop.revisions() == {1: "deployed"}


def test_what_the_same_program_brings_first_is_not_missed_in_a_preview(workshop: Workshop):
    monitor = {"monitor": "example.test/v1"}

    assert workshop.preview(namespace="not-there-yet", values=monitor)["status"] is UNKNOWN
    with pytest.raises(Refused, match=r'no matches for kind "Monitor" in version "example.test/v1"'):
        workshop.install(values=monitor)
    with pytest.raises(Refused, match="a tag, please"):
        workshop.preview(namespace="not-there-yet", values={**monitor, "tag": ""})


def test_a_preview_waits_for_no_value_and_no_cluster(workshop: Workshop):
    assert workshop.preview(values={"replicas": UNKNOWN, "tag": ""})["status"] is UNKNOWN
    server = workshop.plane.address
    elsewhere = workshop.plane.kubeconfig.read_text().replace(server, "127.0.0.1:1")
    workshop.engine.configure({"kubeconfig": elsewhere})

    assert workshop.preview(values={"tag": ""})["status"] is UNKNOWN
    with pytest.raises(Refused, match=r"^can't create Helm Release with unreachable cluster: "):
        workshop.install()


def test_a_chart_that_is_not_there_fails_before_anything_else(workshop: Workshop):
    failures = workshop.engine.failures("kubernetes:helm.sh/v3:Release", "web", {"chart": "./nothing"})

    why = 'path "./nothing" not found; check the chart name and repository configuration.'
    assert failures == [("chart", why)]


def test_a_new_version_of_the_chart_is_an_upgrade(workshop: Workshop):
    made = workshop.install()
    write_chart(workshop.chart, "1.3.0")

    assert workshop.changes(made) == ["version"]
    assert workshop.upgrade(made)["status"]["version"] == "1.3.0"


def test_a_release_that_others_removed_is_gone(workshop: Workshop):
    made = workshop.install()
    workshop.engine.delete(made)

    assert workshop.engine.read(made).id == ""
    with pytest.raises(Refused, match=r"^uninstall: Release not loaded: web: release: not found$"):
        workshop.engine.delete(made)


def test_values_that_others_changed_are_put_back(workshop: Workshop):
    made = workshop.install(values={"replicas": 1})
    workshop.upgrade(made, values={"replicas": 3})

    seen = workshop.engine.read(made)

    assert (seen.inputs, seen["status"]["revision"]) == (made.inputs, 2)
    assert workshop.changes(seen, values={"replicas": 1}) == ["values.replicas"]
    assert workshop.upgrade(seen, values={"replicas": 1})["values"] == {"replicas": 1}


def test_secret_values_are_found_nowhere_but_in_the_cluster(workshop: Workshop, tmp_path: Path):
    made = workshop.install(values={"settings": {"password": Secret("very-hidden-word")}})

    stored = workshop.namespace.get("secrets", "web-settings")
    assert stored is not None
    assert made["values"] == {"settings": {"password": Secret("very-hidden-word")}}
    assert isinstance(made["__inputs"], Secret)
    places = [tmp_path, workshop.plane.folder]
    holding = [
        file
        for place in places
        for file in place.rglob("*")
        if file.is_file() and "etcd" not in file.parts and b"very-hidden-word" in file.read_bytes()
    ]
    assert holding == []


def test_refusals_do_not_quote_what_is_secret(workshop: Workshop):
    with pytest.raises(Refused, match=r"'\[secret\]' does not match pattern") as caught:
        workshop.preview(values={"token": Secret("VERY-HIDDEN")})

    assert "VERY-HIDDEN" not in str(caught.value)


def test_an_interrupt_ends_a_release_and_rolls_it_back(workshop: Workshop):
    releases = workshop.releases()
    failed = threading.Event()

    def install() -> None:
        with pytest.raises(CloudError, match="uninstalled due to atomic being set"):
            releases.install(workshop.operation(timeout=300, atomic=True, values=ABSENT))
        failed.set()

    running = threading.Thread(target=install)
    running.start()
    workshop.namespace.wait("deployments", "web", lambda _: True)
    releases.cancel()
    running.join(60)

    assert failed.is_set()
    assert workshop.namespace.get("deployments", "web") is None


def _state(identity: str, inputs: dict[str, Any]) -> Any:
    from tests.unit.rehearsal.providers.fake_engine import State

    return State("kubernetes:helm.sh/v3:Release", "web", identity, inputs, inputs)
