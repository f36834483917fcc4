"""Processes that are found again by pid file and command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.control_plane.processes import Process

SLEEPS = "import sys, time; print('asleep', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEPS}"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process("sleeper", tmp_path / "pids", tmp_path / "logs", f"{tmp_path}/")
    yield process
    process.kill()


def spawn(process: Process, program: str, *arguments: str) -> None:
    process.spawn([sys.executable, "-c", program, process.mark, *arguments], dict(os.environ))


def until_it_says(process: Process, text: str) -> None:
    while text not in process.last_words():
        assert process.pid is not None, process.last_words()


def test_what_was_started_is_found_by_whoever_knows_the_folder(process: Process):
    spawn(process, SLEEPS)
    until_it_says(process, "asleep")

    again = Process(process.name, process.pids, process.logs, process.mark)

    assert again.pid == process.pid
    assert again.pid is not None
    assert again.resident_bytes > 2**20


def test_what_is_stopped_is_gone(process: Process):
    spawn(process, SLEEPS)

    process.stop()

    assert process.pid is None
    assert process.resident_bytes == 0
    assert list(process.pids.iterdir()) == []


def test_what_does_not_listen_is_killed(process: Process, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rehearsal.control_plane.processes._STOPS_SECONDS", 0.2)
    spawn(process, DEAF)
    until_it_says(process, "deaf")

    process.stop()

    assert process.pid is None


def test_a_number_that_another_process_got_is_left_alone(process: Process):
    with subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE) as stranger:
        process.pids.mkdir(parents=True)
        (process.pids / "sleeper.pid").write_text(str(stranger.pid))

        assert process.pid is None
        process.stop()

        assert stranger.poll() is None
        stranger.kill()


def test_a_pid_file_that_holds_no_number_means_that_nothing_runs(process: Process):
    process.pids.mkdir(parents=True)
    (process.pids / "sleeper.pid").write_text("")

    assert process.pid is None
    process.stop()
    assert list(process.pids.iterdir()) == []


def test_a_process_that_could_not_be_found_again_is_not_started(process: Process):
    with pytest.raises(ValueError, match="sleeper does not say which control plane it belongs to"):
        process.spawn([sys.executable, "-c", SLEEPS], dict(os.environ))


def test_last_words_are_the_end_of_the_log(process: Process):
    spawn(process, "print('\\n'.join(str(number) for number in range(9)))")
    while process.pid is not None:
        pass

    assert process.last_words().split() == ["3", "4", "5", "6", "7", "8"]
    assert process.log.stat().st_mode & 0o777 == 0o600
