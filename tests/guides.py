"""The guides as a reader follows them: their commands, the settings and the outputs that they name."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GUIDES = sorted(Path("docs").glob("deploy-*.md"))
"""From nothing to a platform, one guide per cloud."""

TEXTS = [Path("README.md"), *sorted(Path("docs").rglob("*.md"))]
"""Everything that is written for users."""

_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
_WORD = re.compile(r"^[a-z][a-z0-9-]*$")


PROGRAMS = frozenset(
    {
        "az",
        "docker",
        "gcloud",
        "git",
        "helm",
        "kind",
        "kubectl",
        "make",
        "minikube",
        "oci",
        "pulumi",
        "kubelogin",
        "ssh",
    }
)
"""Programs that a guide may ask for."""


@dataclass(frozen=True)
class Command:
    """One command line of a text."""

    file: Path
    line: int
    text: str

    @property
    def filled(self) -> str:
        """The text with a word in the place of each `<what the reader fills in>`."""
        return re.sub(r"<[a-z][^<>]*>", "filled-in", self.text)

    @property
    def words(self) -> list[str]:
        """The words as a shell splits them, without what is piped on and without a remark."""
        return shlex.split(self.filled.partition(" | ")[0], comments=True)

    @property
    def where(self) -> str:
        """The place, for a person."""
        return f"{self.file}:{self.line}"


_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are indented by four spaces and not fenced, continued lines joined, each with its number."""
    lines = _FENCED.sub(lambda fenced: "\n" * fenced[0].count("\n"), text).split("\n")
    number = 0
    while number < len(lines):
        first = number
        if not lines[number].startswith("    ") or not lines[number].strip():
            number += 1
            continue
        joined = lines[number]
        while joined.endswith("\\") and number + 1 < len(lines):
            number += 1
            joined = joined[:-1].rstrip() + " " + lines[number].strip()
        number += 1
        yield first + 1, joined.strip()


def commands(file: Path) -> list[Command]:
    """Every command of a text: those of its blocks, and those in running text that start with a program's name."""
    text = file.read_text()
    found = [Command(file, number, line) for number, line in blocks(text)]
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith("    "):
            spans = [span for span in _SPAN.findall(line) if " " in span and _WORD.match(span.split(" ")[0])]
            found += [Command(file, number, span) for span in spans if span.split(" ")[0] in PROGRAMS]
    return found


def links(file: Path) -> list[str]:
    """Files that a text links to; what stands between backticks is no link."""
    return _LINK.findall(_SPAN.sub("", file.read_text()))


def spans(file: Path) -> list[str]:
    """What stands between single backticks."""
    return _SPAN.findall(file.read_text())
