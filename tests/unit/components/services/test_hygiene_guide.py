"""What the guide to hygiene says is what the program does."""

import re
from pathlib import Path

import pytest

from components.priorities import CLASSES
from components.services.quota import HELPERS, UPDATES
from tests.plans import STACKS, committed_plan

GUIDE = Path("docs/cluster-hygiene.md").read_text(encoding="utf-8")
ENFORCED = "pod-security.kubernetes.io/enforce"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its own head."""
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_priorities_are_those_of_the_table():
    told = {name: int(value) for name, value, _whose in rows("Priorities") if name != "none"}

    assert told == {name: priority.value for name, priority in CLASSES.items()}


@pytest.mark.parametrize("stack", STACKS)
def test_the_namespaces_that_are_not_restricted_are_those_of_the_table(stack: str):
    namespaces = [one.inputs["metadata"] for one in committed_plan(stack).of_type("kubernetes:core/v1:Namespace")]

    levels = {one["name"]: one["labels"][ENFORCED] for one in namespaces}
    assert [[name, level] for name, level in levels.items() if level != "restricted"] == [
        row[:2] for row in rows("Pod Security") if row[0] in levels
    ]


def test_the_room_for_helpers_and_updates_is_what_the_guide_says():
    assert (UPDATES, HELPERS.cpu, HELPERS.memory_mib, HELPERS.pods) == (2, 1, 2048, 10)
    assert "twice what all services" in GUIDE.replace("\n", " ")
    assert "one processor, 2 GiB and ten pods" in GUIDE.replace("\n", " ")


def test_what_containers_get_that_ask_for_nothing_is_what_the_guide_says():
    [given] = committed_plan("gke-dev").only("kubernetes:core/v1:LimitRange").inputs["spec"]["limits"]

    found = re.search(r"gives\s+containers that ask for nothing (\w+) and (\w+), and (\w+) as their limit", GUIDE)
    assert found
    assert found.groups() == ("50m", "128Mi", "256Mi")
    assert (given["defaultRequest"], given["default"]) == ({"cpu": "50m", "memory": "128Mi"}, {"memory": "256Mi"})
