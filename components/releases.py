"""How charts are released: where they come from, and the options that keep a release alive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi_kubernetes as kubernetes

from stacks.problems import SettingsError
from stacks.settings import Stack
from stacks.versions import CHARTS, Chart

HISTORY = 10
"""Revisions that Helm keeps of a release. It keeps all of them otherwise, each a Secret of up to 1 MiB."""


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Where charts come from: their publishers, or one mirror of them all."""

    mirror: str | None = None
    """`oci://registry/path` that charts lie below, or a folder of charts: packed as `<name>-<version>.tgz`, or unpacked
    as `<name>`."""

    def locate(self, chart: Chart) -> dict[str, Any]:
        """The arguments of a release that say which chart to install."""
        if self.mirror is None:
            if chart.repository.startswith("oci://"):
                return {"chart": f"{chart.repository}/{chart.name}", "version": chart.version}
            repository = kubernetes.helm.v3.RepositoryOptsArgs(repo=chart.repository)
            return {"chart": chart.name, "version": chart.version, "repository_opts": repository}
        if self.mirror.startswith("oci://"):
            return {"chart": f"{self.mirror.rstrip('/')}/{chart.name}", "version": chart.version}
        return {"chart": str(self._in_folder(Path(self.mirror), chart)), "version": chart.version}

    def missing(self, charts: Iterable[Chart]) -> list[str]:
        """The files that a folder of charts lacks. What a registry lacks, only the registry knows."""
        if self.mirror is None or self.mirror.startswith("oci://"):
            return []
        places = [self._in_folder(Path(self.mirror), chart) for chart in charts]
        return [str(place) for place in places if not place.exists()]

    @staticmethod
    def _in_folder(folder: Path, chart: Chart) -> Path:
        unpacked = folder / chart.name
        return unpacked if unpacked.is_dir() else folder / f"{chart.name}-{chart.version}.tgz"


def check_charts(stack: Stack) -> None:
    """Raises `SettingsError` with every chart that the stack needs and its folder of charts lacks."""
    if stack.until == "foundation":
        return
    missing = ChartSource(mirror=stack.chart_mirror).missing(CHARTS)
    if missing:
        raise SettingsError([f"chart_mirror: there is no {file}" for file in missing])


def release_args(
    chart: Mapping[str, Any],
    *,
    name: str,
    namespace: str,
    values: Mapping[str, Any],
    timeout: int,
    skip_crds: bool = False,
) -> kubernetes.helm.v3.ReleaseArgs:
    """A release under its own name, which rolls back what fails.

    `chart` says which chart, as `ChartSource.locate` gives it.
    `timeout` is in seconds and sized to the chart: the time until the last of its pods is ready, image pulls included.
    `skip_crds` leaves out the definitions of the chart's `crds/` folder.
    """
    return kubernetes.helm.v3.ReleaseArgs(
        **chart,
        name=name,
        namespace=namespace,
        values=values,
        timeout=timeout,
        skip_crds=skip_crds or None,
        atomic=True,
        cleanup_on_fail=True,
        wait_for_jobs=True,
        max_history=HISTORY,
    )
