"""Stack files as commands change them: one value here and there, with comments and all else left as they are."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from stacks.problems import SettingsError
from stacks.settings import parse

STACKS = Path("stacks")

CLOUDS = ("gke", "aks", "oke", "local")


class StackFileError(Exception):
    """The stack file was left as it was. The message says why."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """A stack file that was read."""

    path: Path

    settings: Any
    """The object `groundwork:stack`, a mapping that carries its comments, to be changed in place."""

    yaml: YAML
    document: Any

    def problems(self) -> Sequence[str]:
        """What is wrong with the settings."""
        try:
            parse(self.settings)
        except SettingsError as error:
            return error.problems
        return ()

    def refuse(self, problems: Sequence[str]) -> None:
        """Raises `StackFileError` if there are problems."""
        if problems:
            raise StackFileError(f"{self.path} was left as it was.\n{SettingsError(problems)}")

    def get(self, key_path: str) -> Any:
        """The value at a path such as `cluster.zones`; nothing where there is none."""
        value: Any = self.settings
        for key in key_path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def set(self, key_path: str, value: str | Iterable[str]) -> None:
        """Puts a value at a path. A list keeps the form that it is written in."""
        *parents, name = key_path.split(".")
        settings = self.settings
        for parent in parents:
            settings = settings.setdefault(parent, CommentedMap())
        if isinstance(value, list) and isinstance(settings.get(name), list):
            settings[name][:] = value
        else:
            settings[name] = value

    def write(self) -> None:
        """Replaces the file in one step, so that it is never half written. Raises `StackFileError` where it cannot."""
        text = io.StringIO()
        self.yaml.dump(self.document, text)
        draft = self.path.with_suffix(".draft")
        try:
            draft.write_text(text.getvalue(), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise StackFileError(f"{error.filename}: {error.strerror}; {self.path} was left as it was") from None


def read(stack: str, folder: Path = STACKS) -> StackFile:
    """The file of a stack. Raises `StackFileError` for an unknown stack, and for a file without settings of a cloud."""
    path = folder / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.name.split(".")[1] for file in folder.glob("Pulumi.*.yaml")))
        raise StackFileError(f"there is no stack file {path}; known stacks: {known}")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # else long lines are broken
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
        settings = document["config"]["groundwork:stack"]
    except UnicodeDecodeError as error:
        raise StackFileError(f"{path}: not UTF-8 text: byte {error.start} is none of it") from None
    except (YAMLError, KeyError, TypeError) as error:
        raise StackFileError(f"{path}: no object config.groundwork:stack ({' '.join(str(error).split())})") from None
    if not isinstance(settings, CommentedMap) or settings.get("cloud") not in CLOUDS:
        raise StackFileError(f"{path}: cloud: not one of {', '.join(CLOUDS)}")
    return StackFile(path=path, settings=settings, yaml=yaml, document=document)
