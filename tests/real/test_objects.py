"""Objects on a real API: what changes keep, what drift is seen, what conflicts, what is awaited, what goes."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.providers.kubernetes_api.provider import KubernetesApiProvider
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.real.cluster import Namespace
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "REHEARSAL_AWAIT_SECONDS", "60")


@pytest.fixture
def engine(plane: ControlPlane, namespace: Namespace) -> Engine:
    return _engine(plane, namespace)


@pytest.fixture
def mutable(plane: ControlPlane, namespace: Namespace) -> Engine:
    """Config maps and secrets are changed in place."""
    return _engine(plane, namespace, enableConfigMapMutable="true", enableSecretMutable="true")


def _engine(plane: ControlPlane, namespace: Namespace, **settings: str) -> Engine:
    configuration = {"kubeconfig": plane.kubeconfig.read_text(), "namespace": namespace.name, **settings}
    return Engine(KubernetesApiProvider(), configuration)


def named(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, **more}


def workload(name: str, **container: Any) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"containers": [{"name": "main", "image": "example.com/web:1", **container}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def definition(namespace: Namespace) -> dict[str, Any]:
    """A kind of the test's own."""
    group = f"{namespace.name}.example.com"
    properties = {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
    }
    names = {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


@pytest.fixture
def made(engine: Engine, definition: dict[str, Any]) -> Iterator[State]:
    state = engine.create(DEFINITION, "things", **definition)
    yield state
    engine.delete(state)


def test_an_object_is_read_as_it_was_written(engine: Engine):
    for type, inputs in (
        (CONFIG_MAP, named("ConfigMap", "settings", data={"a": "b"})),
        (SECRET, named("Secret", "token", stringData={"token": Secret("hunter22")})),
        (DEPLOYMENT, workload("web", resources={"limits": {"cpu": "0.5", "memory": "1024Mi"}})),
        (SERVICE, named("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})),
    ):
        state = engine.create(type, "one", **inputs)

        assert engine.read(state).inputs == state.inputs
        assert not engine.diff(state, **inputs).changes


def test_a_preview_promises_what_the_server_fills_in_but_no_identity(engine: Engine):
    promised = engine.preview(DEPLOYMENT, "web", **workload("web"))

    assert promised["spec"]["replicas"] == 1
    assert (promised["metadata"]["uid"], promised["status"]) == (UNKNOWN, UNKNOWN)


def test_what_a_change_leaves_out_goes(mutable: Engine):
    state = mutable.create(CONFIG_MAP, "settings", **named("ConfigMap", "settings", data={"a": "1", "b": "2"}))

    changed = mutable.update(state, **named("ConfigMap", "settings", data={"b": "3"}))

    assert changed["data"] == {"b": "3"}


def test_drift_is_seen_and_taken_back(mutable: Engine, namespace: Namespace):
    inputs = named("ConfigMap", "settings", data={"a": "1"})
    state = mutable.create(CONFIG_MAP, "settings", **inputs)
    namespace.patch("configmaps", "settings", {"data": {"a": "2", "theirs": "x"}})

    found = mutable.read(state)

    assert found.inputs["data"] == {"a": "2"}
    assert mutable.diff(found, **inputs).detailed == {"data.a": "UPDATE"}


def test_a_field_that_somebody_else_applied_is_a_conflict_unless_it_is_forced(mutable: Engine, namespace: Namespace):
    state = mutable.create(CONFIG_MAP, "settings", **named("ConfigMap", "settings", data={"a": "1"}))
    namespace.patch("configmaps", "settings", {"data": {"a": "2"}})
    changed = named("ConfigMap", "settings", data={"a": "3"})

    with pytest.raises(Refused, match="conflict"):
        mutable.update(state, **changed)
    forced = {**changed, "metadata": {"name": "settings", "annotations": {"pulumi.com/patchForce": "true"}}}
    assert mutable.update(state, **forced)["data"] == {"a": "3"}


def test_an_object_that_is_there_is_taken_over_only_where_that_is_asked_for(
    plane: ControlPlane, namespace: Namespace, engine: Engine
):
    namespace.create("configmaps", "settings", {"data": {"theirs": "x"}})
    inputs = named("ConfigMap", "settings", data={"a": "1"})

    with pytest.raises(Refused, match='configmaps "settings" already exists'):
        engine.create(CONFIG_MAP, "settings", **inputs)
    upserting = _engine(plane, namespace, upsertExistingObjects="true")
    assert upserting.create(CONFIG_MAP, "settings", **inputs)["data"] == {"a": "1", "theirs": "x"}


def test_a_patch_sets_its_own_fields_and_takes_only_them_along(engine: Engine, namespace: Namespace):
    namespace.create("configmaps", "settings", {"data": {"theirs": "x"}})

    state = engine.create(f"{CONFIG_MAP}Patch", "settings", **named("ConfigMap", "settings", data={"a": "1"}))
    assert state["data"] == {"a": "1", "theirs": "x"}
    engine.delete(state)

    left = namespace.get("configmaps", "settings")
    assert left is not None
    assert left["data"] == {"theirs": "x"}


def test_an_object_waits_for_its_kind_and_goes_with_it(engine: Engine, made: State, definition: dict[str, Any]):
    group = definition["spec"]["group"]
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {"size": 3}}
    state = engine.create(f"kubernetes:{group}/v1:Thing", "one", **thing)

    assert engine.read(state).inputs == state.inputs
    engine.delete(made)
    assert engine.read(state).id == ""
    engine.delete(state)


def test_a_kind_that_may_come_with_the_same_update_fails_no_preview(engine: Engine, definition: dict[str, Any]):
    group = definition["spec"]["group"]
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {"size": 3}}

    promised = engine.preview(f"kubernetes:{group}/v1:Thing", "one", **thing)

    assert promised["spec"] == {"size": 3}


def test_a_deployment_is_ready_when_its_update_is_done(engine: Engine):
    state = engine.create(DEPLOYMENT, "web", **workload("web"))

    assert state["status"]["readyReplicas"] == 1
    changed = workload("web", image="example.com/web:2")
    assert engine.update(state, **changed)["status"]["updatedReplicas"] == 1


def test_a_deployment_that_never_becomes_ready_says_why_its_pods_do_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(os.environ, "REHEARSAL_AWAIT_SECONDS", "3")

    with pytest.raises(Refused) as refused:
        engine.create(DEPLOYMENT, "web", **workload("web", resources={"requests": {"cpu": "9000"}}))

    assert "nodes are available" in " ".join(refused.value.details.reasons)
    assert refused.value.details.id.endswith("/web")


def test_deleting_waits_for_finalizers_and_names_them(
    engine: Engine, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(os.environ, "REHEARSAL_AWAIT_SECONDS", "1")
    held = {"finalizers": ["example.com/held"]}
    state = engine.create(CONFIG_MAP, "settings", **named("ConfigMap", "settings", metadata=held))

    with pytest.raises(Refused, match=r"timed out waiting to be deleted .finalizers: example.com/held"):
        engine.delete(state)
    namespace.patch("configmaps", "settings", {"metadata": {"finalizers": None}})
    engine.delete(state)
    assert engine.read(state).id == ""


def test_an_object_is_imported_by_its_id(engine: Engine, namespace: Namespace):
    namespace.create("configmaps", "settings", {"data": {"a": "b"}})

    found = engine.read(State(CONFIG_MAP, "settings", f"{namespace.name}/settings", {}, {}))

    assert found.inputs == named("ConfigMap", "settings", data={"a": "b"}, metadata={"namespace": namespace.name})


def test_no_secret_is_in_a_refusal(engine: Engine):
    inputs = named("Secret", "token", data={"token": Secret("not-base64!")})

    with pytest.raises(Refused) as refused:
        engine.create(SECRET, "token", **inputs)
    assert "not-base64!" not in str(refused.value)
