"""Where the chart of a release comes from: a folder or a file, a registry or repository, or else a stand-in."""

import hashlib
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from rehearsal.providers.errors import CloudError, UnknownTypeError
from rehearsal.providers.kubernetes.tables import chart as facts_of
from rehearsal.providers.kubernetes_api.releases import chart_hosts, stand_in_charts
from rehearsal.providers.kubernetes_api.releases.helm import Helm, HelmError, private_folder
from rehearsal.providers.wire import Properties

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_NETWORK = re.compile(
    r"dial tcp|no such host|i/o timeout|TLS handshake|connection re(fused|set)|network is unreachable|proxyconnect"
    r"|context deadline exceeded|Client\.Timeout|\bEOF\b|x509:|did not end within|50[234] |407 |Forbidden$",
    re.IGNORECASE,
)
_PULL_SECONDS = 120.0


@dataclass(frozen=True)
class Chart:
    """A chart as Helm can read it."""

    path: Path
    name: str
    version: str
    app_version: str = ""
    stand_in_for: str = ""
    """Where the chart itself could not be fetched from; empty for the chart itself."""


@dataclass(frozen=True)
class _Reference:
    name: str
    """As the program spells it."""
    repository: str
    version: str
    options: Properties

    @property
    def host(self) -> str:
        """Where it is asked for; empty for the name of a repository that the user has added to Helm."""
        parts = urlsplit(self.repository or self.name)
        return parts.netloc if parts.scheme in ("oci", "http", "https") else ""

    @property
    def last(self) -> str:
        return self.name.rstrip("/").rpartition("/")[2]

    @property
    def exact(self) -> bool:
        return bool(_EXACT.fullmatch(self.version))


class ChartSources:
    """The charts that one provider finds."""

    def __init__(self, helm: Helm, home: Path) -> None:
        self._helm = helm
        self._home = home

    @contextmanager
    def located(self, inputs: Properties) -> Iterator[Chart]:
        """The chart of a release, whose inputs are in plain text. Raises `CloudError` where there is none.

        A stand-in is made for these inputs alone and gone afterwards.
        """
        reference = _reference(inputs)
        if not reference.repository and (found := self._local(reference, inputs)):
            yield found
            return
        pulled = self._pulled(reference, inputs)
        if pulled is not None:
            yield pulled
            return
        with private_folder() as folder:
            yield _stand_in(reference, inputs, folder)

    def described(self, path: Path) -> Properties:
        """What Chart.yaml says, of a chart that Helm can load."""
        said = self._helm.run(["show", "chart", str(path)], cluster=False)
        return yaml.safe_load(said)

    def _local(self, reference: _Reference, inputs: Properties) -> Chart | None:
        """A local chart goes before a remote one of the same name. Source: helm_release.go locateChart."""
        path = Path(reference.name)
        if path.is_file() or (path / "Chart.yaml").is_file():
            return self._loaded(path.absolute(), inputs)
        if path.is_absolute() or reference.name.startswith("."):
            raise CloudError(f'path "{reference.name}" not found')
        return None

    def _loaded(self, path: Path, inputs: Properties) -> Chart:
        if inputs.get("verify") is True:
            self._helm.run(["verify", str(path), "--keyring", str(inputs.get("keyring", ""))], cluster=False)
        described = self.described(path)
        if missing := _missing_dependencies(path, described):
            if inputs.get("dependencyUpdate") is not True:
                raise CloudError(f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}")
            self._helm.run(["dependency", "update", str(path)], cluster=False, seconds=_PULL_SECONDS)
        return Chart(path, described["name"], str(described["version"]), str(described.get("appVersion") or ""))

    def _pulled(self, reference: _Reference, inputs: Properties) -> Chart | None:
        """The chart out of a registry or repository, None where that cannot be reached."""
        identity = f"{reference.repository} {reference.name} {reference.version}"
        folder = self._home / "helm" / "charts" / hashlib.sha256(identity.encode()).hexdigest()[:16]
        if not (reference.exact and any(folder.glob("*.tgz"))):
            if reference.host and not chart_hosts.reachable(self._home, reference.host):
                return None
            try:
                self._pull(reference, inputs, folder)
            except HelmError as error:
                if not reference.host or not _NETWORK.search(str(error)):
                    raise
                chart_hosts.remember(self._home, reference.host)
                return None
        newest = max(folder.glob("*.tgz"), key=lambda file: file.stat().st_mtime)
        return self._loaded(newest, {**inputs, "verify": False})

    def _pull(self, reference: _Reference, inputs: Properties, folder: Path) -> None:
        """Passwords go in by stdin, into files that are gone with their folder."""
        options = reference.options
        version = reference.version or (">0.0.0-0" if inputs.get("devel") is True else "")
        flags = [*(["--version", version] if version else []), *_certificates(options)]
        if inputs.get("verify") is True:
            flags += ["--verify", "--keyring", str(inputs.get("keyring", ""))]
        folder.mkdir(parents=True, exist_ok=True)
        with private_folder() as private:
            environment = self._helm.environment(private)
            name, where = reference.name, ["--repo", reference.repository] if reference.repository else []
            user, password = str(options.get("username") or ""), str(options.get("password") or "")
            if user and password and reference.host:
                login = ["--username", user, "--password-stdin"]
                environment |= {
                    "HELM_REGISTRY_CONFIG": str(private / "registry.json"),
                    "HELM_REPOSITORY_CONFIG": str(private / "repositories.yaml"),
                    "HELM_REPOSITORY_CACHE": str(private / "cache"),
                }
                if reference.repository:
                    command = ["repo", "add", "given", reference.repository, *login, *_certificates(options)]
                    name, where = f"given/{reference.name}", []
                else:
                    command = ["registry", "login", reference.host, *login, *_certificates(options)]
                self._helm.execute(command, environment, password, _PULL_SECONDS)
            command = ["pull", name, *where, *flags, "--destination", str(folder)]
            self._helm.execute(command, environment, "", _PULL_SECONDS)


def _reference(inputs: Properties) -> _Reference:
    """Source: helm_release.go resolveChartName."""
    name, options = str(inputs.get("chart", "")).strip(), inputs.get("repositoryOpts") or {}
    repository = str(options.get("repo") or "")
    if name.startswith("oci://"):
        repository = ""
    elif repository and not urlsplit(repository).scheme:
        name, repository = name if "/" in name else f"{repository}/{name}", ""
    return _Reference(name, repository, str(inputs.get("version") or "").strip(), options)


def _certificates(options: Properties) -> list[str]:
    known = {"caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}
    return [part for key, flag in known.items() if options.get(key) for part in (flag, str(options[key]))]


def _missing_dependencies(path: Path, described: Properties) -> list[str]:
    wanted = [str(item["name"]) for item in described.get("dependencies") or []]
    if not wanted:
        return []
    there = _bundled(path)
    return [name for name in wanted if not any(_is_chart(name, file) for file in there)]


def _bundled(path: Path) -> set[str]:
    """What lies in charts/, by the first part of its name."""
    if path.is_dir():
        folder = path / "charts"
        return {file.name for file in folder.iterdir()} if folder.is_dir() else set()
    with tarfile.open(path) as packed:
        parts = (name.split("/") for name in packed.getnames())
        return {steps[2] for steps in parts if len(steps) > 2 and steps[1] == "charts"}


def _is_chart(name: str, file: str) -> bool:
    return file == name or re.fullmatch(rf"{re.escape(name)}-v?\d.*\.tgz", file) is not None


def _stand_in(reference: _Reference, inputs: Properties, folder: Path) -> Chart:
    facts = facts_of(reference.last)
    if facts is None:
        raise UnknownTypeError(
            f"{reference.host} cannot be reached, and the rehearsal knows nothing of the chart {reference.last} "
            "to make a stand-in of: give a folder of charts in the stack's chart_mirror setting, or add it to "
            "rehearsal/providers/kubernetes/charts.json with what it brings and needs"
        )
    version = reference.version if reference.exact else str(facts["version"])
    app_version = str(facts.get("appVersion", ""))
    path = stand_in_charts.write(folder, reference.last, version, facts, inputs)
    return Chart(path, reference.last, version, app_version, stand_in_for=reference.host)
