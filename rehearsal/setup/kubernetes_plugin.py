"""The published provider plugin of Kubernetes, which rehearsals on a real API use where this machine has it."""

import os
import re
import shutil
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rehearsal.providers.kubernetes_api.releases.chart_hosts import reachable
from rehearsal.setup import go_program, progress, stamp

_NAME = "pulumi-resource-kubernetes"
PUBLISHERS = (
    "ghcr.io",
    "charts.external-secrets.io",
    "charts.konghq.com",
    "cloudnative-pg.github.io",
    "dapr.github.io",
    "grafana.github.io",
    "grafana-community.github.io",
    "helm.releases.hashicorp.com",
    "jaegertracing.github.io",
    "kedacore.github.io",
    "kubernetes-sigs.github.io",
    "open-telemetry.github.io",
    "percona.github.io",
    "quay.io",
    "stakater.github.io",
    "valkey.io",
    "vmware-tanzu.github.io",
    "weaviate.github.io",
)
"""Where the platform's charts are published."""
_RELEASES = "https://get.pulumi.com"
_ANSWERS_SECONDS = 5
_ENDS_SECONDS = 300


def find() -> Path | None:
    """The plugin of the installed SDK's major version, this version or newer; None where there is none."""
    wanted = _wanted()
    for folder in _plugin_folders():
        found = [(_numbers(file.parent.name), file) for file in folder.glob(f"resource-kubernetes-v*/{_NAME}")]
        fitting = [(number, file) for number, file in found if number[:1] == wanted[:1] and number >= wanted]
        for _, file in sorted(fitting, reverse=True):
            if os.access(file, os.X_OK):
                return file
    on_path = shutil.which(_NAME)
    ours = stamp.CLONE / "rehearsal" / "bin"
    return Path(on_path).absolute() if on_path and Path(on_path).absolute().parent != ours else None


def usable(home: Path, *, mirrored: bool) -> Path | None:
    """The plugin, if it can get charts: from the stack's mirror of them, or from their publishers.

    It knows no stand-ins: without charts, only the rehearsal's own provider comes further than the first release.
    `home` is the rehearsal's, which remembers who did not answer.
    """
    found = find()
    if found is None or mirrored or all(reachable(home, host) for host in PUBLISHERS):
        return found
    return None


def fetch(engine: Path) -> Path | None:
    """The plugin, installed into the cache of this machine if its publisher can be reached; None where it cannot."""
    found = find()
    if found is not None or not wanted_version():
        return found
    try:
        urllib.request.urlopen(_RELEASES, timeout=_ANSWERS_SECONDS).close()
    except OSError:
        return None
    variables = {**os.environ, "PULUMI_HOME": str(_cache()), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = [str(engine), "plugin", "install", "resource", "kubernetes", wanted_version()]
    step = "Installing the Kubernetes provider"
    progress.run(step, command, environment=variables, limit_seconds=_ENDS_SECONDS)
    return find()


def wanted_version() -> str:
    """The version of the SDK that the program is written with, empty where it is not installed."""
    try:
        return version("pulumi-kubernetes")
    except PackageNotFoundError:
        return ""


def _wanted() -> tuple[int, ...]:
    return _numbers(wanted_version())


def _plugin_folders() -> list[Path]:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return [home / "plugins", _cache() / "plugins"]


def _cache() -> Path:
    return go_program.caches() / "plugins"


def _numbers(text: str) -> tuple[int, ...]:
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in match.groups()) if match else ()
