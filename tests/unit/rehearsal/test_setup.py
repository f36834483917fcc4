"""Set-up: what it considers done, what it does again, which engine it takes, what it says when it cannot."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.setup import engine, go_program, progress, stamp, steps, virtualenv
from rehearsal.setup.errors import SetupError
from rehearsal.setup.lock import exclusive


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("pulumi==3.272.0\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What set-up would have run; nothing is."""
    run: list[list[str]] = []

    def record(step: str, command: list[str], **_: object) -> tuple[int, str]:
        run.append(command)
        if command[1:3] == ["-m", "venv"]:
            _executable(Path(command[-1]) / "bin" / "python", "exit 0")
        return 0, ""

    monkeypatch.setattr(progress, "run", record)
    return run


@pytest.fixture
def search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, with a cache folder that is empty."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def _executable(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def _engine(file: Path, version: str) -> Path:
    return _executable(file, f"echo v{version}")


def test_a_fresh_clone_is_not_set_up(clone: Path):
    assert not stamp.is_current(clone)


def test_set_up_is_complete_with_packages_and_engine(clone: Path, commands: list[list[str]]):
    virtualenv.make(clone)
    stamp.write_engine(clone / ".venv", _engine(clone / "engine" / "pulumi", "3.250.0"))

    assert stamp.is_current(clone)


def test_changed_requirements_call_for_a_new_installation(clone: Path, commands: list[list[str]]):
    virtualenv.make(clone)
    (clone / "requirements.txt").write_text("pulumi==3.273.0\n")

    assert not stamp.is_installed(clone)


def test_an_engine_that_is_gone_is_looked_for_again(clone: Path, commands: list[list[str]]):
    virtualenv.make(clone)
    pulumi = _engine(clone / "engine" / "pulumi", "3.250.0")
    stamp.write_engine(clone / ".venv", pulumi)
    pulumi.unlink()

    assert stamp.is_installed(clone)
    assert not stamp.is_current(clone)


def test_a_virtual_environment_whose_python_is_gone_is_made_again(clone: Path, commands: list[list[str]]):
    virtualenv.make(clone)
    (clone / ".venv" / "bin" / "python").unlink()

    assert not stamp.is_installed(clone)


def test_an_interrupted_installation_is_not_taken_for_complete(
    clone: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: object, **__: object) -> tuple[int, str]:
        (clone / ".venv").mkdir()
        raise KeyboardInterrupt

    virtualenv.make(clone)
    monkeypatch.setattr(progress, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        virtualenv.make(clone)

    assert not stamp.is_installed(clone)


def test_what_an_interrupted_installation_left_goes_before_the_next(clone: Path, commands: list[list[str]]):
    half = clone / ".venv" / "lib" / "half-installed"
    half.mkdir(parents=True)

    virtualenv.make(clone)

    assert not half.exists()
    assert stamp.is_installed(clone)


def test_installation_compiles_every_package(clone: Path, commands: list[list[str]]):
    virtualenv.make(clone)

    assert [command[2] for command in commands] == ["venv", "pip", "compileall"]


def test_packages_that_cannot_be_had_are_one_message(clone: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "run", lambda step, command, **_: (int("pip" in command), "no route to host\n"))

    with pytest.raises(SetupError, match=r"(?s)requirements-dev\.txt:\n  no route to host\n.*PIP_INDEX_URL"):
        virtualenv.make(clone)
    assert not stamp.is_installed(clone)


def test_a_python_without_venv_is_told_how_to_get_it(clone: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "run", lambda *_, **__: (1, "ensurepip is not available\n"))

    with pytest.raises(SetupError, match=r"(?s)ensurepip is not available\n.*apt install python3-venv"):
        virtualenv.make(clone)


@pytest.mark.parametrize("version", ["3.250.0", "3.260.1", "4.0.0"])
def test_a_recent_engine_on_path_is_taken(search_path: Path, version: str):
    found = _engine(search_path / "pulumi", version)

    assert engine.find() == found


@pytest.mark.parametrize("version", ["3.249.9", "2.300.0", "nonsense"])
def test_an_engine_on_path_that_is_too_old_is_passed_over(search_path: Path, version: str):
    _engine(search_path / "pulumi", version)
    cached = _engine(engine.cache_folder() / "pulumi", "3.250.0")

    assert engine.find() == cached


def test_an_engine_on_path_that_does_not_run_is_passed_over(search_path: Path):
    _executable(search_path / "pulumi", "exit 1")

    assert engine.engine_on_path() is None


def test_an_engine_is_built_once_where_there_is_none(search_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_INSTALLER", "http://127.0.0.1:9")
    steps_run: list[str] = []

    def build(step: str, command: list[str], **_: object) -> tuple[int, str]:
        steps_run.append(command[1])
        if command[1] == "build":
            _engine(Path(command[command.index("-o") + 1]), "3.250.0")
        return 0, ""

    _executable(search_path / "go", "exit 0")
    monkeypatch.setattr(progress, "run", build)

    assert engine.find() == engine.cache_folder() / "pulumi"
    assert engine.find() == engine.cache_folder() / "pulumi"
    assert steps_run == ["list", "build"]


def test_a_build_that_fails_leaves_no_engine_behind(search_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_INSTALLER", "http://127.0.0.1:9")
    monkeypatch.setattr(progress, "run", lambda *_, **__: (1, "dial tcp: no route to host\n"))
    _executable(search_path / "go", "exit 0")

    with pytest.raises(SetupError, match=r"(?s)could not build.*no route to host.*GOPROXY"):
        engine.find()
    assert list(engine.cache_folder().glob("*")) == []


def test_neither_engine_nor_go_is_one_message(search_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_INSTALLER", "http://127.0.0.1:9")
    monkeypatch.setattr(go_program, "_GO_WITHOUT_PATH", str(search_path / "no-such-go"))

    with pytest.raises(SetupError, match=r"(?s)No `pulumi` of version 3\.250\.0.*Go is not installed.*go\.dev/dl"):
        engine.find()


def test_the_cache_depends_on_the_modules_that_are_built(search_path: Path):
    assert engine.cache_folder().parent == search_path.parent / "cache" / "groundwork" / "engine"
    assert engine.cache_folder().name.startswith("3.250.0-")


def test_a_set_up_waits_for_another(tmp_path: Path):
    script = (
        "from pathlib import Path\nfrom rehearsal.setup.lock import exclusive\n"
        f"with exclusive(Path({str(tmp_path / 'lock')!r})): print('entered', flush=True)"
    )
    with exclusive(tmp_path / "lock"):
        other = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert other.stderr
        assert other.stderr.readline() == "Another set-up is at work; waiting for it.\n"
    output, _ = other.communicate()

    assert output == "entered\n"


def test_what_the_user_has_to_put_right_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(_: Path) -> None:
        raise SetupError("something is missing")

    _alone(tmp_path, monkeypatch)
    monkeypatch.setattr(virtualenv, "make", fail)

    assert steps.run() == 1
    assert capsys.readouterr().err == "Set-up stopped: something is missing\n"


def test_an_interrupt_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    _alone(tmp_path, monkeypatch)
    monkeypatch.setattr(virtualenv, "make", interrupt)

    assert steps.run() == 130
    assert capsys.readouterr().err == "Set-up was interrupted; the next run continues.\n"


def _alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(stamp, "CLONE", folder)
    not_yet: Callable[[], bool] = lambda: False  # noqa: E731
    monkeypatch.setattr(stamp, "is_current", not_yet)
    monkeypatch.setattr(stamp, "is_installed", not_yet)


def test_an_old_python_is_told_what_is_needed(tmp_path: Path):
    script = (
        "import sys, runpy\nsys.version_info = (3, 8, 10)\nsys.version = '3.8.10 (default)'\n"
        "runpy.run_module('rehearsal.setup', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Groundwork needs Python 3.11 or newer and found 3.8.10. Install one")


def test_a_newer_python_on_path_takes_over_from_an_old_one(tmp_path: Path):
    _executable(tmp_path / "python3.12", 'echo "taken over: $*"')
    script = "import sys, runpy\nsys.version_info = (3, 8)\nrunpy.run_module('rehearsal.setup', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "taken over: -m rehearsal.setup\n"


def test_progress_off_a_terminal_is_a_line_a_step(capfd: pytest.CaptureFixture[str]):
    status, said = progress.run("Doing something long", [sys.executable, "-c", "print('done'); raise SystemExit(3)"])

    assert (status, said) == (3, "done\n")
    assert capfd.readouterr().err == "Doing something long ...\n"
