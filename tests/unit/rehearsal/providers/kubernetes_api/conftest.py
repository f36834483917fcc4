"""A rehearsal's home and a helm that runs nothing."""

from pathlib import Path

import pytest

from rehearsal.providers.kubernetes_api.releases import helm as module
from rehearsal.providers.kubernetes_api.releases.helm import Helm
from tests.unit.rehearsal.providers.kubernetes_api.releases import fake_helm
from tests.unit.rehearsal.providers.kubernetes_api.releases.fake_helm import FakeHelm

KUBECONFIG = {
    "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": "the-token"}}],
    "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
    "current-context": "here",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHelm:
    folder = tmp_path / "fake"
    folder.mkdir()
    made = fake_helm.install(folder)
    monkeypatch.setattr(module, "program", lambda: made.program)
    return made


@pytest.fixture
def helm(fake: FakeHelm, home: Path) -> Helm:
    return Helm({"kubeconfig": KUBECONFIG}, home)
