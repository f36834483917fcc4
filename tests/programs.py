"""Programs that a test runs, and skips without."""

from pathlib import Path

import pytest

from rehearsal.setup import live_programs, load_program


def missing(name: str) -> str:
    """Why a test is skipped where the program is not there."""
    return f"needs {name}: make toolchain"


def program(name: str) -> Path:
    """Where a program of the live proof is, or k6. Skips the test where it is not, saying how to get it."""
    there = load_program.installed() if name == load_program.TOOL.name else live_programs.installed(name)
    if there is None:
        pytest.skip(missing(name))
    return there
