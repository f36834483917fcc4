"""`python -m rehearsal`: arguments, environment, and what a run leaves of the caller's."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal import runner, state
from rehearsal.__main__ import main
from rehearsal.places import CLONE, Places, from_environment
from rehearsal.project import Project
from rehearsal.providers.inventory import Inventory, Resource

ROOT = "pulumi:pulumi:Stack"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "clone" / "stacks").mkdir(parents=True)
    for stack in ("gke-dev", "aks-prod"):
        (tmp_path / "clone" / "stacks" / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    return Places(tmp_path / "home", tmp_path / "clone")


def test_an_unknown_stack_is_one_message_with_those_that_exist(places: Places, capsys: pytest.CaptureFixture[str]):
    assert main(["up", "gke-dve"], places) == 2
    assert capsys.readouterr().err == (
        f'There is no stack "gke-dve". The stacks in {places.clone / "stacks"}: aks-prod, gke-dev.\n'
    )
    assert not places.home.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: preview|up|refresh|destroy|outputs|report|orders|inventory|stop"),
        (["up"], "the following arguments are required: stack"),
        (["upp", "gke-dev"], "invalid choice: 'upp'"),
        (["up", "gke-dev", "--set", "zones"], "'zones' is not of the form path=value"),
        (["up", "gke-dev", "--set", "zones=["], "the value of zones is not YAML: ["),
        (["up", "gke-dev", "--speed", "fast"], "'fast' is no finite number of at least 0"),
        (["up", "gke-dev", "--speed", "inf"], "'inf' is no finite number of at least 0"),
        (["up", "gke-dev", "--speed=-1"], "'-1' is no finite number of at least 0"),
        (["preview", "gke-dev", "--summary"], "argument --summary: expected one argument"),
        (["preview", "gke-dev", "--summary", "/"], "argument --summary: '/' is a folder, not a file"),
        (["preview", "gke-dev", "--summary="], "argument --summary: '' is a folder, not a file"),
        (["report", "gke-dev", "--output", "/dev"], "argument --output: '/dev' is a folder, not a file"),
        (["report", "gke-dev", "--output", "/dev/null/a.html"], "argument --output: /dev/null is a file, not a folder"),
        (["report", "gke-dev", "--parallel", "0"], "'0' is no whole number of at least 1"),
        (["up", "gke-dev", "--api", "cloud"], "argument --api: invalid choice: 'cloud'"),
        (["report", "gke-dev", "--parallel", "many"], "'many' is no whole number of at least 1"),
    ],
)
def test_wrong_arguments_are_explained(
    places: Places, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    with pytest.raises(SystemExit) as ended:
        main(arguments, places)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_an_empty_inventory_says_so(places: Places, capsys: pytest.CaptureFixture[str]):
    assert main(["inventory"], places) == 0
    assert capsys.readouterr().out == "Nothing exists.\n"
    assert not places.inventory.exists()


def test_an_inventory_refuses_what_it_would_not_look_at(places: Places, capsys: pytest.CaptureFixture[str]):
    assert main(["inventory", "gke-dev"], places) == 2
    assert capsys.readouterr().err == "An inventory takes no arguments: gke-dev\n"


def test_a_home_that_cannot_be_written_is_one_message(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("rehearsal.__main__.recorded_engine", lambda _: Path("/engine"))
    places.home.write_text("a file")

    assert main(["up", "gke-dev", "--api", "real"], places) == 1
    assert capsys.readouterr().err == (
        f"A rehearsal keeps all that it makes in {places.home / 'real'}: Not a directory. "
        "REHEARSAL_HOME names another folder.\n"
    )


def test_an_interrupt_before_the_engine_runs_is_one_message(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("rehearsal.__main__.recorded_engine", lambda _: Path("/engine"))
    monkeypatch.setattr(runner, "prepare", interrupted)

    assert main(["up", "gke-dev"], places) == 130
    assert capsys.readouterr().err == "\nInterrupted; `make stop` ends the control planes that run.\n"


def test_an_engine_that_is_gone_is_one_message(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("rehearsal.__main__.recorded_engine", lambda _: None)

    assert main(["up", "gke-dev"], places) == 1
    assert capsys.readouterr().err == "The engine is not set up, or gone from its cache: `make setup` brings it.\n"


def test_the_home_is_in_the_clone_unless_the_caller_names_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("REHEARSAL_HOME", raising=False)
    assert from_environment().home == CLONE / ".rehearsal"

    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path))
    assert from_environment().home == tmp_path


def test_the_engine_keeps_everything_in_the_home(places: Places):
    variables = runner.environment(places, Path("/opt/engine/pulumi"))

    assert variables["PULUMI_BACKEND_URL"] == f"file://{places.home}/state"
    assert variables["PULUMI_HOME"] == f"{places.home}/home"
    assert variables["REHEARSAL_HOME"] == str(places.home)


def test_nothing_of_the_callers_own_pulumi_reaches_the_engine(places: Places, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "real")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://real")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "/real")

    variables = runner.environment(places, Path("/opt/engine/pulumi"))

    assert "PULUMI_ACCESS_TOKEN" not in variables
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in variables
    assert "real" not in variables["PULUMI_BACKEND_URL"]


def test_our_plugins_python_and_engine_come_first_on_path(places: Places):
    path = runner.environment(places, Path("/opt/engine/pulumi"))["PATH"].split(os.pathsep)

    assert path[:3] == [str(CLONE / "rehearsal" / "bin"), str(CLONE / ".venv" / "bin"), "/opt/engine"]


@pytest.mark.parametrize(
    ("chosen", "hosts"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"no_proxy": "internal.example"}, "internal.example,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": ".example, localhost", "no_proxy": "10.0.0.0/8"}, ".example,localhost,10.0.0.0/8,127.0.0.1,::1"),
    ],
)
def test_the_users_proxy_is_not_asked_for_the_way_to_our_own_processes(
    places: Places, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str], hosts: str
):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HTTPS_PROXY": "http://proxy.example:3128", **chosen}.items():
        monkeypatch.setenv(name, value)

    variables = runner.environment(places, Path("/opt/engine/pulumi"))

    assert (variables["NO_PROXY"], variables["no_proxy"]) == (hosts, hosts)
    assert variables["HTTPS_PROXY"] == "http://proxy.example:3128"


def test_latency_is_left_as_the_caller_has_it_unless_asked_for(places: Places, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("REHEARSAL_SPEED", raising=False)

    assert "REHEARSAL_SPEED" not in runner.environment(places, Path("/opt/engine/pulumi"))
    assert runner.environment(places, Path("/opt/engine/pulumi"), speed=60)["REHEARSAL_SPEED"] == "60"


@pytest.mark.parametrize(
    ("command", "checked"), [("preview", True), ("up", True), ("refresh", False), ("destroy", False)]
)
def test_the_contract_check_runs_before_anything_is_created(places: Places, command: str, checked: bool):
    (places.clone / "policies").mkdir()
    (places.clone / "policies" / "PulumiPolicy.yaml").write_text("runtime: python\n")

    arguments = runner.arguments(command, Project(places.project("gke-dev"), "gke-dev", "groundwork"), places, [])

    assert ("--policy-pack" in arguments) == checked
    assert ("--skip-preview" in arguments) == (command in ("refresh", "destroy"))


def test_flags_go_to_the_engine_as_they_are(places: Places):
    project = Project(places.project("gke-dev"), "gke-dev", "groundwork")

    assert runner.arguments("preview", project, places, ["--diff", "--parallel", "1"])[-3:] == [
        "--diff",
        "--parallel",
        "1",
    ]


@pytest.fixture
def idle_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engine that changes nothing and says that all is well, as one does that was interrupted."""
    file = tmp_path / "engine" / "pulumi"
    file.parent.mkdir()
    file.write_text("#!/bin/sh\nexit 0\n")
    file.chmod(0o755)
    monkeypatch.setattr("rehearsal.__main__.recorded_engine", lambda _: file)
    return file


def _remember(places: Places, *types: str) -> None:
    (places.clone / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    file = state.checkpoint(places.state, "groundwork", "gke-dev")
    file.parent.mkdir(parents=True)
    resources = [{"urn": f"urn:pulumi:gke-dev::groundwork::{one}::x", "type": one, "id": "x"} for one in types]
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.parametrize(
    ("types", "words"),
    [
        ([ROOT, "gcp:compute/network:Network"], "1 resource is"),
        ([ROOT, "gcp:compute/network:Network", "gcp:compute/router:Router"], "2 resources are"),
    ],
)
def test_a_destroy_that_left_resources_fails_and_says_how_to_go_on(
    places: Places, capsys: pytest.CaptureFixture[str], types: list[str], words: str
):
    for type, id in (("gcp:kms/keyRing:KeyRing", "ring"), ("gcp:compute/network:Network", "x")):
        Inventory(places.inventory).put(Resource(account="gcp/p", type=type, id=id, inputs={}, outputs={}))
    _remember(places, *types)

    assert main(["destroy", "gke-dev"], places) == 1
    shown = capsys.readouterr()
    assert shown.err == (
        f"{words} left in gke-dev: the destroy did not finish. Run `make destroy STACK=gke-dev` again to go on.\n"
    )
    assert shown.out == ""


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.parametrize(
    ("types", "flags"),
    [
        ([], []),
        ([ROOT], []),
        ([ROOT, "gcp:compute/network:Network"], ["--target=urn"]),
        ([ROOT, "gcp:compute/network:Network"], ["--exclude", "urn"]),
        ([ROOT, "gcp:compute/network:Network"], ["--preview-only"]),
    ],
)
def test_a_destroy_that_left_nothing_or_was_asked_to_leave_it_succeeds(
    places: Places, capsys: pytest.CaptureFixture[str], types: list[str], flags: list[str]
):
    _remember(places, *types)

    assert main(["destroy", "gke-dev", *flags], places) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("speed", ["fast", "nan", "inf", "-60"])
@pytest.mark.usefixtures("idle_engine")
def test_a_speed_that_is_none_is_one_message_before_the_engine_starts(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], speed: str
):
    monkeypatch.setenv("REHEARSAL_SPEED", speed)

    assert main(["up", "gke-dev"], places) == 2
    assert capsys.readouterr().err == f"REHEARSAL_SPEED: '{speed}' is no finite number of at least 0.\n"
    assert not places.home.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"checkpoint": {"latest": {"resources": [1]}}}'])
@pytest.mark.parametrize("command", [["up", "gke-dev"], ["inventory"]])
@pytest.mark.usefixtures("idle_engine")
def test_a_damaged_state_is_one_message_that_names_the_file(
    places: Places, capsys: pytest.CaptureFixture[str], command: list[str], content: str
):
    _remember(places)
    Inventory(places.inventory).put(Resource(account="gcp/p", type="t", id="x", inputs={}, outputs={}))
    file = state.checkpoint(places.state, "groundwork", "gke-dev")
    file.write_text(content)

    assert main(command, places) == 1
    assert capsys.readouterr().err == (
        f"{file} is damaged: it holds no state. `make clean` removes it, with all that was rehearsed.\n"
    )


def _not_sqlite(file: Path) -> None:
    file.write_bytes(b"this is no database" * 100)


def _truncated(file: Path) -> None:
    world = Inventory(file)
    for number in range(200):
        world.put(Resource(account="gcp/p", type="t", id=str(number), inputs={"a": "b" * 500}, outputs={}))
    world._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # pyright: ignore[reportPrivateUsage]
    world._connection.close()  # pyright: ignore[reportPrivateUsage]
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _older(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE resources (id TEXT)")
    connection.close()


@pytest.mark.parametrize("damage", [_not_sqlite, _truncated, _older])
@pytest.mark.usefixtures("idle_engine")
def test_an_inventory_that_cannot_be_used_is_one_message_that_names_the_file(
    places: Places, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None]
):
    _remember(places)
    damage(places.inventory)

    assert main(["up", "gke-dev"], places) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"{places.inventory} ")
    assert message.endswith(". `make clean` removes it, with all that was rehearsed.\n")
    assert message.count("\n") == 1


def test_a_stack_that_another_run_created_meanwhile_is_used(places: Places, idle_engine: Path):
    (places.clone / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    idle_engine.write_text("#!/bin/sh\necho \"error: stack 'gke-dev' already exists\" >&2\nexit 255\n")

    assert runner.prepare(places, "gke-dev", idle_engine, os.environ, {}).stack == "gke-dev"


def test_a_stack_that_cannot_be_created_is_what_the_engine_says(places: Places, idle_engine: Path):
    (places.clone / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    idle_engine.write_text("#!/bin/sh\necho 'error: no space left' >&2\nexit 255\n")

    with pytest.raises(runner.EngineError, match=r"^error: no space left$"):
        runner.prepare(places, "gke-dev", idle_engine, os.environ, {})
