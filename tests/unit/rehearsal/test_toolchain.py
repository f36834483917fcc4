"""The programs of a real Kubernetes API: found, built one by one, kept; and the published provider."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rehearsal.setup import go_program, kubernetes_plugin, live_programs, load_program, progress, toolchain
from rehearsal.setup.errors import SetupError
from stacks.versions import CHARTS

ALL = ["etcd", "helm", "kube_apiserver", "kube_controller_manager", "kube_scheduler", "kwok"]


@pytest.fixture
def search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, with empty caches and no plugins of a user."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setattr(go_program, "_GO_WITHOUT_PATH", str(folder / "go"))
    return folder


def executable(file: Path, script: str = "exit 0") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def builds(search_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Go built, by package; `broken` in the list makes the next one fail."""
    built: list[str] = []

    def run(step: str, command: Sequence[str], **_: Any) -> tuple[int, str]:
        if command[1] == "build":
            if "broken" in built:
                return 1, "disk is full\n"
            built.append(command[-1])
            executable(Path(command[command.index("-o") + 1]))
        return 0, ""

    executable(search_path / "go")
    monkeypatch.setattr(progress, "run", run)
    return built


def test_every_program_is_built_once(builds: list[str]):
    there = toolchain.find()

    assert sorted(package.rpartition("/")[2] for package in builds) == [
        "helm",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
        "v3",
    ]
    assert toolchain.installed() == there
    toolchain.find()
    assert len(builds) == 6


def test_an_interrupted_build_goes_on_where_it_was(builds: list[str]):
    toolchain.find().kwok.unlink()
    assert toolchain.installed() is None
    del builds[:]

    toolchain.find()

    assert builds == ["sigs.k8s.io/kwok/cmd/kwok"]


def test_a_build_that_fails_is_one_message_and_keeps_what_is_built(builds: list[str]):
    toolchain.find().helm.unlink()
    builds.append("broken")

    with pytest.raises(SetupError, match=r"(?s)Go could not build helm:\n  disk is full\n.*GOPROXY.*disk"):
        toolchain.find()
    assert builds[-1] == "broken"


def test_without_go_the_message_says_what_to_install(search_path: Path):
    with pytest.raises(SetupError, match=r"Install Go \(https://go.dev/dl\)"):
        toolchain.find()


@pytest.mark.parametrize(
    ("said", "taken"), [("v3.19.5+gabc", True), ("v3.17.0", True), ("v3.16.4", False), ("v4.0.1", False), ("", False)]
)
def test_a_users_own_helm_is_taken_if_it_is_a_recent_third(
    search_path: Path, builds: list[str], said: str, taken: bool
):
    mine = executable(search_path / "helm", f"echo {said}")

    assert (toolchain.find().helm == mine) is taken


def test_a_skipped_test_says_how_to_get_the_toolchain():
    assert toolchain.MISSING == "needs the toolchain: make toolchain"


def plugin(folder: Path, version: str) -> Path:
    return executable(folder / f"resource-kubernetes-v{version}" / "pulumi-resource-kubernetes")


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        (["4.31.0"], "4.31.0"),
        (["4.30.1", "4.31.0", "4.32.5"], "4.32.5"),
        (["4.30.9"], None),
        (["5.0.0"], None),
        ([], None),
    ],
)
def test_a_published_provider_is_used_if_it_fits_the_sdk(
    search_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, versions: list[str], chosen: str | None
):
    monkeypatch.setattr(kubernetes_plugin, "wanted_version", lambda: "4.31.0")
    made = {version: plugin(tmp_path / "pulumi" / "plugins", version) for version in versions}

    assert kubernetes_plugin.find() == (made[chosen] if chosen else None)


def test_the_rehearsals_own_provider_on_path_is_no_published_one(search_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path("rehearsal/bin").absolute()), str(search_path)]))
    assert kubernetes_plugin.find() is None

    monkeypatch.setenv("PATH", str(search_path))
    published = executable(search_path / "pulumi-resource-kubernetes")
    assert kubernetes_plugin.find() == published


def test_a_provider_that_cannot_be_had_is_no_error(search_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(kubernetes_plugin.urllib.request, "urlopen", unreachable)

    assert kubernetes_plugin.fetch(search_path / "pulumi") is None


@pytest.mark.parametrize(
    ("mirrored", "silent", "used"),
    [
        (True, {"ghcr.io"}, True),
        (False, set(), True),
        (False, {"ghcr.io"}, False),
        (False, {"grafana.github.io"}, False),
    ],
)
def test_the_published_provider_is_used_where_it_can_get_charts(
    search_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirrored: bool, silent: set[str], used: bool
):
    monkeypatch.setattr(kubernetes_plugin, "wanted_version", lambda: "4.31.0")
    monkeypatch.setattr(kubernetes_plugin, "reachable", lambda home, host: host not in silent)
    published = plugin(tmp_path / "pulumi" / "plugins", "4.31.0")

    assert kubernetes_plugin.usable(tmp_path, mirrored=mirrored) == (published if used else None)


def test_every_publisher_of_charts_is_asked():
    hosts = {urlsplit(chart.repository).hostname for chart in CHARTS}

    assert hosts <= set(kubernetes_plugin.PUBLISHERS)


def test_programs_of_the_live_proof_are_built_once(builds: list[str]):
    there = live_programs.find()

    assert sorted(there) == sorted(live_programs.TOOLS)
    assert [tool.package for tool in live_programs.TOOLS.values()] == builds
    live_programs.find()
    assert len(builds) == len(live_programs.TOOLS)


def test_a_packaged_promtool_is_taken_where_none_is_built(search_path: Path):
    packaged = executable(search_path / "promtool")
    executable(search_path / "loki")

    assert live_programs.installed("promtool") == packaged
    assert live_programs.installed("loki") is None


def test_the_program_of_load_tests_is_built_once(builds: list[str]):
    there = load_program.find()

    assert builds == ["go.k6.io/k6"]
    assert load_program.installed() == there == load_program.TOOL.cached()
    load_program.find()
    assert len(builds) == 1
    modules = (load_program.TOOL.modules / "go.mod").read_text()
    assert f"go.k6.io/k6 v{load_program.TOOL.version}" in modules


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("k6 v1.8.1 (go1.26.8, linux/amd64)", True),
        ("k6 v1.9.0", True),
        ("k6 v1.7.1", False),
        ("k6 v2.8.0", False),
        ("", False),
    ],
)
def test_a_users_own_k6_is_taken_if_it_reads_the_same_scripts(
    search_path: Path, builds: list[str], said: str, taken: bool
):
    mine = executable(search_path / "k6", f"echo '{said}'")

    assert (load_program.find() == mine) is taken
