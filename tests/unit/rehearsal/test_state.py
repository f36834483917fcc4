"""What is read from the state backend's files."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rehearsal import destroy, state
from rehearsal.state import Recorded

URN = "urn:pulumi:gke-prod::groundwork::"


def _checkpoint(state_folder: Path, *resources: dict[str, Any]) -> Path:
    file = state.checkpoint(state_folder, "groundwork", "gke-prod")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": list(resources)}}}))
    return file


def _resource(type: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"urn": f"{URN}{type}::{name}", "type": type, "id": f"{name}-id", **rest}


CLUSTER, BUCKET, DATABASE = (
    "gcp:container/cluster:Cluster",
    "gcp:storage/bucket:Bucket",
    "gcp:sql/databaseInstance:DatabaseInstance",
)


def test_a_stack_that_never_ran_has_nothing(tmp_path: Path):
    assert state.resources(state.checkpoint(tmp_path, "groundwork", "gke-prod")) == []


def test_a_stack_that_was_only_created_has_nothing(tmp_path: Path):
    file = _checkpoint(tmp_path)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "gke-prod", "latest": None}}))

    assert state.resources(file) == []


@pytest.mark.parametrize(
    ("properties", "guards"),
    [
        ({}, ()),
        ({"protect": True}, ("protect",)),
        ({"inputs": {"deletionProtection": True}}, ("deletionProtection",)),
        ({"inputs": {"deletionProtection": False}}, ()),
        # A provider's own default guards as well, and is seen only in what it returned.
        ({"inputs": {}, "outputs": {"deletionProtection": True}}, ("deletionProtection",)),
        ({"inputs": {"settings": {"deletionProtectionEnabled": True}}}, ("settings.deletionProtectionEnabled",)),
        ({"protect": True, "inputs": {"deletionProtection": True}}, ("protect", "deletionProtection")),
    ],
)
def test_protection_is_read_with_each_resource(tmp_path: Path, properties: dict[str, Any], guards: tuple[str, ...]):
    (recorded,) = state.resources(_checkpoint(tmp_path, _resource(CLUSTER, "main", **properties)))

    assert recorded == Recorded(f"{URN}{CLUSTER}::main", CLUSTER, "main-id", guards)


def test_all_stacks_are_read_together(tmp_path: Path):
    _checkpoint(tmp_path, _resource(BUCKET, "logs"))
    other = state.checkpoint(tmp_path, "groundwork", "gke-dev")
    other.write_text(json.dumps({"checkpoint": {"latest": {"resources": [_resource(BUCKET, "backups")]}}}))

    assert [recorded.name for recorded in state.all_resources(tmp_path)] == ["backups", "logs"]


def test_destroy_is_refused_naming_each_guarded_resource_and_the_way_out(tmp_path: Path):
    resources = state.resources(
        _checkpoint(
            tmp_path,
            _resource(CLUSTER, "main", protect=True, inputs={"deletionProtection": True}),
            _resource(BUCKET, "logs"),
            _resource(DATABASE, "orders", inputs={"settings": {"deletionProtectionEnabled": True}}),
        )
    )

    assert destroy.refusal("gke-prod", resources, []) == (
        "gke-prod is protected; nothing was destroyed. These resources refuse deletion:\n"
        "  main  gcp:container/cluster:Cluster  (protect, deletionProtection)\n"
        "  orders  gcp:sql/databaseInstance:DatabaseInstance  (settings.deletionProtectionEnabled)\n"
        "To lift protection, set `protect: false` under `groundwork:stack` in stacks/Pulumi.gke-prod.yaml,\n"
        "then run `make up STACK=gke-prod` and `make destroy STACK=gke-prod` again."
    )


def test_destroy_of_what_nothing_guards_goes_ahead(tmp_path: Path):
    assert destroy.refusal("gke-dev", state.resources(_checkpoint(tmp_path, _resource(BUCKET, "logs"))), []) is None


@pytest.mark.parametrize("flag", ["--exclude-protected", "--preview-only", "--target=urn:x", "-t"])
def test_destroy_that_only_looks_or_chooses_is_left_to_the_engine(tmp_path: Path, flag: str):
    resources = state.resources(_checkpoint(tmp_path, _resource(CLUSTER, "main", protect=True)))

    assert destroy.refusal("gke-prod", resources, [flag]) is None


def test_the_lock_of_a_killed_engine_is_released(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock = _lock(tmp_path, ended.pid, socket.gethostname())

    state.release_dead_locks(tmp_path, "groundwork", "gke-prod")

    assert not lock.exists()


@pytest.mark.parametrize(
    ("pid", "host"),
    [(os.getpid(), socket.gethostname()), (2**22 + 1, "another-machine")],
    ids=["running", "on another machine"],
)
def test_the_lock_of_an_engine_that_may_run_stays(tmp_path: Path, pid: int, host: str):
    lock = _lock(tmp_path, pid, host)

    state.release_dead_locks(tmp_path, "groundwork", "gke-prod")

    assert lock.exists()


def test_the_lock_of_an_engine_that_nobody_has_waited_for_is_released(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert ended.stdout
    ended.stdout.read()
    # Until it is waited for, an ended process can still be signalled.
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    lock = _lock(tmp_path, ended.pid, socket.gethostname())

    state.release_dead_locks(tmp_path, "groundwork", "gke-prod")

    ended.stdout.close()
    ended.wait()
    assert not lock.exists()


def _lock(folder: Path, pid: int, host: str) -> Path:
    lock = folder / ".pulumi" / "locks" / "organization" / "groundwork" / "gke-prod" / "1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": pid, "hostname": host}))
    return lock
