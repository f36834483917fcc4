"""The Pulumi engine: the one on PATH, the official release, or one built from its Go modules."""

import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from contextlib import suppress
from pathlib import Path

from rehearsal.setup import go_program, progress, stamp
from rehearsal.setup.errors import SetupError
from rehearsal.setup.lock import exclusive

VERSION = "3.250.0"
"""What is installed or built, and the oldest engine that is used: the tests run with it. Older ones start policy packs
through an executable of their own rather than through the language host."""

_OLDEST = tuple(int(number) for number in VERSION.split("."))
MODULES = stamp.CLONE / "rehearsal" / "engine"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_INSTALLER = "https://get.pulumi.com"
_INSTALLER_ANSWERS_SECONDS = 5
_INSTALLER_ENDS_SECONDS = 300


def find() -> Path:
    """An engine that runs, the quickest way there is."""
    if on_path := engine_on_path():
        return on_path
    cached = cache_folder() / "pulumi"
    if version_of(cached):
        return cached
    with exclusive(cache_folder().parent / "lock"):
        if not version_of(cached) and not _install_official(cached):
            _build(cached)
    return cached


def engine_on_path() -> Path | None:
    """The user's own CLI where it is recent enough."""
    found = shutil.which("pulumi")
    version = version_of(Path(found)) if found else None
    return Path(found).absolute() if found and version and version >= _OLDEST else None


def cache_folder() -> Path:
    """Where this version is kept for all clones on the machine."""
    return go_program.cache_folder("engine", VERSION, MODULES)


def version_of(engine: Path) -> tuple[int, ...] | None:
    """The version that an engine reports, None where it does not run."""
    if not os.access(engine, os.X_OK):
        return None
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run(
            [str(engine), "version"], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        if said.returncode == 0:
            return _numbers(said.stdout)
    return None


def _numbers(text: str) -> tuple[int, ...] | None:
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in match.groups()) if match else None


def _install_official(target: Path) -> bool:
    """Fetches the official release. False where the network does not have it, which is no error yet."""
    with tempfile.TemporaryDirectory(prefix="groundwork-engine-") as folder:
        script = Path(folder) / "install.sh"
        try:
            with urllib.request.urlopen(_INSTALLER, timeout=_INSTALLER_ANSWERS_SECONDS) as answer:
                script.write_bytes(answer.read())
        except OSError:
            return False
        command = ["sh", str(script), "--version", VERSION, "--install-root", folder, "--no-edit-path"]
        progress.run(f"Installing the Pulumi engine {VERSION}", command, limit_seconds=_INSTALLER_ENDS_SECONDS)
        installed = Path(folder) / "bin" / "pulumi"
        if not version_of(installed):
            return False
        go_program.keep(installed, target)
        return True


def _build(target: Path) -> None:
    if go_program.go() is None:
        raise SetupError(
            "there is no Pulumi engine.\n"
            f"  No `pulumi` of version {VERSION} or newer is on PATH,\n"
            f"  {_INSTALLER} could not be used, and\n"
            "  Go is not installed, which would build it.\n"
            "Install the Pulumi CLI (https://www.pulumi.com/docs/install) or Go (https://go.dev/dl) and run this again."
        )
    step = "Building the Pulumi engine (once per machine, about 4 minutes)"
    with tempfile.TemporaryDirectory(prefix="groundwork-engine-") as folder:
        built = Path(folder) / "pulumi"
        try:
            go_program.build(step, _PACKAGE, MODULES, built, link=f"-s -w -X {_VERSION_VARIABLE}=v{VERSION}")
        except SetupError as error:
            raise SetupError(
                f"Go could not build the Pulumi engine:\n{error}\n"
                "It needs a Go module proxy (GOPROXY) and some 4 GB of disk. Installing the Pulumi CLI\n"
                "(https://www.pulumi.com/docs/install) makes the build unnecessary."
            ) from error
        if not version_of(built):
            raise SetupError(f"the engine that Go built from {MODULES} does not run on this machine.")
        go_program.keep(built, target)
