"""How Helm is run: what it is told, what stays secret, and how it ends."""

import json
import threading
from pathlib import Path

import pytest

from rehearsal.providers.kubernetes_api.releases.helm import Helm, HelmError, as_yaml
from rehearsal.providers.wire import Secret
from tests.unit.rehearsal.providers.kubernetes_api.conftest import KUBECONFIG
from tests.unit.rehearsal.providers.kubernetes_api.releases.fake_helm import FakeHelm


def test_values_go_in_by_stdin_and_nowhere_else(helm: Helm, fake: FakeHelm):
    helm.run(["install", "web", "./chart"], values={"password": Secret("hidden-word"), "replicas": 2})

    [call] = fake.calls
    assert call["arguments"] == ["install", "web", "./chart", "--values", "-"]
    assert json.loads(call["stdin"]) == {"password": "hidden-word", "replicas": 2}
    assert "hidden-word" not in json.dumps(call["environment"])


def test_the_kubeconfig_is_private_and_gone_afterwards(helm: Helm, fake: FakeHelm):
    helm.run(["status", "web"])

    [call] = fake.calls
    assert json.loads(call["kubeconfig"]) == KUBECONFIG
    assert (call["mode"], call["folder_mode"]) == (0o600, 0o700)
    assert not Path(call["environment"]["KUBECONFIG"]).parent.exists()


def test_what_needs_no_cluster_gets_no_kubeconfig(helm: Helm, fake: FakeHelm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", "/home/me/.kube/config")

    helm.run(["show", "chart", "./chart"], cluster=False)

    assert fake.calls[0]["environment"]["KUBECONFIG"] == "/dev/null"


def test_the_context_and_the_cluster_of_the_settings_are_used(fake: FakeHelm, home: Path):
    contexts = [*KUBECONFIG["contexts"], {"name": "there", "context": {"cluster": "one", "user": "me"}}]
    given = {**KUBECONFIG, "contexts": contexts}
    settings = {"kubeconfig": json.dumps(given), "context": "there", "cluster": "other"}

    Helm(settings, home).run(["status", "web"])

    used = json.loads(fake.calls[0]["kubeconfig"])
    assert used["current-context"] == "there"
    assert [entry["context"]["cluster"] for entry in used["contexts"]] == ["one", "other"]


def test_the_users_own_helm_variables_do_not_lead_elsewhere(
    helm: Helm, fake: FakeHelm, home: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HELM_KUBEAPISERVER", "HELM_KUBETOKEN", "HELM_NAMESPACE", "HELM_DRIVER"):
        monkeypatch.setenv(name, "elsewhere")

    helm.run(["status", "web"])

    environment = fake.calls[0]["environment"]
    assert "elsewhere" not in environment.values()
    assert environment["HELM_REPOSITORY_CACHE"] == str(home / "helm" / "repository")


def test_the_providers_helm_settings_reach_it(fake: FakeHelm, home: Path):
    settings = {"kubeconfig": KUBECONFIG, "helmReleaseSettings": '{"driver": "configmap", "pluginsPath": "/plugins"}'}

    Helm(settings, home).run(["status", "web"])

    environment = fake.calls[0]["environment"]
    assert (environment["HELM_DRIVER"], environment["HELM_PLUGINS"]) == ("configmap", "/plugins")


@pytest.mark.parametrize(
    ("complains", "told"),
    [
        ("WARNING: old API\nError: INSTALLATION FAILED: it is broken\n", "it is broken"),
        ("Error: UPGRADE FAILED: two\nlines\n", "two\nlines"),
        ("Error: release: not found\n", "release: not found"),
        ("", "helm install failed and said nothing"),
    ],
)
def test_the_reason_is_told_without_what_comes_before_it(helm: Helm, fake: FakeHelm, complains: str, told: str):
    fake.answers(("install", {"status": 1, "complains": complains}))

    with pytest.raises(HelmError) as caught:
        helm.run(["install", "web"])

    assert str(caught.value) == told


def test_what_takes_too_long_is_ended(helm: Helm, fake: FakeHelm):
    fake.answers(("install", {"seconds": 60}))

    with pytest.raises(HelmError, match=r"helm install did not end within 1 seconds"):
        helm.run(["install", "web"], seconds=1)


def test_an_interrupt_ends_what_changes_a_release_now_and_later(helm: Helm, fake: FakeHelm):
    fake.answers(("install", {"seconds": 60}))
    failed = threading.Event()

    def install() -> None:
        with pytest.raises(HelmError):
            helm.run(["install", "web"], interruptible=True)
        failed.set()

    running = threading.Thread(target=install)
    running.start()
    while not fake.calls:
        running.join(0.01)
    helm.cancel()
    running.join(30)

    assert failed.is_set()
    with pytest.raises(HelmError):
        helm.run(["install", "api"], interruptible=True)
    fake.answers(("status", {"says": "still told"}))
    assert helm.run(["status", "web"]) == "still told"


@pytest.mark.parametrize("text", ["plain", "naïve 😀", "\x7f\x85\u2028\ufeff", "{{ braces }}: - #", "0644", "yes"])
def test_every_text_survives_the_way_to_helm(text: str):
    import yaml

    assert yaml.safe_load(as_yaml({"a": text})) == {"a": text}
