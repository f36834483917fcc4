"""`python -m rehearsal.setup.toolchain`: the programs that a rehearsal on a real Kubernetes API runs.

A control plane (etcd, API server, controller manager, scheduler), kwok, which plays its nodes, and Helm. Each is built
from pinned Go modules, once per machine, and kept as soon as it is there: an interrupted build goes on where it was.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from rehearsal.setup import go_program, kubernetes_plugin, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.lock import exclusive

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


@dataclass(frozen=True)
class _Program:
    package: str
    modules: Path
    """The folder with the go.mod that pins it."""
    version: str
    link: str
    """What the linker sets; a program that nobody tells its version takes itself for another."""

    @property
    def folder(self) -> Path:
        return go_program.cache_folder(self.modules.name, self.version, self.modules)


def _kubernetes(package: str) -> _Program:
    version = "k8s.io/component-base/version"
    _, minor, _ = KUBERNETES.split(".")
    link = f"-X {version}.gitVersion=v{KUBERNETES} -X {version}.gitMajor=1 -X {version}.gitMinor={minor}"
    return _Program(package, stamp.CLONE / "rehearsal" / "kubernetes", KUBERNETES, link)


def _helm() -> _Program:
    _, minor, _ = KUBERNETES.split(".")
    link = [f"-X helm.sh/helm/v3/internal/version.version=v{HELM}"]
    for package in ("chartutil", "lint/rules"):
        # Which Kubernetes it renders for when none is asked: a plain build believes 1.20.
        link += [f"-X helm.sh/helm/v3/pkg/{package}.k8sVersion{part}" for part in ("Major=1", f"Minor={minor}")]
    return _Program("helm.sh/helm/v3/cmd/helm", stamp.CLONE / "rehearsal" / "helm", HELM, " ".join(link))


_PROGRAMS = {
    "etcd": _kubernetes("go.etcd.io/etcd/server/v3"),
    "kube_apiserver": _kubernetes("k8s.io/kubernetes/cmd/kube-apiserver"),
    "kube_controller_manager": _kubernetes("k8s.io/kubernetes/cmd/kube-controller-manager"),
    "kube_scheduler": _kubernetes("k8s.io/kubernetes/cmd/kube-scheduler"),
    "kwok": _kubernetes("sigs.k8s.io/kwok/cmd/kwok"),
    "helm": _helm(),
}


def installed() -> Toolchain | None:
    """The programs if all of them are there already."""
    places = {name: _present(name) for name in _PROGRAMS}
    there = {name: place for name, place in places.items() if place is not None}
    return Toolchain(**there) if len(there) == len(fields(Toolchain)) else None


def find() -> Toolchain:
    """The programs, built where they are missing. Raises `SetupError`."""
    present = installed()
    if present is not None:
        return present
    folder = _PROGRAMS["etcd"].folder.parent.parent
    with exclusive(folder / "toolchain.lock"):
        for number, name in enumerate(_PROGRAMS, start=1):
            if _present(name) is None:
                _build(name, f"{number} of {len(_PROGRAMS)}")
    present = installed()
    if present is None:
        raise SetupError(f"a program that was built into {folder} is gone again: run this once more.")
    return present


def _present(name: str) -> Path | None:
    if name == "helm" and (found := _helm_on_path()):
        return found
    cached = _PROGRAMS[name].folder / name
    return cached if os.access(cached, os.X_OK) else None


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


def _build(name: str, count: str) -> None:
    program = _PROGRAMS[name]
    if go_program.go() is None:
        raise SetupError(
            "A rehearsal on a real Kubernetes API runs programs that are built with Go, and Go is not installed.\n"
            "Install Go (https://go.dev/dl) and run this again."
        )
    step = f"Building {name.replace('_', '-')} ({count}, once per machine, 5 to 15 minutes for all)"
    with tempfile.TemporaryDirectory(prefix="groundwork-toolchain-") as folder:
        built = Path(folder) / name
        try:
            go_program.build(step, program.package, program.modules, built, link=f"-s -w {program.link}")
        except SetupError as error:
            hint = "It needs a Go module proxy (GOPROXY) and some 5 GB of disk while it builds."
            raise SetupError(f"Go could not build {name.replace('_', '-')}:\n{error}\n{hint}") from error
        go_program.keep(built, program.folder / name)


def main() -> int:
    """Builds what is missing and says where it is."""
    try:
        there = find()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what is built is kept, and the next run continues.", file=sys.stderr)
        return 130
    print(f"The toolchain for a real Kubernetes API is complete: {there.kwok.parent}, {there.helm}")
    engine = stamp.recorded_engine(stamp.VIRTUALENV)
    plugin = kubernetes_plugin.fetch(engine) if engine else kubernetes_plugin.find()
    told = plugin or "the rehearsal's own: the published one cannot be had here"
    print(f"The Kubernetes provider is {told}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
