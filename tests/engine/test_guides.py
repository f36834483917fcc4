"""The engine knows every command and flag that the guides tell a reader to give to it."""

import re
import subprocess
from functools import cache

from rehearsal.places import CLONE
from rehearsal.setup.stamp import recorded_engine
from tests.guides import TEXTS, commands

FLAG = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")


@cache
def help_of(*words: str) -> str | None:
    """What the engine says of a command; nothing where it has no such command."""
    engine = recorded_engine(CLONE / ".venv")
    assert engine
    said = subprocess.run([engine, *words, "--help"], capture_output=True, text=True, check=False)
    usage = re.search(r"Usage:\s+pulumi ([a-z ]+)", said.stdout)
    return said.stdout if usage and tuple(usage[1].split()) == words else None


def test_every_command_and_flag_for_the_engine_exists():
    asked = [command for file in TEXTS for command in commands(file) if command.words[:1] == ["pulumi"]]
    assert asked
    for command in asked:
        words = command.words[1:]
        named = [word for word in words if re.fullmatch(r"[a-z]+", word)]
        depth = next((depth for depth in (2, 1) if help_of(*named[:depth])), 0)
        assert depth, f"{command.where}: {command.text}"
        known = set(FLAG.findall(help_of(*named[:depth]) or ""))
        flags = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert flags <= known, f"{command.where}: {command.text}"
