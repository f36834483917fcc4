"""Runs the real Helm: values go in by stdin, the kubeconfig in a private file that is gone afterwards."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

from rehearsal import places
from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes_api.connection import chosen_kubeconfig, kubeconfig_of
from rehearsal.providers.kubernetes_api.settings import settings_of
from rehearsal.providers.wire import Properties, plain
from rehearsal.setup import toolchain

QUICK_SECONDS: Final = 60.0
"""What anything may take that waits for no pod."""

_LETS_GO_SECONDS = 20.0
"""Helm records what it was interrupted in, which takes a few requests."""
_VARIABLES = {
    "pluginsPath": "HELM_PLUGINS",
    "registryConfigPath": "HELM_REGISTRY_CONFIG",
    "repositoryConfigPath": "HELM_REPOSITORY_CONFIG",
    "repositoryCache": "HELM_REPOSITORY_CACHE",
    "driver": "HELM_DRIVER",
}
"""The provider's `helmReleaseSettings`, as the command takes them."""
_POINTING_ELSEWHERE = ("KUBECONFIG", "HELM_NAMESPACE", "HELM_DEBUG", "HELM_DRIVER")
_PREFIXES = ("HELM_KUBE",)
_ERROR = re.compile(r"^Error: (?:(?:INSTALLATION|UPGRADE) FAILED: )?", re.MULTILINE)
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class HelmError(CloudError):
    """What Helm says when it fails, without its own heading."""


class Interruptible:
    """The Helm processes of this provider that change a release, which an interrupt ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[str]] = set()
        self._cancelled = False

    @contextmanager
    def holding(self, process: subprocess.Popen[str]) -> Iterator[None]:
        with self._lock:
            self._processes.add(process)
            cancelled = self._cancelled
        if cancelled:
            process.send_signal(signal.SIGINT)
        try:
            yield
        finally:
            with self._lock:
                self._processes.discard(process)

    def cancel(self) -> None:
        """Interrupts them all, and whatever is started from now on.

        Helm then marks its release as failed, or rolls it back where it is atomic.
        """
        with self._lock:
            self._cancelled = True
            running = list(self._processes)
        for process in running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)


class Helm:
    """The command, for one provider's cluster and settings."""

    def __init__(self, configuration: Properties, home: Path | None = None) -> None:
        given = plain(configuration)
        self._settings = settings_of(given)
        self._options = _mapping(given.get("helmReleaseSettings"))
        self._home = home or places.from_environment().home
        self._interruptible = Interruptible()

    def run(
        self,
        arguments: Sequence[str],
        *,
        values: Any = None,
        seconds: float = QUICK_SECONDS,
        cluster: bool = True,
        interruptible: bool = False,
    ) -> str:
        """What it prints. Raises `HelmError` where it fails, or takes longer than `seconds`.

        `cluster` gives it the kubeconfig; nothing secret is ever among the arguments. Only what is `interruptible`
        heeds `cancel`.
        """
        with private_folder() as folder:
            environment = self.environment(folder)
            if cluster:
                environment["KUBECONFIG"] = str(self._write_kubeconfig(folder))
            flags = ["--values", "-"] if values is not None else []
            given = as_yaml(values) if flags else ""
            return self.execute([*arguments, *flags], environment, given, seconds, interruptible=interruptible)

    def execute(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        stdin: str,
        seconds: float,
        *,
        interruptible: bool = False,
    ) -> str:
        """Runs the command in an environment as it is."""
        process = subprocess.Popen(
            [str(program()), *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        with self._interruptible.holding(process) if interruptible else nullcontext():
            try:
                said, complained = process.communicate(stdin, timeout=seconds)
            except subprocess.TimeoutExpired:
                _end(process)
                raise HelmError(f"helm {arguments[0]} did not end within {seconds:.0f} seconds") from None
        if process.returncode:
            raise HelmError(_reason(complained, arguments[0]))
        return said

    def cancel(self) -> None:
        """Ends what is interruptible, the way an interrupt at the terminal does."""
        self._interruptible.cancel()

    def environment(self, folder: Path) -> dict[str, str]:
        """The caller's environment with caches of the rehearsal's own; `folder` is for what must not stay."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in _POINTING_ELSEWHERE and not name.startswith(_PREFIXES)
        }
        chosen = {variable: str(self._options[key]) for key, variable in _VARIABLES.items() if self._options.get(key)}
        cache = self._home / "helm"
        return {
            "HELM_CACHE_HOME": str(cache),
            **kept,
            "HELM_REPOSITORY_CACHE": str(cache / "repository"),
            "TMPDIR": str(folder),
            "KUBECONFIG": os.devnull,
            **chosen,
        }

    def _write_kubeconfig(self, folder: Path) -> Path:
        """The kubeconfig of the provider, its context and cluster as the settings choose them."""
        file = folder / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(json.dumps(chosen_kubeconfig(kubeconfig_of(self._settings), self._settings)))
        return file


def program() -> Path:
    """The command. Raises `HelmError` where there is none."""
    tools = toolchain.installed()
    if tools is not None:
        return tools.helm
    found = shutil.which("helm")
    if found is None:
        raise HelmError("there is no helm to run releases with: `make toolchain` builds it")
    return Path(found)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only this user may enter, gone with all that is in it at the end."""
    with tempfile.TemporaryDirectory(prefix="groundwork-helm-") as folder:
        yield Path(folder)


def as_yaml(values: Any) -> str:
    """The values as JSON in which every character is one that YAML takes as it is."""
    text = json.dumps(plain(values), ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _mapping(value: Any) -> dict[str, Any]:
    """A block of the provider's settings, which arrives as JSON text."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = json.loads(value)
    return value if isinstance(value, dict) else {}


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_LETS_GO_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _reason(complained: str, command: str) -> str:
    """The error alone: warnings come before it, each on a line of its own."""
    found = _ERROR.search(complained)
    text = complained[found.end() :] if found else complained
    return text.strip() or f"helm {command} failed and said nothing"
