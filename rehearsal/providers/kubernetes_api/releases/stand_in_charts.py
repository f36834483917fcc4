"""Stand-ins for charts that cannot be had: what is known of one, written as a chart that Helm installs for real.

A stand-in brings the definitions of the true chart, needs the kinds, Secrets, ConfigMaps and storage classes that it
needs under these values, and takes the same value keys. What else it would render nobody here knows, so a release of
one counts as not run.
"""

import json
from pathlib import Path
from typing import Any

from rehearsal.providers.kubernetes.charts import Chart
from rehearsal.providers.kubernetes_api.releases.stand_in_definitions import definition
from rehearsal.providers.kubernetes_api.releases.stand_in_objects import objects
from rehearsal.providers.kubernetes_api.releases.value_schemas import schema
from rehearsal.providers.wire import Properties

_OPENS = "{{"


def write(folder: Path, name: str, version: str, facts: dict[str, Any], release: Properties) -> Path:
    """A chart in a folder, for one release's values in plain text."""
    chart = Chart(name, version, str(facts.get("appVersion", "")), facts)
    values = release.get("values") or {}
    root = folder / name
    (root / "templates").mkdir(parents=True)
    described = {
        "apiVersion": "v2",
        "name": name,
        "version": version,
        "appVersion": chart.app_version,
        "description": "Stands in for the chart of this name.",
    }
    _write(root / "Chart.yaml", described)
    known = schema(name, version)
    if known is not None:
        _write(root / "values.schema.json", known)
    for item in objects(chart, str(release["name"]), str(release["namespace"]), values):
        metadata = item["metadata"]
        _write(root / "templates" / f"{item['kind']}-{metadata['name']}.yaml".lower(), item, template=True)
    _write_definitions(root, chart, values)
    return root


def _write_definitions(root: Path, chart: Chart, values: Properties) -> None:
    """In the folder that Helm installs from once and never touches again, or among the templates."""
    aside = chart.has_folder_of_definitions
    place = root / "crds" if aside else root / "templates"
    place.mkdir(exist_ok=True)
    for known in chart.definitions(values):
        kept = chart.keeps_definitions and not aside
        _write(place / f"{known['name']}.yaml", definition(known, kept=kept), template=not aside)


def _write(file: Path, content: dict[str, Any], *, template: bool = False) -> None:
    """JSON is YAML; what looks like an action of a template is made to render as itself."""
    text = json.dumps(content, sort_keys=True)
    file.write_text(text.replace(_OPENS, '{{ "{{" }}') if template else text)
