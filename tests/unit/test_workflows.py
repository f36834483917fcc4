"""The workflows: what actionlint says of them, and what they may do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rehearsal.places import CLONE
from rehearsal.setup import actionlint, go_program
from rehearsal.setup.errors import SetupError

WORKFLOWS = sorted(actionlint.WORKFLOWS.glob("*.yaml"))
FILES = [*WORKFLOWS, *sorted((CLONE / ".github" / "actions").glob("*/action.yaml"))]
BROKEN = """
on: pull_request
jobs:
  checks:
    runs-on: ubuntu-24.04
    needs: prepare
    steps:
      - run: echo ${{ github.event.pull_request.title }}
"""


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rehearsal.setup.actionlint", *map(str, files)]
    return subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def linter() -> None:
    """Where actionlint is not there and cannot be built, `make actionlint` says so."""
    try:
        actionlint.find()
    except SetupError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("linter")
def test_actionlint_has_nothing_to_say_about_the_workflows():
    done = lint()

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.usefixtures("linter")
def test_actionlint_refuses_a_broken_workflow(tmp_path: Path):
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)

    done = lint(file)

    assert done.returncode == 1
    assert 'job "checks" needs job "prepare" which does not exist' in done.stdout
    assert '"github.event.pull_request.title" is potentially untrusted' in done.stdout


def test_without_go_there_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(go_program, "go", lambda: None)

    with pytest.raises(SetupError, match=r"actionlint 1\.7\.12.*is built with Go.*\nInstall Go \(https://go\.dev/dl\)"):
        actionlint.find()


def test_the_version_that_is_linted_with_is_the_one_that_is_pinned():
    assert f"github.com/rhysd/actionlint v{actionlint.TOOL.version}" in (actionlint.TOOL.modules / "go.mod").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_of_others_is_pinned_by_commit_with_its_version_beside_it(file: Path):
    lines = [line for line in file.read_text().splitlines() if "uses: " in line and "uses: ./" not in line]

    assert lines
    assert [line for line in lines if not re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_reads_the_repository_and_has_no_secret(file: Path):
    workflow = yaml.safe_load(file.read_text())
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}

    assert workflow["permissions"] == {"contents": "read"}
    # What is pushed to the registry is pushed for a tag, which nobody else's change sets.
    assert more == ({"chart": {"contents": "read", "packages": "write"}} if file.stem == "release" else {})
    assert "secrets." not in file.read_text()
    assert "pull_request_target" not in file.read_text()


def test_a_release_is_made_of_a_tag_and_of_nothing_else():
    workflow = yaml.load((actionlint.WORKFLOWS / "release.yaml").read_text(), Loader=yaml.BaseLoader)

    assert workflow["on"] == {"push": {"tags": ["v*"]}}


def test_every_stack_file_is_previewed_on_each_pull_request():
    workflow = yaml.safe_load((actionlint.WORKFLOWS / "pull-request.yaml").read_text())
    [step] = [step for step in workflow["jobs"]["prepare"]["steps"] if step.get("id") == "stacks"]

    listing = step["run"].removeprefix('echo "names=$(').removesuffix(')" >> "$GITHUB_OUTPUT"').partition(" | jq")[0]
    names = subprocess.run(["sh", "-c", listing], cwd=CLONE, capture_output=True, text=True, check=True).stdout.split()

    assert workflow["jobs"]["preview"]["strategy"]["matrix"]["stack"] == "${{ fromJSON(needs.prepare.outputs.stacks) }}"
    assert names == sorted(file.name.split(".")[1] for file in (CLONE / "stacks").glob("Pulumi.*.yaml"))
