"""A helm that notes how it was called and answers what a test wants."""

import json
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = """#!{python}
import json, os, sys, time
from pathlib import Path
folder = Path({folder!r})
arguments = sys.argv[1:]
given = "" if sys.stdin.isatty() else sys.stdin.read()
kubeconfig = os.environ.get("KUBECONFIG", "")
there = os.path.isfile(kubeconfig)
call = {{
    "arguments": arguments,
    "stdin": given,
    "environment": dict(os.environ),
    "kubeconfig": Path(kubeconfig).read_text() if there else "",
    "mode": os.stat(kubeconfig).st_mode & 0o777 if there else 0,
    "folder_mode": os.stat(os.path.dirname(kubeconfig)).st_mode & 0o777 if there else 0,
}}
with (folder / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(call) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
for words, answer in answers:
    if " ".join(arguments).startswith(words):
        time.sleep(answer.get("seconds", 0))
        sys.stderr.write(answer.get("complains", ""))
        sys.stdout.write(answer.get("says", ""))
        sys.exit(answer.get("status", 0))
sys.exit(0)
"""


@dataclass(frozen=True)
class FakeHelm:
    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "helm"

    def answers(self, *answers: tuple[str, dict[str, Any]]) -> None:
        """What it does when its arguments begin with these words; the first that fits counts."""
        (self.folder / "answers.json").write_text(json.dumps(answers))

    @property
    def calls(self) -> list[dict[str, Any]]:
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def commands(self) -> list[str]:
        return [" ".join(call["arguments"]) for call in self.calls]


def install(folder: Path) -> FakeHelm:
    made = FakeHelm(folder)
    made.program.write_text(_SCRIPT.format(python=sys.executable, folder=str(folder)))
    made.program.chmod(stat.S_IRWXU)
    made.answers()
    return made
