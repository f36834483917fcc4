"""The project's own chart for application services, and its version."""

import hashlib
from functools import cache
from pathlib import Path

import yaml

CHART = "./charts/app-service"
"""The chart, from the program's own folder: the same path on every machine, for it is kept in the state."""


@cache
def chart_version(folder: Path = Path(CHART)) -> str:
    """The version in Chart.yaml with a digest of the chart's content, so that every edit makes another version.

    A release of a local chart is upgraded only when its inputs change:
    https://github.com/pulumi/pulumi-kubernetes/issues/2672
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    declared = yaml.safe_load((folder / "Chart.yaml").read_text())["version"]
    return f"{declared}-{digest.hexdigest()[:12]}"
