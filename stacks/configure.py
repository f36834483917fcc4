"""Asks for the account of a stack and writes it into the stack file: `python -m stacks.configure gke-prod`."""

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from stacks.problems import SettingsError
from stacks.settings import AnyStack, Stack, parse

STACKS = Path("stacks")

FICTITIOUS = "# fictitious;"
"""How the remark behind `account:` begins, in the stack files that the project comes with."""

ALSO_ASKED: Mapping[str, tuple[str, ...]] = {
    "gke": ("cluster.zones", "domain"),
    "aks": ("domain",),
    "oke": ("cluster.availability_domains", "cluster.image_ocid", "domain"),
    "local": (),
}
"""What goes with the account: by cloud, key paths of the settings that depend on it."""


class Unconfigured(Exception):
    """The stack file was left as it was. The message says why."""


@dataclass(frozen=True, kw_only=True)
class Configured:
    """A stack file that was written."""

    path: Path

    fictitious: bool
    """Whether the account is still the one that the project comes with."""


def configure(stack: str, folder: Path = STACKS) -> Configured:
    """Asks for the account of `stack`, validates each answer, and writes the stack file.

    Comments and everything else in the file stay. Raises `Unconfigured`, with the file untouched, for an unknown stack,
    a file that is wrong elsewhere, or answers that end before the last question.
    """
    path = folder / f"Pulumi.{stack}.yaml"
    yaml, document, settings = _read(path, folder)
    model = _model(settings["cloud"])
    questions = _questions(model, settings["cloud"])
    _refuse(path, [problem for problem in _problems(settings) if not _is_solved_by(questions, problem)])
    before = deepcopy(settings.get("account"))
    for key_path in questions:
        _ask(model, settings, key_path)
    _refuse(path, _problems(settings))
    if settings["account"] != before:
        _drop_remark(settings)
    _write(path, yaml, document)
    return Configured(path=path, fictitious=FICTITIOUS in path.read_text(encoding="utf-8"))


def _refuse(path: Path, problems: Sequence[str]) -> None:
    if problems:
        raise Unconfigured(f"{path} was left as it was.\n{SettingsError(problems)}")


def _problems(settings: Mapping[str, Any]) -> Sequence[str]:
    try:
        parse(settings)
    except SettingsError as error:
        return error.problems
    return ()


def _is_solved_by(questions: Iterable[str], problem: str) -> bool:
    return problem == "account: missing" or any(_is_at(problem, key_path) for key_path in questions)


def _read(path: Path, folder: Path) -> tuple[YAML, CommentedMap, CommentedMap]:
    if not path.is_file():
        known = ", ".join(sorted(file.name.split(".")[1] for file in folder.glob("Pulumi.*.yaml")))
        raise Unconfigured(f"there is no stack file {path}; known stacks: {known}")
    yaml = YAML()
    yaml.preserve_quotes = True
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
        settings = document["config"]["groundwork:stack"]
    except UnicodeDecodeError as error:
        raise Unconfigured(f"{path}: not UTF-8 text: byte {error.start} is none of it") from None
    except (YAMLError, KeyError, TypeError) as error:
        raise Unconfigured(f"{path}: no object config.groundwork:stack ({' '.join(str(error).split())})") from None
    if not isinstance(settings, CommentedMap) or settings.get("cloud") not in ALSO_ASKED:
        raise Unconfigured(f"{path}: cloud: not one of {', '.join(ALSO_ASKED)}")
    return yaml, document, settings


def _model(cloud: str) -> type[Stack]:
    """The settings model of a cloud: the member of the union that its name tells."""
    tags = {get_args(_field(model, "cloud").annotation)[0]: model for model in get_args(AnyStack)}
    return tags[cloud]


def _questions(model: type[Stack], cloud: str) -> list[str]:
    account: Any = _field(model, "account").annotation
    return [*(f"account.{name}" for name in account.model_fields), *ALSO_ASKED[cloud]]


def _ask(model: type[Stack], settings: CommentedMap, key_path: str) -> None:
    """Asks until the answer is valid. An empty answer keeps what the file says."""
    field = _field(model, key_path)
    current = copy(_get(settings, key_path))
    while True:
        print(f"\n{key_path}: {' '.join((field.description or '').split())}")
        shown = ", ".join(map(str, current)) if isinstance(current, list) else current
        try:
            answer = input(f"  [{shown}] " if shown else "  ").strip()
        except EOFError:
            raise Unconfigured(f"the answers ended before {key_path}; nothing was written") from None
        if answer:
            _set(settings, key_path, [part.strip() for part in answer.split(",")] if _is_list(field) else answer)
        problems = [problem for problem in _problems(settings) if _is_at(problem, key_path)]
        if not problems:
            return
        if answer and current is not None:
            _set(settings, key_path, current)
        print("\n".join(f"  {problem}" for problem in problems))


def _is_at(problem: str, key_path: str) -> bool:
    return problem.startswith((f"{key_path}:", f"{key_path}."))


def _drop_remark(settings: CommentedMap) -> None:
    """Takes away the remark behind `account:`, which says that the account is fictitious."""
    settings.ca.items.pop("account", None)
    settings["account"].ca.comment = None


def _field(model: Any, key_path: str) -> FieldInfo:
    *parents, name = key_path.split(".")
    for parent in parents:
        model = model.model_fields[parent].annotation
    return model.model_fields[name]


def _is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is tuple


def _get(settings: Mapping[str, Any], key_path: str) -> Any:
    value: Any = settings
    for key in key_path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _set(settings: CommentedMap, key_path: str, value: str | Iterable[str]) -> None:
    *parents, name = key_path.split(".")
    for parent in parents:
        settings = settings.setdefault(parent, CommentedMap())
    if isinstance(value, list) and isinstance(settings.get(name), list):
        settings[name][:] = value
    else:
        settings[name] = value


def _write(path: Path, yaml: YAML, document: CommentedMap) -> None:
    """Replaces the file in one step, so that it is never half written."""
    text = io.StringIO()
    yaml.dump(document, text)
    draft = path.with_suffix(".draft")
    draft.write_text(text.getvalue(), encoding="utf-8")
    draft.replace(path)


def main(arguments: Sequence[str]) -> int:
    """The command. Exits with 1 and one message where the stack file was left as it was."""
    if len(arguments) != 1:
        print("usage: make configure STACK=<stack>, for example gke-prod", file=sys.stderr)
        return 2
    stack = arguments[0]
    try:
        configured = configure(stack)
    except Unconfigured as problem:
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
        print(f"\n{configured.path} is ready: pulumi stack init {stack}, once, then pulumi up -s {stack}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
