"""The guide says what the scripts do: its commands run, and its numbers are those of the scripts."""

import re
from pathlib import Path

import pytest

from stacks.stack_file import read
from tests.guides import commands
from tests.load.__main__ import main, parser
from tests.load.run import PROFILES, SYSTEMS
from tests.load.test_scripts import highest, options, seconds_of

GUIDE = Path("docs/load-tests.md")
TYPED = [command for command in commands(GUIDE) if "-m tests.load" in command.text]
SECONDS = {"h": 3600, "min": 60, "s": 1}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table in a section, without its head."""
    section = GUIDE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("command", TYPED, ids=lambda one: one.text)
def test_every_command_is_one_that_the_runner_reads(command):
    words = command.words
    options = parser().parse_args(words[words.index("tests.load") + 1 :])

    read(options.stack)
    assert len(options.write_to) == len(set(options.write_to))


def test_every_system_and_every_profile_has_a_command():
    asked = [parser().parse_args(one.words[one.words.index("tests.load") + 1 :]) for one in TYPED]

    assert {one.system for one in asked} == set(SYSTEMS)
    assert {one.profile for one in asked} == set(PROFILES)


@pytest.mark.parametrize("row", rows("Profiles"), ids=lambda row: row[0])
def test_a_profile_is_as_high_and_as_long_as_the_guide_says(row: list[str]):
    name, _, told, takes = row
    web = options("bakery", name, "prod")["scenarios"]["web"]
    multiple = re.match(r"([\d.]+) ×", told)

    assert highest(web) == pytest.approx(50 * float(multiple[1]) if multiple else 2)
    seconds = sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+) (h|min|s)\b", takes))
    assert sum(seconds_of(stage["duration"]) for stage in web["stages"]) == seconds


@pytest.mark.parametrize("row", rows("Levels"), ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_level_is_what_the_guide_says(row: list[str]):
    system, scenario, _, *levels = row
    enough = {"LOAD_CLIENTS": "50", "LOAD_API_KEYS": ",".join("k" * 50)}

    found = [options(system, "load", environment, **enough) for environment in ("dev", "staging", "prod")]

    assert [highest(one["scenarios"][scenario]) for one in found] == [float(level) for level in levels]


def test_the_tables_are_complete():
    assert [row[0] for row in rows("Profiles")] == list(PROFILES)
    listed = {(row[0], row[1]) for row in rows("Levels")}
    assert listed == {(system, name) for system in SYSTEMS for name in options(system, "load", "dev")["scenarios"]}


def test_an_unknown_stack_is_one_message(capsys: pytest.CaptureFixture[str]):
    assert main(["todo", "--stack", "gke-moon"]) == 1

    assert "there is no stack file" in capsys.readouterr().err
