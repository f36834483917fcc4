"""What a program says of a release, and how Helm is told."""

import os
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.naming import named_release
from rehearsal.providers.kubernetes_api.settings import BOUND
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties, Secret, Special, plain

DEFAULT_TIMEOUT: Final = 300
"""Seconds. Source: pulumi-kubernetes provider/pkg/provider/helm_release.go."""

_INSTALL = {
    "disableWebhooks": "--no-hooks",
    "devel": "--devel",
    "atomic": "--atomic",
    "skipCrds": "--skip-crds",
    "renderSubchartNotes": "--render-subchart-notes",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "replace": "--replace",
    "createNamespace": "--create-namespace",
    "verify": "--verify",
}
# An upgrade runs its hooks by another input, and validates whatever an install is told of that.
_UPGRADE = {
    "disableCRDHooks": "--no-hooks",
    "devel": "--devel",
    "atomic": "--atomic",
    "renderSubchartNotes": "--render-subchart-notes",
    "forceUpdate": "--force",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
    "recreatePods": "--recreate-pods",
    "cleanupOnFail": "--cleanup-on-fail",
    "verify": "--verify",
}


def completed(operation: Operation, namespace: str) -> Properties:
    """The inputs with what the provider fills in: name, namespace, timeout, keyring, and the values out of files.

    Source: pulumi-kubernetes helm_release.go, setDefaults and decodeRelease.
    """
    inputs = named_release(operation, namespace)
    if plain(inputs.get("skipAwait")) is not True:
        inputs.setdefault("timeout", DEFAULT_TIMEOUT)
    if plain(inputs.get("verify")) is True and not inputs.get("keyring"):
        inputs["keyring"] = os.path.expandvars("$HOME/.gnupg/pubring.gpg")
    files = inputs.pop("valueYamlFiles", None)
    if files is not None:
        inputs["values"] = overlaid(_from_files(files), inputs.get("values") or {})
    return inputs


def bounded_timeout(inputs: Properties) -> int:
    """Seconds that Helm waits for any one thing."""
    allowed = int(inputs.get("timeout") or DEFAULT_TIMEOUT)
    bound = os.environ.get(BOUND)
    return max(1, min(allowed, int(float(bound)))) if bound else allowed


def longest(inputs: Properties) -> float:
    """Seconds after which Helm is ended: it may wait for hooks, for pods, and once more while it rolls back."""
    return 4 * bounded_timeout(inputs) + 60.0


def install_flags(inputs: Properties) -> list[str]:
    return [*_switches(_INSTALL, inputs), *_waiting(inputs), *_texts(inputs)]


def upgrade_flags(inputs: Properties) -> list[str]:
    history = inputs.get("maxHistory")
    # The command keeps ten revisions where it is told nothing, the provider all of them.
    kept = ["--history-max", str(int(history or 0))]
    return [*_switches(_UPGRADE, inputs), *_waiting(inputs), *kept, *_texts(inputs)]


def uninstall_flags(inputs: Properties) -> list[str]:
    """A release that was waited for is waited for when it goes."""
    if inputs.get("skipAwait") is True and inputs.get("atomic") is not True:
        return []
    return ["--wait", "--timeout", f"{bounded_timeout(inputs)}s"]


def _switches(known: dict[str, str], inputs: Properties) -> list[str]:
    return [flag for name, flag in known.items() if inputs.get(name) is True]


def _waiting(inputs: Properties) -> list[str]:
    flags = ["--timeout", f"{bounded_timeout(inputs)}s"]
    if inputs.get("skipAwait") is not True:
        flags.append("--wait")
        flags += ["--wait-for-jobs"] if inputs.get("waitForJobs") is True else []
    return flags


def _texts(inputs: Properties) -> list[str]:
    flags: list[str] = []
    for name, flag in (("description", "--description"), ("postrender", "--post-renderer"), ("keyring", "--keyring")):
        if inputs.get(name):
            flags += [flag, str(inputs[name])]
    return flags


def _from_files(files: Any) -> Properties:
    values: Properties = {}
    for asset in plain(files):
        if not isinstance(asset, Special):
            raise CloudError(f"unsupported type for 'valueYamlFiles' arg: {type(asset).__name__}")
        values = overlaid(values, _content(asset))
    return values


def _content(asset: Special) -> Properties:
    try:
        text = asset.fields.get("text") or Path(str(asset.fields.get("path", ""))).read_text(encoding="utf-8")
        content = yaml.safe_load(text) or {}
    except OSError as error:
        raise CloudError(f"failed to read file {error.filename!r}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise CloudError(f"error converting YAML to JSON: {error}") from error
    if not isinstance(content, dict):
        raise CloudError("valueYamlFiles: a file of values is a map")
    return content


def overlaid(below: Any, above: Any) -> Any:
    """Maps merged key by key, what is above taking precedence."""
    if isinstance(above, Secret) and isinstance(above.value, dict):
        return Secret(overlaid(below, above.value))
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: overlaid(below.get(key), value) for key, value in above.items()}}
