"""The list of flows: who reaches whom, written by people, and read for one stack."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.reachability.semantics import EVERY_PORT, End, Port

LIST = Path(__file__).with_name("flows.txt")

ALL_SYSTEMS = "+systems"
"""Ends the name of a stack that runs all systems of the project, each of them by its own images."""

Flow = tuple[str, str, Port]
"""Source, target, port."""


@dataclass(frozen=True)
class Line:
    """One line of the list: every source reaches every target at every port."""

    stacks: Sequence[str]
    """Patterns of the stacks that it is about."""

    sources: Sequence[str]
    targets: Sequence[str]
    ports: Sequence[Port]
    number: int

    def is_about(self, stack: str) -> bool:
        """Whether the stack is one of those. One that runs all systems is what it is without them, too."""
        names = (stack, stack.removesuffix(ALL_SYSTEMS))
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.stacks)


def read(text: str) -> Iterator[Line]:
    """Lines of the form `source ... -> target ... port ...`; `[stack ...]` says which stacks follow."""
    stacks: Sequence[str] = ["*"]
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if said.startswith("["):
            stacks = said.strip("[]").split()
        elif said:
            sources, arrow, rest = said.partition("->")
            words = rest.split()
            ports = [port for word in words if (port := _port(word))]
            targets = [word for word in words if _port(word) is None]
            if not (arrow and sources.split() and ports and targets):
                raise ValueError(f"line {number}: expected source ... -> target ... port ...")
            yield Line(stacks, sources.split(), targets, ports, number)


def _port(word: str) -> Port | None:
    found = re.fullmatch(r"([0-9]+)(/UDP)?", word)
    return (int(found[1]), "UDP" if found[2] else "TCP") if found else None


def listed(stack: str, ends: Sequence[End], guarded: Iterable[str]) -> set[Flow]:
    """The flows of the list for a stack. Raises `ValueError` for a pattern that is nobody there.

    `pods` are those in `guarded`, the namespaces that policies close; `others` is everything else.
    """
    closed = {end.name for end in ends if end.is_pod and end.namespace in set(guarded)}
    groups = {"pods": closed, "others": {end.name for end in ends} - closed}
    flows: set[Flow] = set()
    for line in read(LIST.read_text(encoding="utf-8")):
        if line.is_about(stack):
            sources, targets = (_named(words, ends, groups, line) for words in (line.sources, line.targets))
            flows |= {(source, target, port) for source in sources for target in targets for port in line.ports}
    return flows


def _named(words: Sequence[str], ends: Sequence[End], groups: dict[str, set[str]], line: Line) -> set[str]:
    found: set[str] = set()
    for word in words:
        names = groups.get(word) or {end.name for end in ends if fnmatchcase(end.name, word)}
        if not names:
            raise ValueError(f"line {line.number}: nobody is called {word}")
        found |= names
    return found


def shown(flows: Iterable[Flow]) -> list[str]:
    """Flows as the list writes them, the ports of one pair in one line."""
    pairs: dict[tuple[str, str], list[Port]] = {}
    for source, target, port in sorted(flows):
        pairs.setdefault((source, target), []).append(port)
    return [f"{source} -> {target} {' '.join(map(_shown, ports))}" for (source, target), ports in pairs.items()]


def _shown(port: Port) -> str:
    return "every port" if port == EVERY_PORT else f"{port[0]}{'/UDP' if port[1] == 'UDP' else ''}"
