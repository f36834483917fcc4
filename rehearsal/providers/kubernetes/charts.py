"""Charts: which one a release means, and what it brings and needs."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError, UnknownTypeError
from rehearsal.providers.kubernetes.tables import chart as facts_of
from rehearsal.providers.kubernetes.tables import definitions
from rehearsal.providers.wire import Properties

_PACKED = re.compile(r"^(?P<name>.+?)-(?P<version>v?\d+\.\d+\.\d+.*)\.tgz$")


@dataclass(frozen=True)
class Chart:
    name: str
    version: str
    app_version: str
    facts: dict[str, Any]

    @property
    def runs_pods(self) -> bool:
        return self.facts.get("runs", True)

    def definitions(self, values: Properties) -> list[dict[str, Any]]:
        """Custom resource definitions that come with it under these values."""
        brought = self.facts.get("crds")
        return definitions(brought["set"]) if brought and _switched_on(brought, values) else []

    @property
    def has_folder_of_definitions(self) -> bool:
        """Whether they lie where Helm installs from once, unless it is told to skip them, and never touches again."""
        return "crds/ folder" in str(self.facts.get("crds", {}).get("source", ""))

    @property
    def keeps_definitions(self) -> bool:
        """Whether they stay when the release goes."""
        return bool(self.facts.get("crds", {}).get("kept"))

    def needed_kinds(self, values: Properties) -> list[str]:
        """Custom kinds that it makes objects of."""
        return [kind for need in self.facts.get("needs", ()) if _switched_on(need, values) for kind in need["kinds"]]

    def needed_secrets(self, values: Properties) -> list[str]:
        return self._named("secrets", values)

    def needed_config_maps(self, values: Properties) -> list[str]:
        return self._named("config_maps", values)

    def needed_claims(self, values: Properties) -> list[str]:
        return self._named("claims", values)

    def _named(self, what: str, values: Properties) -> list[str]:
        unused = self.facts.get("unused_when", {})
        found: list[str] = []
        for path in self.facts.get(what, ()):
            switch = unused.get(path.split(".")[0])
            if switch is None or paths.first(values, switch) is not False:
                found += [name for name in _reach(values, path.split(".")) if isinstance(name, str) and name]
        return found


def locate(release: Properties) -> Chart:
    """The chart of a release. A local one must be there; of others the rehearsal must know something."""
    reference = str(release.get("chart", ""))
    path = Path(reference)
    if reference.startswith((".", "/")) or path.is_dir():
        return _local(path)
    name = reference.rstrip("/").rpartition("/")[2]
    facts = facts_of(name)
    if facts is None:
        raise UnknownTypeError(
            f"the rehearsal knows nothing of the chart {name}: add it to rehearsal/providers/kubernetes/charts.json "
            "with the definitions, kinds and Secrets that it brings and needs"
        )
    version = str(release.get("version") or facts.get("version", ""))
    return Chart(name, version, str(facts.get("appVersion", "")), facts)


def _local(path: Path) -> Chart:
    packed = _PACKED.match(path.name)
    if packed:
        if not path.is_file():
            raise CloudError(f'path "{path}" not found')
        facts = facts_of(packed["name"]) or {}
        return Chart(packed["name"], packed["version"], str(facts.get("appVersion", "")), facts)
    declared = path / "Chart.yaml"
    if not declared.is_file():
        raise CloudError(f'path "{path}" not found' if not path.exists() else f"Chart.yaml file is missing in {path}")
    chart = yaml.safe_load(declared.read_text())
    name = str(chart["name"])
    return Chart(name, str(chart["version"]), str(chart.get("appVersion", "")), facts_of(name) or {})


def _switched_on(entry: dict[str, Any], values: Properties) -> bool:
    switch = entry.get("switch")
    if switch is None:
        return True
    chosen = paths.first(values, switch)
    return entry.get("default", True) if chosen is None else chosen is True


def _reach(value: Any, steps: list[str]) -> list[Any]:
    if not steps:
        return value if isinstance(value, list) else [value]
    step, *rest = steps
    if isinstance(value, list) and step == "*":
        return [found for item in value for found in _reach(item, rest)]
    if not isinstance(value, dict):
        return []
    members = list(value.values()) if step == "*" else [value[step]] if step in value else []
    return [found for member in members for found in _reach(member, rest)]
