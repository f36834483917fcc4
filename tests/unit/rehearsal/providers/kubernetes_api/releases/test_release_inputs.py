"""How the inputs of a release become values and flags."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes_api.releases.release_inputs import (
    completed,
    install_flags,
    longest,
    uninstall_flags,
    upgrade_flags,
)
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Secret, Special


def completed_from(**inputs: Any) -> dict[str, Any]:
    return completed(Operation(urn="urn", type=RELEASE, name="web", seed=b"seed", inputs=inputs), "default")


def test_what_the_program_leaves_out_is_filled_in():
    made = completed_from(chart="./web")

    assert made["name"].startswith("web-")
    assert (made["namespace"], made["timeout"]) == ("default", 300)


def test_a_release_that_nobody_waits_for_has_no_timeout():
    assert "timeout" not in completed_from(chart="./web", skipAwait=True)


def test_verification_has_the_users_keyring(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")

    assert completed_from(verify=True)["keyring"] == "/home/me/.gnupg/pubring.gpg"
    assert completed_from(verify=True, keyring="/ring")["keyring"] == "/ring"


def test_files_of_values_lie_below_the_values(tmp_path: Path):
    file = tmp_path / "values.yaml"
    file.write_text("a: {x: 1, y: 1}\nb: 1\n")
    files = [Special({"path": str(file)}), Special({"text": "a: {y: 2}\nb: 2\nc: 2"})]

    made = completed_from(valueYamlFiles=files, values={"a": {"z": Secret("s")}, "c": 3})

    assert "valueYamlFiles" not in made
    assert made["values"] == {"a": {"x": 1, "y": 2, "z": Secret("s")}, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("asset", "why"),
    [
        (Special({"path": "/nowhere/values.yaml"}), "failed to read file '/nowhere/values.yaml': No such file"),
        (Special({"text": "a: [1"}), "error converting YAML to JSON"),
        (Special({"text": "[1]"}), "a file of values is a map"),
        ("values.yaml", "unsupported type for 'valueYamlFiles' arg: str"),
    ],
)
def test_a_file_of_values_that_is_none_is_refused(asset: Any, why: str):
    with pytest.raises(CloudError, match=why):
        completed_from(valueYamlFiles=[asset])


def test_an_install_is_told_what_the_program_asks_for():
    inputs = {
        "atomic": True,
        "cleanupOnFail": True,
        "createNamespace": True,
        "description": "first",
        "disableCRDHooks": True,
        "disableWebhooks": True,
        "maxHistory": 3,
        "postrender": "./patch",
        "skipCrds": True,
        "timeout": 60,
        "waitForJobs": True,
    }

    assert install_flags(inputs) == [
        *("--no-hooks", "--atomic", "--skip-crds", "--create-namespace"),
        *("--timeout", "60s", "--wait", "--wait-for-jobs"),
        *("--description", "first", "--post-renderer", "./patch"),
    ]


def test_an_upgrade_is_told_what_the_program_asks_for():
    inputs = {
        "atomic": True,
        "cleanupOnFail": True,
        "createNamespace": True,
        "disableWebhooks": True,
        "forceUpdate": True,
        "maxHistory": 3,
        "recreatePods": True,
        "resetValues": True,
        "skipCrds": True,
    }

    assert upgrade_flags(inputs) == [
        *("--atomic", "--force", "--reset-values", "--recreate-pods", "--cleanup-on-fail"),
        *("--timeout", "300s", "--wait", "--history-max", "3"),
    ]


def test_all_revisions_are_kept_unless_the_program_says_how_many():
    assert upgrade_flags({"skipAwait": True}) == ["--timeout", "300s", "--history-max", "0"]


def test_what_was_waited_for_is_waited_for_when_it_goes():
    assert uninstall_flags({"timeout": 60}) == ["--wait", "--timeout", "60s"]
    assert uninstall_flags({"timeout": 60, "skipAwait": True}) == []
    assert uninstall_flags({"timeout": 60, "skipAwait": True, "atomic": True}) == ["--wait", "--timeout", "60s"]


def test_a_rehearsal_may_bound_every_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REHEARSAL_AWAIT_SECONDS", "20")

    assert install_flags({"timeout": 900})[:2] == ["--timeout", "20s"]
    assert install_flags({"timeout": 5})[:2] == ["--timeout", "5s"]
    assert longest({"timeout": 900}) == 140
