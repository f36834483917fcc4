"""The programs that check and run the configuration of metrics, logs and traces: Prometheus, Loki and their tools.

Each is built from pinned Go modules, once per machine. `promtool` and `amtool` are taken from PATH where none is built:
Debian's packages prometheus and prometheus-alertmanager bring them.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from rehearsal.setup import go_program, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.go_tool import GoTool, build_missing

MODULES = stamp.CLONE / "rehearsal" / "live"
"""One folder of pinned modules for each project."""

_PROMETHEUS = "-X github.com/prometheus/common/version.Version={version}"
_LOKI = "-X github.com/grafana/loki/v3/pkg/util/build.Version={version}"

TOOLS: Mapping[str, GoTool] = {
    tool.name: tool
    for tool in (
        GoTool(
            name="promtool",
            package="github.com/prometheus/prometheus/cmd/promtool",
            modules=MODULES / "prometheus",
            version="3.14.0",
            link=_PROMETHEUS,
        ),
        GoTool(
            name="prometheus",
            package="github.com/prometheus/prometheus/cmd/prometheus",
            modules=MODULES / "prometheus",
            version="3.14.0",
            link=_PROMETHEUS,
        ),
        GoTool(
            name="amtool",
            package="github.com/prometheus/alertmanager/cmd/amtool",
            modules=MODULES / "alertmanager",
            version="0.34.0",
            link=_PROMETHEUS,
        ),
        GoTool(
            name="loki",
            package="github.com/grafana/loki/v3/cmd/loki",
            modules=MODULES / "loki",
            version="3.7.6",
            link=_LOKI,
        ),
        GoTool(
            name="logcli",
            package="github.com/grafana/loki/v3/cmd/logcli",
            modules=MODULES / "loki",
            version="3.7.6",
            link=_LOKI,
        ),
        GoTool(
            name="alloy", package=".", modules=MODULES / "alloy", version="1.18.1", link="-X main.version={version}"
        ),
        GoTool(
            name="otelcol",
            package=".",
            modules=MODULES / "collector",
            version="0.158.0",
            link="-X main.version={version}",
        ),
        GoTool(
            name="jaeger",
            package="github.com/jaegertracing/jaeger/cmd/jaeger",
            modules=MODULES / "jaeger",
            version="2.13.0",
            link="-X github.com/jaegertracing/jaeger/internal/version.latestVersion=v{version}",
        ),
    )
}
"""By the name of the program. Versions are those of the images that the charts deploy, but for Jaeger: no later one is
published as a Go module, and 2.19 reads every key of 2.13 that a stack's configuration has."""

_PACKAGED = ("promtool", "amtool")


def installed(name: str) -> Path | None:
    """A program that is there already. Raises `KeyError` for one that is none of them."""
    tool = TOOLS[name]
    found = shutil.which(name) if name in _PACKAGED else None
    return tool.cached() or (Path(found).absolute() if found else None)


def find() -> Mapping[str, Path]:
    """All of them by name, built where they are missing. Raises `SetupError`."""
    build_missing(TOOLS.values(), lambda tool: installed(tool.name), "10 to 20 minutes for all")
    there = {name: installed(name) for name in TOOLS}
    missing = [name for name, place in there.items() if place is None]
    if missing:
        places = f"{', '.join(missing)} of {go_program.caches()}"
        raise SetupError(f"{places}: built, and gone again. Run this once more.")
    return {name: place for name, place in there.items() if place is not None}
