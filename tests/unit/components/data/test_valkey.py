"""Valkey for one user: its password, its memory, its volume, and what scrapes it."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.valkey import HOLD, Persistence, Valkey, configuration, memory_mib, valkey_values
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

RELEASE = "kubernetes:helm.sh/v3:Release"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "kubernetes:core/v1:Secret"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


@pytest.fixture
def valkey(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Valkey("counters", replace(data_arguments("Valkey", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


@pytest.fixture
def args() -> Any:
    return data_arguments("Valkey", Prerequisite.__new__(Prerequisite))


def test_the_chart_knows_every_value(valkey: Callable[..., Deployed]):
    for deployed in (valkey(), valkey(persistence=None)):
        for one in deployed.registrations.values():
            assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_the_password_is_generated_and_reaches_pods_by_name_alone(valkey: Callable[..., Deployed]):
    deployed = valkey()

    assert deployed.only(SECRET).inputs["stringData"] == {"default": "generated-password"}
    assert deployed.only(RELEASE).inputs["values"]["auth"] == {
        "enabled": True,
        "usersExistingSecret": "counters-users",
        "aclUsers": {"default": {"permissions": "~* &* +@all"}},
    }
    assert "generated-password" not in str(deployed.only(RELEASE).inputs)


def test_memory_has_an_end_and_what_goes_then_is_said(args: Any):
    lines = configuration(replace(args, persistence=None)).splitlines()

    assert lines == ["maxmemory 64mb", "maxmemory-policy volatile-ttl", 'save ""']


def test_every_write_is_in_the_log_where_there_is_a_volume(args: Any):
    assert configuration(args).splitlines()[-2:] == ["appendonly yes", "appendfsync everysec"]


@pytest.mark.parametrize(("persists", "mib"), [(True, 160), (False, 128)])
def test_the_container_has_room_beyond_what_keys_may_take(persists: bool, mib: int):
    assert memory_mib(64, persistent=persists) == mib


def test_the_volume_is_the_stacks_own_and_protected_where_the_stack_is(valkey: Callable[..., Deployed]):
    kept = valkey(persistence=Persistence(storage_gib=2, storage_class="fast", protect=True))

    claim = kept.only(CLAIM)
    assert claim.protect
    assert claim.inputs["metadata"]["labels"] == {
        "app.kubernetes.io/name": "valkey",
        "app.kubernetes.io/instance": "counters",
    }
    assert claim.inputs["spec"]["resources"]["requests"] == {"storage": "2Gi"}
    assert kept.only(RELEASE).inputs["values"]["dataStorage"] == {"persistentVolumeClaimName": "counters"}
    assert valkey(persistence=None).of_type(CLAIM) == []


def test_its_pods_are_fit_for_a_restricted_namespace_and_scraped(args: Any):
    values = valkey_values(args)

    for found in (values["securityContext"], values["metrics"]["exporter"]["securityContext"]):
        assert (found["allowPrivilegeEscalation"], found["capabilities"]) == (False, {"drop": ["ALL"]})
    assert values["podSecurityContext"]["runAsNonRoot"] is True
    assert values["metrics"]["serviceMonitor"] == {"enabled": True}
    assert values["deploymentStrategy"] == "Recreate"
    assert values["podAnnotations"]["secret.reloader.stakater.com/reload"] == "counters-users"


def test_a_node_may_be_drained_under_it(valkey: Callable[..., Deployed]):
    assert valkey().only(BUDGET).inputs["spec"] == {
        "maxUnavailable": 1,
        "selector": {
            "matchLabels": {"app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": "counters"},
        },
    }


def test_without_a_volume_there_is_nothing_to_do_before_a_copy(args: Any):
    values = valkey_values(replace(args, persistence=None))

    assert list(values["podAnnotations"]) == ["secret.reloader.stakater.com/reload"]
    assert values["extraValkeySecrets"] == []


def test_velero_holds_the_log_around_the_copy_with_the_servers_own_password(args: Any):
    values = valkey_values(args)

    assert values["extraValkeySecrets"] == [{"name": "counters-users", "mountPath": "/run/valkey-users"}]
    for when, percentage in (("pre", 0), ("post", 100)):
        prefix = f"{when}.hook.backup.velero.io"
        shell, flags, script = json.loads(values["podAnnotations"][f"{prefix}/command"])
        assert (shell, flags) == ("sh", "-ec")
        assert 'REDISCLI_AUTH="$(cat /run/valkey-users/default)"' in script
        assert f"config set auto-aof-rewrite-percentage {percentage}" in script
        # A copy of a log that is being written anew is better than none.
        assert values["podAnnotations"][f"{prefix}/on-error"] == "Continue"


def test_the_copy_waits_until_the_log_is_not_written_anew(tmp_path: Path):
    said = tmp_path / "said"
    answers = """#!/bin/sh
echo "$@" >> $SAID
if [ $(grep -c info $SAID) -lt 3 ]; then echo aof_rewrite_in_progress:1; else echo aof_rewrite_in_progress:0; fi
"""
    for name, text in {"valkey-cli": answers, "sleep": "#!/bin/sh\n", "cat": "#!/bin/sh\necho $1\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    subprocess.run(["sh", "-ec", HOLD], check=True, env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "SAID": str(said)})

    assert said.read_text().splitlines() == [
        "-e config set auto-aof-rewrite-percentage 0",
        *["-e info persistence"] * 3,
    ]
