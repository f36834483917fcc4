"""Keeps what was read from the SDKs between runs, outside the clone and per SDK version."""

import contextlib
import json
import os
import tempfile
import urllib.parse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from contract_check.sdk_packages import (
    PROVIDER_PREFIX,
    ResourceClass,
    SdkPackage,
    installed,
    package_name,
    read_classes,
)

CACHE_SCHEMA = 2
CLASSES = "classes"


def cache_home() -> Path:
    """The folder that holds one folder for each package version and form of the cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "groundwork" / "contract"


@cache
def resource_types(token: str) -> dict[str, Any] | None:
    """The input types of a resource, or None where its package has no such type."""
    package = installed(package_name(token))
    if package is None:
        return None
    return _kept(package, urllib.parse.quote(token, safe=""), lambda: _read_types(package, token), _is_type)


@cache
def known_tokens(package: SdkPackage) -> frozenset[str]:
    """Every type token of a package."""
    return frozenset(classes(package))


@cache
def classes(package: SdkPackage) -> dict[str, ResourceClass]:
    """The classes of a package by type token."""
    table = _kept(
        package,
        CLASSES,
        lambda: {token: [found.module, found.name] for token, found in read_classes(package).items()},
        _is_class_table,
    )
    return {token: ResourceClass(*found) for token, found in (table or {}).items()}


def _read_types(package: SdkPackage, token: str) -> dict[str, Any] | None:
    found = classes(package).get(token)
    if found is None:
        return None
    # Importing an SDK takes longer than the whole check with a warm cache.
    from contract_check.sdk_types import read_resource

    return {**read_resource(found), "provider": token.startswith(PROVIDER_PREFIX)}


def _kept(
    package: SdkPackage,
    name: str,
    read: Callable[[], dict[str, Any] | None],
    is_whole: Callable[[Any], bool],
) -> dict[str, Any] | None:
    path = cache_home() / f"{package.distribution}-{package.version}-{CACHE_SCHEMA}" / f"{name}.json"
    # A file that is missing, cut short or written by something else is read from the SDK again.
    with contextlib.suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if is_whole(content):
            return content
    content = read()
    if content is not None:
        # Without a writable cache the check is slower, not wrong.
        with contextlib.suppress(OSError):
            _write(path, content)
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    """Writes a file that other processes see whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, separators=(",", ":"))
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _is_type(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("provider"), bool)
        and isinstance(content.get("types"), dict)
        and all(isinstance(properties, dict) for properties in content["types"].values())
        and content.get("inputs") in content["types"]
    )


def _is_class_table(content: Any) -> bool:
    return isinstance(content, dict) and all(isinstance(found, list) and len(found) == 2 for found in content.values())
