"""The project's own chart for application services, and its version."""

import hashlib
from fnmatch import fnmatchcase
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
    ignored = _ignored(folder)
    for path in sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file()):
        if any(fnmatchcase(part, pattern) for part in path.parts for pattern in ignored):
            continue
        digest.update(f"{path.as_posix()}\0".encode())
        digest.update(hashlib.sha256((folder / path).read_bytes()).digest())
    declared = yaml.safe_load((folder / "Chart.yaml").read_text())["version"]
    return f"{declared}-{digest.hexdigest()[:12]}"


def _ignored(folder: Path) -> list[str]:
    """The patterns of .helmignore, each a name of files or folders: what they match is no part of the chart."""
    lines = [line.strip() for line in (folder / ".helmignore").read_text().splitlines()]
    return [line.rstrip("/") for line in lines if line and not line.startswith("#")]
