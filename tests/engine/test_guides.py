"""The engine knows every command, argument and flag that the guides tell a reader to give to it."""

import re
import subprocess
from collections.abc import Sequence
from functools import cache

import pytest

from rehearsal.places import CLONE
from rehearsal.setup.stamp import recorded_engine
from tests.guides import TEXTS, commands

FLAG = re.compile(r"^ +(?:(-\w), +|    )(--[\w-]+)(?: ([\w:]+))?(?:\[[^]]*\])?(?: {2,}|$)", re.MULTILINE)
"""A line such as `  -s, --stack string   The name`: its short form, its name, and the kind of its value if any."""


@cache
def help_of(*path: str) -> str | None:
    """What the engine says of a command; nothing where it has none of that name, nor one with that alias."""
    engine = recorded_engine(CLONE / ".venv")
    assert engine
    said = subprocess.run([engine, *path, "--help"], capture_output=True, text=True, check=False).stdout
    usage = re.search(r"Usage:\s+pulumi ([a-z ]+)", said)
    if usage is None or usage[1].split()[:-1] != [*path[:-1]]:
        return None
    aliases = re.search(r"Aliases:\s+([a-z, -]+)", said)
    names = {usage[1].split()[-1], *(aliases[1].split(", ") if aliases else ())}
    return said if path[-1] in {name.strip() for name in names} else None


def problems(words: Sequence[str]) -> list[str]:
    """What the engine would not understand of the words that follow `pulumi`."""
    path: list[str] = []
    while len(path) < len(words) and help_of(*path, words[len(path)]):
        path.append(words[len(path)])
    said = help_of(*path) if path else None
    if said is None:
        return [f"no command {' '.join(words[:2])}"]
    takes_value = {name: bool(kind) for short, long, kind in FLAG.findall(said) for name in (short, long) if name}
    unknown: list[str] = []
    arguments: list[str] = []
    rest = iter(words[len(path) :])
    for word in rest:
        flag, equals, _ = word.partition("=")
        if not word.startswith("-"):
            arguments.append(word)
        elif flag not in takes_value:
            unknown.append(f"no flag {flag} of {' '.join(path)}")
        elif takes_value[flag] and not equals:
            next(rest, None)
    usage = re.search(rf"Usage:\s+pulumi {' '.join(path[:-1])} ?[a-z]+(.*)", said)
    taken = re.findall(r"[\[<][^\]>]*[\]>]", usage[1].replace("[flags]", "")) if usage else []
    return [*unknown, *(f"no argument {word} of {' '.join(path)}" for word in arguments[len(taken) :])]


def test_every_command_and_flag_for_the_engine_exists():
    asked = [command for file in TEXTS for command in commands(file) if command.words[:1] == ["pulumi"]]

    assert asked
    assert [f"{one.where}: {text}" for one in asked for text in problems(one.words[1:])] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("stack rm gke-dev --force --preserve-config", []),
        ("stack output postgres_password -s gke-dev --show-secrets", []),
        ("stack ouput vault -s gke-dev", ["no argument ouput of stack", "no argument vault of stack"]),
        ("up -s gke-dev --forse", ["no flag --forse of up"]),
        ("upp -s gke-dev", ["no command upp -s"]),
        ("stack output vault name -s gke-dev", ["no argument name of stack output"]),
    ],
)
def test_what_the_engine_does_not_know_is_found(line: str, found: list[str]):
    assert problems(line.split()) == found
