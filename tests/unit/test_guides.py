"""What the guides tell a reader to type exists: targets, stacks, settings, outputs, credentials, namespaces, files."""

import re
import subprocess
from pathlib import Path

import pytest

from components import contracts
from components.namespaces import MONITORING
from components.services.workloads import TAKEN
from stacks.settings import AksStack, GkeStack, LocalStack, OkeStack
from tests.guides import GUIDES, PROGRAMS, TEXTS, Command, commands, links, spans
from tests.plans import STACKS
from tests.unit.stacks.setting_paths import setting_paths

ALL = [command for file in TEXTS for command in commands(file)]
SETTINGS = {path for model in (GkeStack, AksStack, OkeStack, LocalStack) for path in setting_paths(model)}
MADE_HERE = re.compile(r"groundwork:(\w+)")


def of(program: str) -> list[Command]:
    return [command for command in ALL if command.words[:1] == [program]]


def located(commands: list[Command]) -> list[str]:
    return [f"{command.where}: {command.text}" for command in commands]


@pytest.mark.parametrize("cloud", ["gke", "aks", "oke", "local"])
def test_each_cloud_has_a_guide_from_nothing_to_a_platform_and_back(cloud: str):
    guide = Path(f"docs/deploy-{cloud}.md")
    typed = [command.text for command in commands(guide)]
    stack = next(stack for stack in reversed(STACKS) if stack.startswith(cloud) and not stack.endswith("staging"))

    headings = re.findall(r"^## (.*)$", guide.read_text(), re.MULTILINE)

    assert {"Before", "Up", "Access", "Upgrades", "Down", "Costs", "When something is wrong"} <= set(headings)
    for step in (f"make configure STACK={stack}", f"pulumi up -s {stack}", f"pulumi destroy -s {stack}"):
        assert any(line.startswith(step) for line in typed), f"{guide}: no `{step}`"


def test_every_command_is_one_that_a_shell_can_read():
    for command in ALL:
        read = subprocess.run(["bash", "-n"], input=command.filled, text=True, capture_output=True, check=False)
        assert read.returncode == 0, f"{command.where}: {read.stderr}"


def test_every_program_of_a_guide_is_among_its_prerequisites():
    for guide in GUIDES:
        before = guide.read_text().partition("## Up")[0].lower()
        asked = {command.words[0] for command in commands(guide) if command.words[0] in PROGRAMS}
        assert {program for program in asked if program not in before} == set(), guide


def test_every_target_and_stack_exists():
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    for command in of("make"):
        words = [word for part in command.text.split(";") for word in part.split() if not word.startswith(("#", "`"))]
        asked = {word for word in command.words[1:] if re.fullmatch(r"[a-z][a-z-]*", word) and word != "make"}
        assert asked <= targets, command.where
        stacks = {word.removeprefix("STACK=") for word in words if word.startswith("STACK=")}
        assert stacks <= {*STACKS, "..."}, command.where
    for command in of("pulumi"):
        named = {command.words[at + 1] for at, word in enumerate(command.words) if word == "-s"}
        assert named <= set(STACKS), command.where


def test_every_output_that_is_read_is_exported():
    exported = set(re.findall(r'pulumi\.export\("(\w+)"', Path("__main__.py").read_text()))
    read = [command for command in of("pulumi") if command.words[1:3] == ["stack", "output"]]

    assert read
    assert located([command for command in read if command.words[3] not in exported]) == []


def test_every_credential_that_is_set_is_read():
    known = set(re.findall(r'config\.get(?:_secret)?\("(\w+)"\)', Path("stacks/credentials.py").read_text()))

    named = {key for file in TEXTS for span in spans(file) for key in MADE_HERE.findall(span)} - {"stack", "index"}

    assert named == known


def test_every_setting_that_is_named_exists():
    groups = {path.rpartition(".")[0] for path in SETTINGS} | {path.split(".")[0] for path in SETTINGS}
    unknown = [
        f"{file}: {span}"
        for file in TEXTS
        for span in spans(file)
        if re.fullmatch(r"[a-z_]+(\.(\*|[a-z_]+))+", span)
        and span.split(".")[0] in groups
        and re.sub(r"node_pools\.\w+", "node_pools.*", span) not in SETTINGS | groups
    ]

    assert unknown == []


def test_every_namespace_that_kubectl_is_pointed_at_is_one_of_ours():
    known = {*TAKEN, MONITORING, contracts.LOGS_WRITER.namespace, "kube-system", "todo"}
    for command in of("kubectl"):
        named = {command.words[at + 1] for at, word in enumerate(command.words) if word in ("-n", "--namespace")}
        assert {name for name in named if name != "filled-in"} <= known, command.where


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_every_link_leads_somewhere(file: Path):
    assert [link for link in links(file) if not (file.parent / link).exists()] == []
