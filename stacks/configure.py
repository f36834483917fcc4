"""Asks for the account of a stack and writes it into the stack file: `python -m stacks.configure gke-prod`."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from stacks.settings import AnyStack, Stack
from stacks.stack_file import STACKS, StackFile, StackFileError, read

FICTITIOUS = "# fictitious;"
"""How the remark behind `account:` begins, in the stack files that the project comes with."""

ALSO_ASKED: Mapping[str, tuple[str, ...]] = {
    "gke": ("cluster.zones", "domain"),
    "aks": ("domain",),
    "oke": ("domain",),
    "local": (),
}
"""What goes with the account: by cloud, key paths of the settings that depend on it and are not looked up."""


@dataclass(frozen=True, kw_only=True)
class Configured:
    """A stack file that was written."""

    path: Path

    cloud: str

    fictitious: bool
    """Whether the account is still the one that the project comes with."""


def configure(stack: str, folder: Path = STACKS) -> Configured:
    """Asks for the account of `stack`, validates each answer, and writes the stack file.

    Comments and everything else in the file stay. Raises `StackFileError`, with the file untouched, for an unknown
    stack, a file that is wrong elsewhere, or answers that end before the last question.
    """
    file = read(stack, folder)
    model = _model(file.settings["cloud"])
    questions = _questions(model, file.settings["cloud"])
    file.refuse([problem for problem in file.problems() if not _is_solved_by(questions, problem)])
    before = deepcopy(file.get("account"))
    for key_path in questions:
        _ask(model, file, key_path)
    file.refuse(file.problems())
    if file.get("account") != before:
        _drop_remark(file)
    file.write()
    fictitious = FICTITIOUS in file.path.read_text(encoding="utf-8")
    return Configured(path=file.path, cloud=file.settings["cloud"], fictitious=fictitious)


def _is_solved_by(questions: Iterable[str], problem: str) -> bool:
    return problem == "account: missing" or any(_is_at(problem, key_path) for key_path in questions)


def _model(cloud: str) -> type[Stack]:
    """The settings model of a cloud: the member of the union that its name tells."""
    tags = {get_args(_field(model, "cloud").annotation)[0]: model for model in get_args(AnyStack)}
    return tags[cloud]


def _questions(model: type[Stack], cloud: str) -> list[str]:
    account: Any = _field(model, "account").annotation
    return [*(f"account.{name}" for name in account.model_fields), *ALSO_ASKED[cloud]]


def _ask(model: type[Stack], file: StackFile, key_path: str) -> None:
    """Asks until the answer is valid. An empty answer keeps what the file says."""
    field = _field(model, key_path)
    current = copy(file.get(key_path))
    while True:
        print(f"\n{key_path}: {' '.join((field.description or '').split())}")
        shown = ", ".join(map(str, current)) if isinstance(current, list) else current
        try:
            answer = input(f"  [{shown}] " if shown else "  ").strip()
        except EOFError:
            raise StackFileError(f"the answers ended before {key_path}; nothing was written") from None
        if answer:
            file.set(key_path, [part.strip() for part in answer.split(",")] if _is_list(field) else answer)
        problems = [problem for problem in file.problems() if _is_at(problem, key_path)]
        if not problems:
            return
        if answer and current is not None:
            file.set(key_path, current)
        print("\n".join(f"  {problem}" for problem in problems))


def _is_at(problem: str, key_path: str) -> bool:
    return problem.startswith((f"{key_path}:", f"{key_path}."))


def _drop_remark(file: StackFile) -> None:
    """Takes away the remark behind `account:`, which says that the account is fictitious."""
    file.settings.ca.items.pop("account", None)
    file.settings["account"].ca.comment = None


def _field(model: Any, key_path: str) -> FieldInfo:
    *parents, name = key_path.split(".")
    for parent in parents:
        model = model.model_fields[parent].annotation
    return model.model_fields[name]


def _is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is tuple


def main(arguments: Sequence[str]) -> int:
    """The command. Exits with 1 and one message where the stack file was left as it was."""
    if len(arguments) != 1:
        print("usage: make configure STACK=<stack>, for example gke-prod", file=sys.stderr)
        return 2
    stack = arguments[0]
    try:
        configured = configure(stack)
    except StackFileError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nnothing was written", file=sys.stderr)
        return 1
    if configured.fictitious:
        print(
            f"\n{configured.path}: the account is still the fictitious one; `make preview STACK={stack}` rehearses it"
        )
    else:
        pinned = f"make pin STACK={stack}, then " if configured.cloud == "oke" else ""
        print(f"\n{configured.path} is ready: {pinned}pulumi stack init {stack}, once, then pulumi up -s {stack}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
