"""What the provider makes of its settings, and what it says of a cluster that it does not reach."""

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.kubernetes_api.kubeconfig_files import own_kubeconfig
from rehearsal.providers.kubernetes_api.provider import KubernetesApiProvider
from rehearsal.providers.kubernetes_api.settings import patience, settings_of
from rehearsal.providers.wire import UNKNOWN
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
INPUTS: dict[str, Any] = {"metadata": {"name": "settings"}, "data": {"a": "b"}}


def kubeconfig(name: str, **user: Any) -> dict[str, Any]:
    return {
        "clusters": [{"name": name, "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def engine(**configuration: Any) -> Engine:
    return Engine(KubernetesApiProvider(), configuration)


def test_switches_are_on_by_setting_then_by_variable_then_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")

    assert settings_of({}).delete_unreachable
    assert not settings_of({"deleteUnreachable": "false"}).delete_unreachable
    assert settings_of({}).server_side_apply
    assert not settings_of({"enableServerSideApply": False}).server_side_apply


def test_a_custom_timeout_goes_before_an_annotation_and_a_rehearsal_bounds_both(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("REHEARSAL_AWAIT_SECONDS", raising=False)

    assert [patience(0, None), patience(0, "30"), patience(5, "30"), patience(0, "soon")] == [600, 30, 5, 600]

    monkeypatch.setenv("REHEARSAL_AWAIT_SECONDS", "10")
    assert [patience(0, None), patience(0, "30"), patience(5, None)] == [10, 10, 5]


def test_files_of_the_environment_are_put_together_and_the_first_has_its_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    first, second = kubeconfig("a"), kubeconfig("b")
    first["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    for name, content in (("a", first), ("b", second)):
        (tmp_path / name).write_text(json.dumps(content))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'a'}:{tmp_path / 'none'}:{tmp_path / 'b'}")

    merged = own_kubeconfig()

    assert merged["current-context"] == "a"
    assert [entry["name"] for entry in merged["clusters"]] == ["a", "b"]
    assert merged["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "ca.crt")


def test_a_preview_of_a_cluster_that_is_not_there_yet_promises_the_inputs():
    promised = engine(kubeconfig=UNKNOWN).preview(CONFIG_MAP, "settings", **INPUTS)

    assert promised["data"] == {"a": "b"}
    assert promised["metadata"]["uid"] is UNKNOWN


def test_an_update_of_a_cluster_that_does_not_answer_says_why():
    with pytest.raises(Refused) as refused:
        engine(kubeconfig=kubeconfig("c")).create(CONFIG_MAP, "settings", **INPUTS)

    assert str(refused.value) == (
        "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: "
        'Get "https://127.0.0.1:1/version": [Errno 111] Connection refused'
    )


def test_a_missing_exec_plugin_is_named_with_its_hint():
    user = {
        "exec": {"command": "no-such-plugin", "apiVersion": "client.authentication.k8s.io/v1", "installHint": "get"}
    }

    with pytest.raises(Refused, match="exec: executable no-such-plugin not found\n\nget"):
        engine(kubeconfig=kubeconfig("c", **user)).create(CONFIG_MAP, "settings", **INPUTS)


def test_what_is_in_an_unreachable_cluster_is_forgotten_only_where_that_is_asked_for():
    inputs = engine(kubeconfig=kubeconfig("c")).check(CONFIG_MAP, "settings", INPUTS)
    state = State(CONFIG_MAP, "settings", "apps/settings", inputs, inputs)

    with pytest.raises(Refused, match="failed to read resource state due to unreachable cluster"):
        engine(kubeconfig=kubeconfig("c")).read(state)
    assert engine(kubeconfig=kubeconfig("c"), deleteUnreachable="true").read(state).id == ""
    assert engine(kubeconfig=kubeconfig("c"), skipUpdateUnreachable="true").read(state).id == "apps/settings"
    engine(kubeconfig=kubeconfig("c"), deleteUnreachable="true").delete(state)
    with pytest.raises(Refused, match="PULUMI_K8S_DELETE_UNREACHABLE"):
        engine(kubeconfig=kubeconfig("c")).delete(state)
