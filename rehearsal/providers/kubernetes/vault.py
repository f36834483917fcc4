"""The vault of a rehearsed world: it holds every secret that anybody asks for, but those that a run says it has not."""

import json
from collections.abc import Iterable
from pathlib import Path

_FILE = "absent-secrets.json"


def absent(home: Path) -> frozenset[str]:
    """Names of the secrets that nobody has put there."""
    file = home / _FILE
    return frozenset(json.loads(file.read_text())) if file.is_file() else frozenset()


def keep_absent(home: Path, names: Iterable[str]) -> None:
    """Has these be missing, and all others be there, until it is said anew."""
    wanted, file = sorted(set(names)), home / _FILE
    if frozenset(wanted) != absent(home):
        home.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(".new")
        written.write_text(json.dumps(wanted))
        written.replace(file)
