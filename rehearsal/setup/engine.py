"""The Pulumi engine: the one on PATH, the official release, or one built from its Go modules."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from contextlib import suppress
from pathlib import Path

from rehearsal.setup import progress, stamp
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
_GO_WITHOUT_PATH = "/usr/local/go/bin/go"
"""Where Go's own instructions put it, in case they were not followed to the end."""
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
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    modules = hashlib.sha256((MODULES / "go.sum").read_bytes()).hexdigest()[:12]
    return caches / "groundwork" / "engine" / f"{VERSION}-{modules}"


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
        _keep(installed, target)
        return True


def _build(target: Path) -> None:
    go = shutil.which("go") or shutil.which(_GO_WITHOUT_PATH)
    if go is None:
        raise SetupError(
            "there is no Pulumi engine.\n"
            f"  No `pulumi` of version {VERSION} or newer is on PATH,\n"
            f"  {_INSTALLER} could not be used, and\n"
            "  Go is not installed, which would build it.\n"
            "Install the Pulumi CLI (https://www.pulumi.com/docs/install) or Go (https://go.dev/dl) and run this again."
        )
    # CGO_ENABLED=0: no C compiler is needed.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    with tempfile.TemporaryDirectory(prefix="groundwork-engine-") as folder:
        built = Path(folder) / "pulumi"
        build = [go, "build", "-ldflags", f"-s -w -X {_VERSION_VARIABLE}=v{VERSION}", "-o", str(built), _PACKAGE]
        for step, command in (
            (
                "Building the Pulumi engine (once per machine, about 4 minutes): fetching modules",
                [go, "mod", "download"],
            ),
            ("Building the Pulumi engine (once per machine, about 4 minutes): compiling", build),
        ):
            status, said = progress.run(step, command, folder=MODULES, environment=environment)
            if status:
                last = "\n".join(f"  {line}" for line in said.strip().splitlines()[-8:])
                raise SetupError(
                    f"Go could not build the Pulumi engine:\n{last}\n"
                    "It needs a Go module proxy (GOPROXY) and some 4 GB of disk. Installing the Pulumi CLI\n"
                    "(https://www.pulumi.com/docs/install) makes the build unnecessary."
                )
        if not version_of(built):
            raise SetupError(f"the engine that Go built from {MODULES} does not run on this machine.")
        _keep(built, target)


def _keep(engine: Path, target: Path) -> None:
    """Puts the engine into the cache at once: no other set-up ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f"pulumi.{os.getpid()}")
    try:
        shutil.copy2(engine, arriving)
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)
