"""The project folder that a rehearsal runs from, generated from the clone's Pulumi.yaml and one of its stack files.

The engine writes into the settings file of a stack (encryption fields on `stack init`, secrets on `config set`), so it
gets a copy. The clone's encrypted values cannot be read here and are none of a rehearsal's business: each is replaced
by `rehearsal-secret-<key path>`, which the engine then keeps secret like the real one.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import YAMLError

from rehearsal.places import Places

SETTINGS_KEY = "groundwork:stack"
_ENCRYPTION_FIELDS = ("encryptionsalt", "encryptedkey", "secretsprovider")
_GENERATED_FROM = ".generated-from"


class ProjectError(Exception):
    """A project or stack file, or an override of it, that cannot be used, in words for the user."""


@dataclass(frozen=True)
class Project:
    """A generated project folder."""

    folder: Path
    stack: str
    name: str
    """The project's name in Pulumi.yaml, part of every URN."""

    context: str = ""
    """The context of the user's own kubeconfig that a local stack's cluster is, empty for a cluster of a cloud."""

    secrets: dict[str, str] = field(default_factory=dict)
    """Configuration that the engine has yet to encrypt, by key path."""

    digest: str = ""
    """What the folder was generated from."""

    @property
    def stack_file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def complete(self) -> None:
        """Marks the folder as ready, once the engine has encrypted the secrets."""
        _write(self.folder / _GENERATED_FROM, self.digest)


def generate(places: Places, stack: str, overrides: Mapping[str, Any]) -> Project:
    """Writes the folder unless it is up to date. `overrides` replaces settings by their path in `groundwork:stack`."""
    folder = places.project(stack)
    project, settings = _mapping(places.clone / "Pulumi.yaml"), _mapping(places.stack_file(stack))
    config = settings.get("config") or {}
    if not isinstance(config, dict):
        raise ProjectError(f"{places.stack_file(stack)}: `config` is not a mapping")
    for path, value in overrides.items():
        _set(config, path, value)
    generated = yaml.safe_dump(_project_file(project, places, folder, _settings(config)), sort_keys=False)
    digest = hashlib.sha256(json.dumps([generated, config], sort_keys=True, default=str).encode()).hexdigest()
    marker = folder / _GENERATED_FROM
    if marker.is_file() and marker.read_text() == digest:
        return Project(folder, stack, project["name"], _context(config))

    folder.mkdir(parents=True, exist_ok=True)
    marker.unlink(missing_ok=True)
    result = Project(folder, stack, project["name"], _context(config), dict(_secrets(config)), digest)
    _write(folder / "Pulumi.yaml", generated)
    copied = {**_encryption(result.stack_file), "config": _without_ciphertext(config)}
    _write(result.stack_file, yaml.safe_dump(copied, sort_keys=False))
    return result


def _project_file(
    project: Mapping[str, Any], places: Places, folder: Path, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Pulumi.yaml with the program's folder pointing back to the clone, and the rehearsal's own plugins.

    Naming the plugins here rather than leaving them to be found on PATH spares a warning for each.
    """
    executables = str(places.executables)
    providers = sorted(
        file.name.removeprefix("pulumi-resource-") for file in places.executables.glob("pulumi-resource-*")
    )
    return {
        "name": project["name"],
        "description": project.get("description", ""),
        "runtime": {"name": "python", "options": {"virtualenv": str(places.virtualenv)}},
        "main": os.path.relpath(places.clone / project.get("main", ""), folder),
        "plugins": {
            "languages": [{"name": "python", "path": executables}],
            "providers": [{"name": name, "path": _folder(name, places, settings)} for name in providers],
        },
        **({"config": project["config"]} if "config" in project else {}),
    }


def _settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    settings = config.get(SETTINGS_KEY)
    return settings if isinstance(settings, dict) else {}


def _context(config: Mapping[str, Any]) -> str:
    settings = _settings(config)
    account = settings.get("account")
    if settings.get("cloud") != "local" or not isinstance(account, dict):
        return ""
    return str(account.get("context") or "")


def _folder(provider: str, places: Places, settings: Mapping[str, Any]) -> str:
    """Where a plugin is.

    On a real API the published provider of Kubernetes takes the place of the rehearsal's own, if this machine has it.
    """
    if provider == "kubernetes" and places.api == "real":
        # Not imported for every other rehearsal: it takes a while.
        from rehearsal.setup import kubernetes_plugin

        published = kubernetes_plugin.usable(places.home, mirrored=bool(settings.get("chart_mirror")))
        return str(published.parent if published else places.executables)
    return str(places.executables)


def _mapping(file: Path) -> dict[str, Any]:
    try:
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ProjectError(
            f"{file} is not UTF-8: line {line} holds the byte 0x{error.object[error.start]:02x}"
        ) from error
    except DuplicateKeyError as error:
        raise ProjectError(f"{file}: {_duplicate(error)}") from error
    except YAMLError as error:
        raise ProjectError(f"{file} is not YAML: {error}") from error
    if not isinstance(content or {}, dict):
        raise ProjectError(f"{file} is not a mapping")
    return content or {}


def _duplicate(error: DuplicateKeyError) -> str:
    """Which key, and where; the parser's own message shows values and how to switch the check off."""
    named = re.match(r'found duplicate key "(.*?)" with value', error.problem or "", re.DOTALL)
    key, line = named[1] if named else "", error.problem_mark.line + 1 if error.problem_mark else 0
    return f'the key "{key}" is given twice, the second time in line {line}'


def _encryption(stack_file: Path) -> dict[str, Any]:
    """The salt that the engine wrote into an earlier copy. The state's secrets are encrypted with it."""
    if not stack_file.is_file():
        return {}
    before = yaml.safe_load(stack_file.read_text()) or {}
    return {name: before[name] for name in _ENCRYPTION_FIELDS if name in before}


_FORMS = {
    "groundwork:smtp": "smtp://user:{}@mail.invalid?from=from@mail.invalid&to=to@mail.invalid",
    "groundwork:slackWebhook": "https://slack.invalid/{}",
    "groundwork:alertWebhook": "https://alerts.invalid/{}",
    "groundwork:heartbeat": "https://heartbeat.invalid/{}",
}
"""What stands around the recognisable value of secrets that the program takes in one form only."""


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _secrets(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if _is_secret(value):
        yield path, _FORMS.get(path, "{}").format(f"rehearsal-secret-{path}")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _secrets(member, _member(path, str(key)))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _secrets(member, f"{path}[{index}]")


def _member(path: str, key: str) -> str:
    if not path:
        return key
    return f"{path}.{key}" if key.replace("_", "").replace("-", "").isalnum() else f'{path}["{key}"]'


def _without_ciphertext(value: Any) -> Any:
    """An empty text in the place of each secret, for the engine to fill."""
    if _is_secret(value):
        return ""
    if isinstance(value, dict):
        return {key: _without_ciphertext(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_without_ciphertext(member) for member in value]
    return value


def _set(config: dict[str, Any], path: str, value: Any) -> None:
    """Sets a setting by path: `cluster.zones` inside the stack's settings, `namespace:key` beside them."""
    if ":" in path:
        config[path] = value
        return
    *parents, last = path.split(".")
    target = config.setdefault(SETTINGS_KEY, {})
    for key in parents:
        target = target.setdefault(key, {})
        if not isinstance(target, dict):
            raise ProjectError(f"{path}: {key} is no group of settings")
    target[last] = value


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    temporary.write_text(text)
    temporary.replace(file)
