"""The user's own kubeconfig files, put together as kubectl does it.

Source: kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig (merging, file references).
"""

import os
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.providers.kubernetes_api.refusals import UnreachableError

_OWN_FILE: Final = "~/.kube/config"
_SECTIONS = {"clusters": "cluster", "users": "user", "contexts": "context"}
_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def own_kubeconfig() -> dict[str, Any]:
    """What the files of KUBECONFIG say, the first of two that say something having its way; else ~/.kube/config."""
    named = os.environ.get("KUBECONFIG") or _OWN_FILE
    files = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    read = [read_kubeconfig(path) for path in files if path.is_file()]
    if not read:
        raise UnreachableError(
            "invalid configuration: no configuration has been provided, try setting KUBECONFIG or kubeconfig"
        )
    merged: dict[str, Any] = {}
    for one in read:
        for key, value in one.items():
            merged[key] = _merged(merged[key], value) if key in _SECTIONS and key in merged else merged.get(key, value)
    return merged


def read_kubeconfig(path: Path) -> dict[str, Any]:
    """One file, with the files that it refers to by their whole paths."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, OSError) as error:
        raise UnreachableError(f"error loading config file {path}: {error}") from error
    if not isinstance(content, dict):
        raise UnreachableError(f"error loading config file {path}: it is no map")
    for section, key in _SECTIONS.items():
        for entry in content.get(section) or []:
            inside = entry.get(key) or {}
            for name in _FILES:
                if inside.get(name):
                    inside[name] = str(path.parent / inside[name])
    return content


def _merged(first: Any, second: Any) -> list[Any]:
    known = {entry.get("name") for entry in first or []}
    return [*(first or []), *(entry for entry in second or [] if entry.get("name") not in known)]
