"""Which provider SDKs are installed, and which resource classes each of them brings.

Every SDK registers its classes in a table of its package's `__init__`. The table is read from the source: importing a
package only to learn that a token exists would cost more than the whole check.
"""

import ast
import importlib.metadata
import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROVIDER_PREFIX = "pulumi:providers:"


class UnreadableTypeError(Exception):
    """A class of an SDK that does not look like any class the reflection knows."""


@dataclass(frozen=True)
class SdkPackage:
    """An installed provider SDK."""

    name: str
    """The package part of its type tokens, such as `azure-native`."""

    version: str
    source: Path

    @property
    def distribution(self) -> str:
        return f"pulumi-{self.name}"


@dataclass(frozen=True)
class ResourceClass:
    """Where the Python class of a type token is found."""

    module: str
    name: str


def package_name(token: str) -> str:
    """The package that a type token belongs to; a provider belongs to its own package."""
    return token.removeprefix(PROVIDER_PREFIX).split(":", 1)[0]


@cache
def installed(name: str) -> SdkPackage | None:
    """The SDK of a package, unless it is not one or not installed."""
    if name == "pulumi":
        return None
    try:
        version = importlib.metadata.version(f"pulumi-{name}")
    except importlib.metadata.PackageNotFoundError:
        return None
    spec = importlib.util.find_spec(f"pulumi_{name.replace('-', '_')}")
    if spec is None or spec.origin is None:
        return None
    return SdkPackage(name, version, Path(spec.origin))


def read_classes(package: SdkPackage) -> dict[str, ResourceClass]:
    """Every type token of a package with its class, the provider's included."""
    for call in _calls(package.source):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "register":
            tables = {str(word.arg): json.loads(ast.literal_eval(word.value)) for word in call.keywords}
            return _classes(tables)
    return {}


def _calls(source: Path) -> list[ast.Call]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return [node.value for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]


def _classes(tables: dict[str, list[dict[str, Any]]]) -> dict[str, ResourceClass]:
    found = {
        token: ResourceClass(module["fqn"], name)
        for module in tables["resource_modules"]
        for token, name in module["classes"].items()
    }
    for provider in tables["resource_packages"]:
        found[provider["token"]] = ResourceClass(provider["fqn"], provider["class"])
    return found
