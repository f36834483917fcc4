"""What the guides tell a reader to type exists: targets, stacks, settings, outputs, credentials, names, files."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.platform.own_namespaces import OWN
from components.services.gateway.model import RouteSpec
from components.services.model import WorkloadSpec
from rehearsal.arguments import parser
from stacks.settings import AksStack, GkeStack, LocalStack, OkeStack
from tests.guides import GUIDES, PROGRAMS, TEXTS, Command, commands, links, spans
from tests.plans import STACKS, committed_plan
from tests.unit.stacks.setting_paths import setting_paths

ALL = [command for file in TEXTS for command in commands(file)]
MODELS = {"gke": GkeStack, "aks": AksStack, "oke": OkeStack, "local": LocalStack}
REPLACED = ("random:index/randomPassword:RandomPassword", "tls:index/privateKey:PrivateKey")
"""Kinds that hold a credential, which another one takes the place of."""

MADE_HERE = re.compile(r"groundwork:(\w+)")

SECTIONS = ("Before", "Up", "The domain", "Secrets", "Images", "Access", "The database", "Changing things", "Upgrades")
SECTIONS += ("Rotation", "Down", "Costs", "When something is wrong")
"""Sections of a guide, in their order. A local cluster has no domain and no database, and is changed at will."""


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

    left_out = {"The domain", "Images", "The database", "Changing things"} if cloud == "local" else set[str]()
    assert headings == [section for section in SECTIONS if section not in left_out]
    for step in (
        f"make configure STACK={stack}",
        f"pulumi up -s {stack}",
        f"pulumi preview -s {stack} --expect-no-changes",
        f"pulumi destroy -s {stack}",
    ):
        assert any(line.startswith(step) for line in typed), f"{guide}: no `{step}`"


def test_a_stack_file_outlives_its_stack():
    removals = [command for command in of("pulumi") if command.words[1:3] == ["stack", "rm"]]

    assert removals
    assert located([command for command in removals if "--preserve-config" not in command.words]) == []


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


def test_every_guide_names_stacks_of_its_own_cloud():
    for guide in GUIDES:
        cloud = guide.stem.removeprefix("deploy-")
        named = set(re.findall(r"\b(?:gke|aks|oke|local)-(?:dev|staging|prod)\b", guide.read_text()))
        assert {stack for stack in named if not stack.startswith(cloud)} == set(), guide


def test_every_flag_for_a_rehearsal_is_one_of_its_own():
    for command in of("make"):
        given = next((word.removeprefix("FLAGS=") for word in command.words if word.startswith("FLAGS=")), "")
        if given and command.words[1] in ("up", "preview", "refresh", "destroy", "report"):
            _options, unknown = parser().parse_known_args([command.words[1], "gke-dev", *shlex.split(given)])
            assert unknown == [], command.where


def test_every_name_of_a_resource_is_one_in_the_plan():
    for guide in GUIDES:
        cloud = guide.stem.removeprefix("deploy-")
        if cloud == "local":
            continue
        known = {text for one in committed_plan(f"{cloud}-prod").registrations.values() for text in texts(one.inputs)}
        named = set(re.findall(r"\bgroundwork-prod(?:-\w+)*", guide.read_text()))
        assert named, guide
        assert named <= known, guide


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for member in value.values() if isinstance(value, dict) else value:
            yield from texts(member)


def test_every_resource_that_is_replaced_by_name_is_in_the_plan():
    asked = [command for command in of("pulumi") if "--replace" in command.words]
    assert asked
    for command in asked:
        stack, urns = (command.words[command.words.index(flag) + 1] for flag in ("-s", "--replace"))
        name = urns.removeprefix("**::")
        found = [one for one in committed_plan(stack).registrations.values() if one.name == name]
        assert [one.type for one in found] in ([kind] for kind in REPLACED), command.where


def test_every_output_that_is_read_is_exported():
    exported = set(re.findall(r'pulumi\.export\(\s*"(\w+)"', Path("__main__.py").read_text()))
    read = [command for command in of("pulumi") if command.words[1:3] == ["stack", "output"]]

    assert read
    assert located([command for command in read if command.words[3] not in exported]) == []
    told = re.compile(r"\boutput `(\w+)`")
    assert {name for file in TEXTS for name in told.findall(" ".join(file.read_text().split()))} <= exported


def test_every_credential_that_is_set_is_read():
    known = set(re.findall(r'config\.get(?:_secret)?\("(\w+)"\)', Path("stacks/credentials.py").read_text()))

    told = [*(span for file in TEXTS for span in spans(file)), *(command.text for command in ALL)]
    named = {key for text in told for key in MADE_HERE.findall(text)} - {"stack", "index"}

    assert named == known


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_every_setting_that_is_named_exists(file: Path):
    cloud = file.stem.removeprefix("deploy-")
    models = [MODELS[cloud]] if cloud in MODELS else MODELS.values()
    settings = {path for model in models for path in setting_paths(model)}
    groups = {path.rpartition(".")[0] for path in settings} | {path.split(".")[0] for path in settings}
    every_group = {path.split(".")[0] for model in MODELS.values() for path in setting_paths(model)}

    unknown = [
        span
        for span in spans(file)
        if re.fullmatch(r"[a-z_]+(\.(\*|[a-z_]+))+", span)
        and span.split(".")[0] in every_group
        and re.sub(r"node_pools\.\w+", "node_pools.*", span) not in settings | groups
    ]

    assert unknown == []


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_every_setting_that_is_shown_with_a_value_exists(file: Path):
    settings = {path for model in MODELS.values() for path in setting_paths(model)}
    keys = {part for path in settings for part in path.split(".")}
    keys |= {part for path in setting_paths(WorkloadSpec) for part in path.split(".")} | {*RouteSpec.model_fields}

    shown = [span for span in spans(file) if re.fullmatch(r"[a-z_.]+: (\S+|\[.*\])", span)]

    assert [span for span in shown if not keys.issuperset(next(iter(yaml.safe_load(span))).split("."))] == []


def test_every_namespace_that_kubectl_is_pointed_at_is_one_of_ours():
    known = {*OWN, "kube-system", "todo"}
    # Where Dapr's own instructions put it: its alerts are there before it is.
    known.add("dapr-system")
    for command in of("kubectl"):
        named = {command.words[at + 1] for at, word in enumerate(command.words) if word in ("-n", "--namespace")}
        assert {name for name in named if name != "filled-in"} <= known, command.where


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_every_link_leads_somewhere(file: Path):
    assert [link for link in links(file) if not (file.parent / link).exists()] == []
