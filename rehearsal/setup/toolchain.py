"""`python -m rehearsal.setup.toolchain`: the programs that a rehearsal on a real Kubernetes API runs, those of the live
proof, and that of the load tests.

A control plane (etcd, API server, controller manager, scheduler), kwok, which plays its nodes, and Helm. Each is built
from pinned Go modules, once per machine, and kept as soon as it is there: an interrupted build goes on where it was.
"""

import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from rehearsal.setup import go_program, kubernetes_plugin, live_programs, load_program, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.go_tool import GoTool, build_missing

KUBERNETES = "1.36.3"
HELM = "3.19.5"
_OLDEST_HELM = (3, 17)
MISSING = "needs the toolchain: make toolchain"
"""Why a test on a real Kubernetes API is skipped where the programs are not there."""


@dataclass(frozen=True)
class Toolchain:
    """Where the programs are."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kwok: Path
    helm: Path


def _kubernetes(name: str, package: str) -> GoTool:
    version = "k8s.io/component-base/version"
    _, minor, _ = KUBERNETES.split(".")
    return GoTool(
        name=name,
        package=package,
        modules=stamp.CLONE / "rehearsal" / "kubernetes",
        version=KUBERNETES,
        link=f"-X {version}.gitVersion=v{KUBERNETES} -X {version}.gitMajor=1 -X {version}.gitMinor={minor}",
    )


def _helm() -> GoTool:
    _, minor, _ = KUBERNETES.split(".")
    link = [f"-X helm.sh/helm/v3/internal/version.version=v{HELM}"]
    for package in ("chartutil", "lint/rules"):
        # Which Kubernetes it renders for when none is asked: a plain build believes 1.20.
        link += [f"-X helm.sh/helm/v3/pkg/{package}.k8sVersion{part}" for part in ("Major=1", f"Minor={minor}")]
    return GoTool(
        name="helm",
        package="helm.sh/helm/v3/cmd/helm",
        modules=stamp.CLONE / "rehearsal" / "helm",
        version=HELM,
        link=" ".join(link),
    )


_PROGRAMS = {
    tool.name: tool
    for tool in (
        _kubernetes("etcd", "go.etcd.io/etcd/server/v3"),
        _kubernetes("kube_apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
        _kubernetes("kube_controller_manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
        _kubernetes("kube_scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
        _kubernetes("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
        _helm(),
    )
}


def installed() -> Toolchain | None:
    """The programs if all of them are there already."""
    places = {name: _present(tool) for name, tool in _PROGRAMS.items()}
    there = {name: place for name, place in places.items() if place is not None}
    return Toolchain(**there) if len(there) == len(fields(Toolchain)) else None


def find() -> Toolchain:
    """The programs, built where they are missing. Raises `SetupError`."""
    present = installed()
    if present is None:
        build_missing(_PROGRAMS.values(), _present, "5 to 15 minutes for all")
        present = installed()
    if present is None:
        raise SetupError(f"a program that was built into {go_program.caches()} is gone again: run this once more.")
    return present


def _present(tool: GoTool) -> Path | None:
    return (_helm_on_path() if tool.name == "helm" else None) or tool.cached()


def _helm_on_path() -> Path | None:
    """The user's own Helm, where it is a version 3 that is recent enough."""
    found = shutil.which("helm")
    return Path(found).absolute() if found and _is_recent(found) else None


@cache
def _is_recent(helm: str) -> bool:
    """Asked once: every release is run by several commands, each of which looks for Helm."""
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, timeout=30, check=False)
        match = re.match(r"v(\d+)\.(\d+)\.", said.stdout)
        return match is not None and _OLDEST_HELM <= (int(match[1]), int(match[2])) < (4, 0)
    return False


def main() -> int:
    """Builds what is missing and says where it is."""
    try:
        there = find()
        observability = live_programs.find()
        load = load_program.find()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what is built is kept, and the next run continues.", file=sys.stderr)
        return 130
    print(f"The toolchain for a real Kubernetes API is complete: {there.kwok.parent}, {there.helm}")
    print(f"So is the one for the live proof: {', '.join(sorted(observability))}.")
    print(f"Load tests run with {load}.")
    engine = stamp.recorded_engine(stamp.VIRTUALENV)
    plugin = kubernetes_plugin.fetch(engine) if engine else kubernetes_plugin.find()
    told = plugin or "the rehearsal's own: the published one cannot be had here"
    print(f"The Kubernetes provider is {told}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
