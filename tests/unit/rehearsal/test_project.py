"""The generated project folder."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal import project
from rehearsal.places import CLONE, Places
from rehearsal.project import ProjectError

STACK_FILE = """
secretsprovider: awskms://alias/theirs
encryptedkey: ZW5jcnlwdGVk
encryptionsalt: v1:theirs
config:
  groundwork:stack:
    cloud: gke
    cluster:
      zones: [a, b]
      credentials:
        - {user: ci, token: {secure: v1:ciphertext}}
  groundwork:slackWebhook:
    secure: v1:ciphertext
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    clone = tmp_path / "clone"
    (clone / "stacks").mkdir(parents=True)
    (clone / "Pulumi.yaml").write_text(
        "name: groundwork\nruntime: {name: python, options: {virtualenv: .venv}}\nstackConfigDir: stacks\n"
    )
    (clone / "stacks" / "Pulumi.gke-dev.yaml").write_text(STACK_FILE)
    return Places(tmp_path / "home", clone)


def _stack_file(places: Places) -> Path:
    return places.project("gke-dev") / "Pulumi.gke-dev.yaml"


def _config(places: Places) -> dict[str, Any]:
    return yaml.safe_load(_stack_file(places).read_text())["config"]


def test_the_program_runs_where_it_is_in_the_clone(places: Places):
    generated = project.generate(places, "gke-dev", {})

    written = yaml.safe_load((generated.folder / "Pulumi.yaml").read_text())
    assert (generated.folder / written["main"]).resolve() == places.clone
    assert written["runtime"] == {"name": "python", "options": {"virtualenv": str(CLONE / ".venv")}}
    assert "stackConfigDir" not in written


def test_the_engine_is_told_where_our_plugins_are(places: Places):
    generated = project.generate(places, "gke-dev", {})

    plugins = yaml.safe_load((generated.folder / "Pulumi.yaml").read_text())["plugins"]
    folder = str(CLONE / "rehearsal" / "bin")
    assert plugins["languages"] == [{"name": "python", "path": folder}]
    assert {"name": "gcp", "path": folder} in plugins["providers"]


def test_encryption_fields_stay_behind(places: Places):
    project.generate(places, "gke-dev", {})

    assert list(yaml.safe_load(_stack_file(places).read_text())) == ["config"]


def test_secrets_are_replaced_by_ones_of_their_form_that_name_their_key(places: Places):
    generated = project.generate(places, "gke-dev", {})

    assert generated.secrets == {
        "groundwork:stack.cluster.credentials[0].token": (
            "rehearsal-secret-groundwork:stack.cluster.credentials[0].token"
        ),
        "groundwork:slackWebhook": "https://slack.invalid/rehearsal-secret-groundwork:slackWebhook",
    }


def test_no_ciphertext_is_copied(places: Places):
    project.generate(places, "gke-dev", {})

    assert "ciphertext" not in _stack_file(places).read_text()
    assert _config(places)["groundwork:stack"]["cluster"]["credentials"] == [{"user": "ci", "token": ""}]


def test_a_folder_that_is_up_to_date_is_left_alone(places: Places):
    project.generate(places, "gke-dev", {}).complete()
    _stack_file(places).write_text("as the engine encrypted it")

    again = project.generate(places, "gke-dev", {})

    assert again.secrets == {}
    assert _stack_file(places).read_text() == "as the engine encrypted it"


def test_an_interrupted_generation_is_done_again(places: Places):
    project.generate(places, "gke-dev", {})

    assert project.generate(places, "gke-dev", {}).secrets != {}


def test_a_changed_stack_file_is_copied_and_keeps_the_engines_salt(places: Places):
    project.generate(places, "gke-dev", {}).complete()
    _stack_file(places).write_text("encryptionsalt: v1:ours\nconfig: {}\n")
    places.stack_file("gke-dev").write_text("config: {groundwork:stack: {cloud: local}}\n")

    project.generate(places, "gke-dev", {})

    written = yaml.safe_load(_stack_file(places).read_text())
    assert written == {"encryptionsalt": "v1:ours", "config": {"groundwork:stack": {"cloud": "local"}}}


def test_overrides_replace_settings_by_path(places: Places):
    project.generate(places, "gke-dev", {"cluster.zones": ["c"], "logs.days": 30, "groundwork:other": "value"})

    assert _config(places)["groundwork:stack"]["cluster"]["zones"] == ["c"]
    assert _config(places)["groundwork:stack"]["logs"] == {"days": 30}
    assert _config(places)["groundwork:other"] == "value"


def test_an_override_below_a_value_is_refused(places: Places):
    with pytest.raises(ProjectError, match=r"cloud\.name: cloud is no group of settings"):
        project.generate(places, "gke-dev", {"cloud.name": "x"})


def test_the_clone_is_not_written_to(places: Places):
    before = {file: file.read_bytes() for file in places.clone.rglob("*") if file.is_file()}

    project.generate(places, "gke-dev", {"cloud": "local"}).complete()

    assert {file: file.read_bytes() for file in places.clone.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("config: [", "is not YAML"),
        ("- a list", "is not a mapping"),
        ("config: [groundwork]", "`config` is not a mapping"),
    ],
)
def test_a_stack_file_that_cannot_be_read_is_one_message(places: Places, content: str, message: str):
    places.stack_file("gke-dev").write_text(content)

    with pytest.raises(ProjectError, match=rf"Pulumi\.gke-dev\.yaml.*{message}"):
        project.generate(places, "gke-dev", {})


def test_a_key_that_is_given_twice_is_told_by_name_and_without_its_value(places: Places):
    places.stack_file("gke-dev").write_text("config:\n  a: 1\n  groundwork:stack: {b: private, b: other}\n")

    with pytest.raises(ProjectError) as refused:
        project.generate(places, "gke-dev", {})

    assert str(refused.value) == (
        f'{places.stack_file("gke-dev")}: the key "b" is given twice, the second time in line 3'
    )


def test_a_file_that_is_not_utf_8_is_told_by_line(places: Places):
    places.stack_file("gke-dev").write_bytes(b"config:\n  a: caf\xe9\n")

    with pytest.raises(ProjectError) as refused:
        project.generate(places, "gke-dev", {})

    assert str(refused.value) == f"{places.stack_file('gke-dev')} is not UTF-8: line 2 holds the byte 0xe9"
