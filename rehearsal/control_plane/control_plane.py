"""One control plane on loopback: reserved before it runs, started, revived after a crash, stopped, wiped."""

import json
import os
import shutil
import ssl
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rehearsal.control_plane import credentials, private_files, trust
from rehearsal.control_plane.components import Settings, commands
from rehearsal.control_plane.ports import free_port, is_free
from rehearsal.control_plane.processes import Process
from rehearsal.places import CLONE
from rehearsal.setup import toolchain
from rehearsal.setup.lock import exclusive
from rehearsal.setup.toolchain import Toolchain

_FOLDER = "control-planes"
_RECORD = "control-plane.json"
_COMPONENTS = ("kubelet", "kwok", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd")
"""In the order in which they stop: whoever asks another stops before it."""
_NO_PORT = 0
"""Of one whose record is damaged."""
_READY_SECONDS = 120.0
_PORT_SECONDS = 3.0
_ATTEMPTS = 3
"""How often other ports are tried for etcd."""
_TAKEN = "address already in use"
_TICK_SECONDS = 0.1


class ControlPlaneError(Exception):
    """A control plane that does not start, in words for the user."""


class _PortTakenError(ControlPlaneError):
    """A port that was free has been taken before a component came to it."""


@dataclass(frozen=True)
class ControlPlane:
    """A real Kubernetes API in a folder of its own."""

    name: str
    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Where it serves with a certificate of its own authority."""
        return f"127.0.0.1:{self.port}"

    @property
    def public_address(self) -> str:
        """Where it serves with the certificate that the rehearsal's public authority has signed."""
        return f"localhost:{self.port}"

    @property
    def certificate(self) -> str:
        """Its own authority as clouds hand it out: base64 of PEM."""
        return credentials.certificate(self.folder)

    @property
    def token(self) -> str:
        """An administrator's, of this control plane alone."""
        return (self.folder / "token").read_text()

    @property
    def kubeconfig(self) -> Path:
        """An administrator's, with the token in it."""
        return self.folder / "kubeconfig"

    @property
    def begun(self) -> bool:
        """Whether it has ever run, and so holds something."""
        return (self.folder / "etcd").is_dir()

    @property
    def running(self) -> bool:
        """Whether any part of it runs."""
        return any(process.pid is not None for process in self.processes())

    @property
    def resident_bytes(self) -> int:
        """The memory that all of it holds."""
        return sum(process.resident_bytes for process in self.processes())

    def processes(self) -> list[Process]:
        """Its components, in the order in which they stop."""
        pids, logs = self.folder / "pids", self.folder / "logs"
        return [Process(name, pids, logs, f"{self.folder}{os.sep}") for name in _COMPONENTS]

    def start(self) -> None:
        """Starts what does not run, and waits until the whole is ready. Raises `ControlPlaneError`."""
        programs = toolchain.installed()
        if programs is None:
            raise ControlPlaneError(f"a real Kubernetes API {toolchain.MISSING}")
        if self.port == _NO_PORT:
            raise ControlPlaneError(f"{self.folder / _RECORD} is damaged: `make clean` forgets everything rehearsed.")
        with exclusive(self.folder / "start.lock", told=""):
            if all(process.pid is not None for process in self.processes()):
                return
            # What is left of it after a crash knows ports that are no longer those of the others.
            self._end(Process.kill)
            if not self._port_is_free():
                raise ControlPlaneError(
                    f"the control plane {self.name} cannot start: another program listens on port {self.port}. "
                    "Stop it, or run `make clean`, which forgets everything rehearsed."
                )
            self._begin(programs)

    def stop(self) -> None:
        """Ends its processes one after the other; what is stored stays."""
        self._end(Process.stop)

    def wipe(self) -> None:
        """Ends it and removes all that it held."""
        self._end(Process.kill)
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path: str) -> bytes:
        """What the API server answers an administrator. Raises `OSError` where it does not."""
        request = urllib.request.Request(
            f"https://{self.address}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        context = ssl.create_default_context(cafile=self.folder / "authority.pem")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=30) as answer:
            return answer.read()

    def _begin(self, programs: Toolchain, attempts: int = _ATTEMPTS) -> None:
        try:
            self._spawn(programs, seed=f"attempt {attempts}")
        except _PortTakenError:
            # By somebody who was looking for one at the same moment.
            if attempts == 1:
                raise
            self._begin(programs, attempts - 1)

    def _spawn(self, programs: Toolchain, seed: str) -> None:
        client = free_port(f"{self.folder} {seed}")
        ports = client, free_port(f"{self.folder} {seed} peers", without={client})
        settings = Settings(self.folder, self.port, ports, self.kubeconfig)
        ready = {"etcd": _etcd_answers(client), "kube-apiserver": self._api_answers}
        named = {process.name: process for process in self.processes()}
        started: list[Process] = []
        for name, command in commands(settings, programs):
            named[name].spawn(command, _environment())
            started.append(named[name])
            if name in ready:
                self._wait(started, ready[name])
        self._wait(started, self._account_exists)

    def _end(self, how: Callable[[Process], None]) -> None:
        for process in self.processes():
            how(process)

    def _port_is_free(self) -> bool:
        """A server that was killed this moment still holds it for another."""
        end = time.monotonic() + _PORT_SECONDS
        while not is_free(self.port):
            if time.monotonic() > end:
                return False
            time.sleep(_TICK_SECONDS)
        return True

    def _api_answers(self) -> bool:
        return self.get("/readyz") == b"ok"

    def _account_exists(self) -> bool:
        """Pods need their namespace's account, which is the first thing that the controller manager makes."""
        return bool(self.get("/api/v1/namespaces/default/serviceaccounts/default"))

    def _wait(self, started: list[Process], ready: Callable[[], bool]) -> None:
        """Until it is ready, or one of those that were started has ended."""
        end = time.monotonic() + _READY_SECONDS
        while not _answered(ready):
            fallen = next((process for process in started if process.pid is None), None)
            if fallen or time.monotonic() > end:
                what = f"{fallen.name} ended" if fallen else f"it was not ready within {_READY_SECONDS:.0f} seconds"
                words = (fallen or started[-1]).last_words()
                self._end(Process.kill)
                error = _PortTakenError if fallen and _TAKEN in words else ControlPlaneError
                raise error(f"the control plane {self.name} did not start: {what}.\n{words}")
            time.sleep(_TICK_SECONDS)


def reserve(home: Path, name: str, *, account_token: bool = False) -> ControlPlane:
    """A control plane with its port, certificates and token; nothing of it runs yet. The same when asked again.

    `account_token` lets in whoever has the token of the whole rehearsed account, too.
    """
    with exclusive(home / _FOLDER / "reserve.lock", told=""):
        found = find(home, name)
        if found is not None:
            return found
        folder = home / _FOLDER / name
        # One that is stopped keeps its port, for that is in the state.
        taken = {plane.port for plane in control_planes(home)}
        made = ControlPlane(name, folder, free_port(str(folder), without=taken))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        credentials.write(name, folder, made.address, home / _FOLDER if account_token else None)
        private_files.write(folder / _RECORD, json.dumps({"name": name, "port": made.port}))
        return made


def find(home: Path, name: str) -> ControlPlane | None:
    """The control plane of this name, whether it runs or not."""
    return _read(home / _FOLDER / name)


def control_planes(home: Path) -> list[ControlPlane]:
    """All of a rehearsal's, whether they run or not."""
    folders = sorted((home / _FOLDER).glob(f"*/{_RECORD}"))
    return [found for file in folders if (found := _read(file.parent))]


def trusted(home: Path) -> Path:
    """What a client has to trust to reach public addresses, as a file for SSL_CERT_FILE."""
    return trust.trust_bundle(home / _FOLDER)


def _answered(ready: Callable[[], bool]) -> bool:
    """False while nobody listens yet, or what is asked for is not there yet."""
    try:
        return ready()
    except OSError:
        return False


def _etcd_answers(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://127.0.0.1:{port}/health", timeout=5
        ) as answer:
            return json.load(answer)["health"] == "true"

    return answers


def _environment() -> dict[str, str]:
    """Next to nothing of the caller's: neither a proxy nor a kubeconfig of theirs matters here."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(CLONE)}


def _read(folder: Path) -> ControlPlane | None:
    try:
        record = json.loads((folder / _RECORD).read_text())
        return ControlPlane(record["name"], folder, int(record["port"]))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError):
        # The folder is all that it takes to end it.
        return ControlPlane(folder.name, folder, _NO_PORT)
