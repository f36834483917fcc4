"""What the controllers of custom resources make in a cluster on a real API."""

import json
from pathlib import Path
from typing import Any

from rehearsal.control_plane.api_client import Change
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet.custom_resources import TASK, CustomResources
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.providers.kubernetes import vault
from tests.unit.rehearsal.control_plane.kubelet.fake_api import Clock, FakeApi, known, put

EXTERNAL, STORE = "external-secrets.io/ExternalSecret", "external-secrets.io/ClusterSecretStore"
REPLICAS = "psmdb.percona.com/PerconaServerMongoDB"
PATH = "/apis/external-secrets.io/v1/namespaces/apps/externalsecrets/web/status"
DEFINITION = {"metadata": {"name": "externalsecrets.external-secrets.io"}}


class Machines:
    """The part under test, with an API that knows one controller's Deployment."""

    def __init__(self, home: Path, *, running: bool = True, label: str = "external-secrets", **told: Any) -> None:
        template = {"metadata": {"labels": {"app.kubernetes.io/name": label}}}
        deployment = {
            "metadata": {"name": "external-secrets", "namespace": "external-secrets"},
            "spec": {"template": template},
            "status": {"availableReplicas": int(running)},
        }
        self.api = FakeApi({"/apis/apps/v1/deployments": {"items": [deployment]}})
        self.queue, self.objects, self.watched = WorkQueue(Clock()), known(**told), list[tuple[str, str]]()
        for kind in (EXTERNAL, STORE):
            self.objects.add(kind)
        self.custom = CustomResources(self.api, self.objects, self.queue, self._watch, home, Clock())

    def _watch(self, kind: str, path: str) -> None:
        self.watched.append((kind, path))

    def given(self, kind: str, item: dict[str, Any]) -> None:
        self.custom.changed(kind, put(self.objects, kind, item))

    def done(self) -> list[tuple[str, str, dict[str, Any] | None]]:
        self.api.requests.clear()
        self.custom.reconcile(f"{EXTERNAL} apps/web")
        return self.api.requests


def external(status: dict[str, Any] | None = None) -> dict[str, Any]:
    spec = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "data": [{"secretKey": "TOKEN", "remoteRef": {"key": "web-token"}}],
    }
    metadata = {"name": "web", "namespace": "apps", "uid": "1-2"}
    body = {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": metadata, "spec": spec}
    return {**body, "status": status} if status else body


def store() -> dict[str, Any]:
    return {"metadata": {"name": "vault"}, "spec": {"provider": {}}}


def conditions(body: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    found = (body or {})["status"]["conditions"]
    return [(item["type"], item["status"], item["message"]) for item in found]


def test_a_secret_is_made_with_its_owner_and_then_the_object_is_ready(tmp_path: Path) -> None:
    machines = Machines(tmp_path)
    machines.given(STORE, store())
    machines.given(EXTERNAL, external())

    made, told = machines.done()

    assert made[:2] == ("POST", "/api/v1/namespaces/apps/secrets")
    assert made[2] is not None
    assert list(made[2]["data"]) == ["TOKEN"]
    [owner] = made[2]["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("ExternalSecret", "web", "1-2")
    assert told[:2] == ("PATCH", PATH)
    assert conditions(told[2]) == [("Ready", "True", "")]


def test_what_is_told_already_is_not_told_again(tmp_path: Path) -> None:
    secret = {"metadata": {"name": "web", "namespace": "apps"}, "data": {"TOKEN": "eA=="}}
    machines = Machines(tmp_path, secrets=[secret])
    machines.given(STORE, store())
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026"}
    machines.given(EXTERNAL, external({"conditions": [ready]}))

    assert machines.done() == []


def test_a_key_that_is_asked_for_later_is_added(tmp_path: Path) -> None:
    machines = Machines(tmp_path, secrets=[{"metadata": {"name": "web", "namespace": "apps"}, "data": {"OLD": "eA=="}}])
    machines.given(STORE, store())
    machines.given(EXTERNAL, external())

    added = machines.done()[0]

    assert added[:2] == ("PATCH", "/api/v1/namespaces/apps/secrets/web")
    assert list((added[2] or {})["data"]) == ["TOKEN"]


def test_what_waits_says_for_what_and_is_looked_at_again(tmp_path: Path) -> None:
    machines = Machines(tmp_path)
    machines.given(EXTERNAL, external())
    machines.queue.take()

    [told] = machines.done()

    assert conditions(told[2]) == [("Ready", "False", 'ClusterSecretStore "vault" not found')]
    assert machines.queue.seconds == 1.0


def test_a_secret_that_the_vault_lacks_is_named(tmp_path: Path) -> None:
    vault.keep_absent(tmp_path, ["web-token"])
    machines = Machines(tmp_path)
    machines.given(STORE, store())
    machines.given(EXTERNAL, external())

    [told] = machines.done()

    assert conditions(told[2]) == [("Ready", "False", 'the secret "web-token" does not exist in the vault')]


def test_nobody_touches_an_object_whose_controller_does_not_run(tmp_path: Path) -> None:
    for machines in (Machines(tmp_path, running=False), Machines(tmp_path, label="another")):
        machines.given(STORE, store())
        machines.given(EXTERNAL, external())

        assert machines.done() == []


def test_a_kind_is_watched_from_its_definition_on(tmp_path: Path) -> None:
    machines = Machines(tmp_path)
    machines.given(objects.DEFINITION, DEFINITION)
    machines.given(objects.DEFINITION, {"metadata": {"name": "others.example.com"}})

    assert machines.watched == [(EXTERNAL, "/apis/external-secrets.io/v1/externalsecrets")]


def test_a_change_of_a_custom_resource_is_looked_at(tmp_path: Path) -> None:
    machines = Machines(tmp_path)
    machines.given(EXTERNAL, external())

    assert machines.queue.take() == [(TASK, f"{EXTERNAL} apps/web")]
    put(machines.objects, EXTERNAL, external(), "DELETED")
    assert machines.done() == []


def test_objects_of_a_new_kind_are_kept_without_awaiting_that_all_are_told() -> None:
    cluster = known()

    assert cluster.get(EXTERNAL, "apps/web") is None
    assert (cluster.add(EXTERNAL), cluster.add(EXTERNAL)) == (True, False)
    assert cluster.complete
    list(cluster.take(Change(EXTERNAL, "ADDED", json.loads(json.dumps(external())))))
    assert cluster.get(EXTERNAL, "apps/web") is not None


def leaving(running: bool, home: Path) -> list[tuple[str, str, dict[str, Any] | None]]:
    """What is asked of the API about a replica set that is to be deleted."""
    machines = Machines(home, running=running, label="psmdb-operator")
    machines.objects.add(REPLICAS)
    metadata = {
        "name": "payments",
        "namespace": "apps",
        "deletionTimestamp": "2026-11-22T05:00:00Z",
        "finalizers": ["percona.com/delete-psmdb-pods-in-order", "example.com/keep"],
    }
    machines.given(
        REPLICAS, {"apiVersion": "psmdb.percona.com/v1", "kind": "PerconaServerMongoDB", "metadata": metadata}
    )
    machines.custom.reconcile(f"{REPLICAS} apps/payments")
    return [request for request in machines.api.requests if request[0] == "PATCH"]


def test_what_its_controller_has_cleared_up_is_let_go_and_what_others_hold_is_not(tmp_path: Path) -> None:
    [(_, path, body)] = leaving(True, tmp_path)

    assert path.endswith("/namespaces/apps/perconaservermongodbs/payments")
    assert body == {"metadata": {"finalizers": ["example.com/keep"]}}


def test_without_its_controller_an_object_with_a_finalizer_stays(tmp_path: Path) -> None:
    assert leaving(False, tmp_path) == []
