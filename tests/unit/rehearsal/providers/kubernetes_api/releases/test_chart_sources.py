"""Where charts are found, and what happens where they are not."""

import io
import json
import socket
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes_api.releases import chart_hosts
from rehearsal.providers.kubernetes_api.releases.chart_sources import Chart, ChartSources
from rehearsal.providers.kubernetes_api.releases.helm import Helm
from tests.unit.rehearsal.providers.kubernetes_api.releases.fake_helm import FakeHelm

LOKI = {"chart": "loki", "version": "18.11.0", "repositoryOpts": {"repo": "https://charts.example/loki"}}
DESCRIBED = "apiVersion: v2\nname: loki\nversion: 18.11.0\nappVersion: 3.7.6\n"


@pytest.fixture
def sources(helm: Helm, home: Path) -> ChartSources:
    return ChartSources(helm, home)


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that were asked whether they answer, which they do unless their name says that they do not."""
    asked: list[str] = []

    def answers(host: str) -> bool:
        asked.append(host)
        return not host.startswith("silent.")

    monkeypatch.setattr(chart_hosts, "_answers", answers)
    return asked


def folder_of_chart(folder: Path, described: str = DESCRIBED) -> Path:
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(described)
    return folder


def located(sources: ChartSources, **inputs: Any) -> Chart:
    with sources.located({"name": "web", "namespace": "apps", **inputs}) as chart:
        return chart


def pulls(fake: FakeHelm, *more: tuple[str, dict[str, Any]]) -> None:
    fake.answers(*more, ("show chart", {"says": DESCRIBED}))


def with_archive(home: Path) -> None:
    """What a pull leaves behind, in the folder of every reference of the test."""
    for folder in (home / "helm" / "charts").iterdir():
        (folder / "loki-18.11.0.tgz").touch()


def test_a_folder_is_taken_as_it_is(sources: ChartSources, fake: FakeHelm, tmp_path: Path):
    folder = folder_of_chart(tmp_path / "loki")
    pulls(fake)

    assert located(sources, chart=str(folder)) == Chart(folder, "loki", "18.11.0", "3.7.6")


@pytest.mark.parametrize("chart", ["./nothing", "/nowhere/loki-1.2.3.tgz"])
def test_a_path_that_leads_nowhere_is_told(sources: ChartSources, chart: str):
    with pytest.raises(CloudError, match=f'^path "{chart}" not found$'):
        located(sources, chart=chart)


def test_a_chart_without_its_dependencies_is_told(sources: ChartSources, fake: FakeHelm, tmp_path: Path):
    described = f"{DESCRIBED}dependencies: [{{name: minio}}, {{name: crds}}, {{name: agent}}]\n"
    folder = folder_of_chart(tmp_path / "loki", described)
    folder_of_chart(folder / "charts" / "crds")
    (folder / "charts" / "agent-1.2.3.tgz").touch()
    fake.answers(("show chart", {"says": described}))

    with pytest.raises(CloudError, match=r"^found in Chart\.yaml, but missing in charts/ directory: minio$"):
        located(sources, chart=str(folder))
    located(sources, chart=str(folder), dependencyUpdate=True)
    assert fake.commands[-1] == f"dependency update {folder}"


def test_what_a_packed_chart_bundles_is_found(sources: ChartSources, fake: FakeHelm, tmp_path: Path):
    described = f"{DESCRIBED}dependencies: [{{name: crds}}]\n"
    packed = tmp_path / "loki-18.11.0.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        for name in ("loki/Chart.yaml", "loki/charts/crds/Chart.yaml"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    fake.answers(("show chart", {"says": described}))

    assert located(sources, chart=str(packed)).path == packed


def test_a_signature_is_verified_where_the_program_asks_for_it(sources: ChartSources, fake: FakeHelm, tmp_path: Path):
    folder = folder_of_chart(tmp_path / "loki")
    fake.answers(("verify", {"status": 1, "complains": "Error: no signature"}))

    with pytest.raises(CloudError, match="no signature"):
        located(sources, chart=str(folder), verify=True, keyring="/ring")
    assert fake.commands == [f"verify {folder} --keyring /ring"]


def test_a_chart_of_a_repository_is_pulled_once(sources: ChartSources, fake: FakeHelm, home: Path, reached: list[str]):
    pulls(fake)
    with pytest.raises(ValueError, match="empty"):
        located(sources, **LOKI)
    with_archive(home)
    chart = located(sources, **LOKI)

    assert (chart.name, chart.version, chart.stand_in_for) == ("loki", "18.11.0", "")
    pulled = [command for command in fake.commands if command.startswith("pull")]
    assert len(pulled) == 1
    assert pulled[0].startswith("pull loki --repo https://charts.example/loki --version 18.11.0 --destination ")
    assert reached == ["charts.example"]


def test_passwords_of_repositories_go_in_by_stdin(sources: ChartSources, fake: FakeHelm, reached: list[str]):
    options = {"repo": "https://charts.example/loki", "username": "me", "password": "hidden-word"}
    fake.answers(("pull", {"status": 1, "complains": "Error: chart not found"}))

    with pytest.raises(CloudError, match="chart not found"):
        located(sources, **{**LOKI, "repositoryOpts": options})
    with pytest.raises(CloudError, match="chart not found"):
        located(sources, chart="oci://charts.example/loki", repositoryOpts={**options, "repo": ""})

    add, pull, login, _ = fake.calls
    assert " ".join(add["arguments"]) == "repo add given https://charts.example/loki --username me --password-stdin"
    assert pull["arguments"][:2] == ["pull", "given/loki"]
    assert " ".join(login["arguments"]) == "registry login charts.example --username me --password-stdin"
    assert (add["stdin"], login["stdin"]) == ("hidden-word", "hidden-word")
    assert "hidden-word" not in json.dumps([call["arguments"] for call in fake.calls])
    assert not Path(add["environment"]["HELM_REPOSITORY_CONFIG"]).parent.exists()


def test_what_a_repository_refuses_is_refused(sources: ChartSources, fake: FakeHelm, reached: list[str]):
    fake.answers(("pull", {"status": 1, "complains": 'Error: chart "loki" version "18.11.0" not found'}))

    with pytest.raises(CloudError, match=r'chart "loki" version "18\.11\.0" not found'):
        located(sources, **LOKI)


def test_a_silent_host_is_asked_once_and_a_stand_in_taken(
    sources: ChartSources, fake: FakeHelm, home: Path, reached: list[str]
):
    given = {**LOKI, "repositoryOpts": {"repo": "https://silent.example/loki"}}

    with sources.located({"name": "loki", "namespace": "logging", **given}) as chart:
        described = yaml.safe_load((chart.path / "Chart.yaml").read_text())
    again = located(ChartSources(Helm({}, home), home), **given)

    assert (described["name"], described["version"]) == ("loki", "18.11.0")
    assert (chart.stand_in_for, again.stand_in_for) == ("silent.example", "silent.example")
    assert not chart.path.exists()
    assert reached == ["silent.example"]
    assert fake.calls == []


@pytest.mark.parametrize(
    "said",
    [
        'Get "https://charts.example/loki/index.yaml": dial tcp: lookup charts.example: no such host',
        "failed to do request: proxyconnect tcp: EOF",
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ],
)
def test_a_network_that_breaks_on_the_way_means_a_stand_in(
    sources: ChartSources, fake: FakeHelm, reached: list[str], said: str
):
    fake.answers(("pull", {"status": 1, "complains": f"Error: {said}"}))

    assert located(sources, **LOKI).stand_in_for == "charts.example"
    located(sources, **LOKI)
    assert (len(fake.calls), reached) == (1, ["charts.example"])


def test_nothing_stands_in_for_a_chart_that_nobody_knows(sources: ChartSources, reached: list[str]):
    with pytest.raises(CloudError) as caught:
        located(sources, chart="oci://silent.example/charts/mystery", version="1.2.3")

    assert str(caught.value).startswith(
        "silent.example cannot be reached, and the rehearsal knows nothing of the chart mystery to make a stand-in of"
    )


def test_a_repository_that_the_user_added_is_left_to_helm(sources: ChartSources, fake: FakeHelm, reached: list[str]):
    fake.answers(("pull", {"status": 1, "complains": "Error: repo given not found"}))

    for inputs in ({"chart": "given/loki"}, {"chart": "loki", "repositoryOpts": {"repo": "given"}}):
        with pytest.raises(CloudError, match="repo given not found"):
            located(sources, **inputs)

    assert reached == []
    assert [call["arguments"][1] for call in fake.calls] == ["given/loki", "given/loki"]


def test_a_host_answers_when_something_listens_there(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        assert chart_hosts.reachable(home, f"127.0.0.1:{port}")
    assert not chart_hosts.reachable(home, f"127.0.0.1:{port}")
