"""Writes every dashboard: `python -m dashboards`.

dashboards/rendered/<uid>.json is what is deployed, dashboards/rendered/workload/<name>.json what is deployed for a
workload once it says whose it is, docs/dashboards/<uid>.svg how each is laid out,
docs/dashboards/README.md the index, dashboards/folders.json where each stands in Grafana. Files of dashboards that are
gone are removed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from dashboards.catalogue import dashboards, templates
from dashboards.drawing import drawn
from dashboards.grafana import rendered
from dashboards.index import index

ROOT = Path(__file__).parents[1]
RENDERED = Path("dashboards/rendered")
TEMPLATES = RENDERED / "workload"
DRAWN = Path("docs/dashboards")
FOLDERS = Path("dashboards/folders.json")


def files() -> Mapping[Path, str]:
    """Everything that is written, by its path from the root of the project."""
    found = list(dashboards())
    titles = {one.uid: one.title for one in found}
    return {
        DRAWN / "README.md": index(found, templates()),
        FOLDERS: json.dumps({one.uid: one.folder for one in found}, indent=2) + "\n",
        **{RENDERED / f"{one.uid}.json": rendered(one, titles) for one in found},
        **{TEMPLATES / f"{name}.json": rendered(one, titles) for name, one in templates().items()},
        **{DRAWN / f"{one.uid}.svg": drawn(one) for one in [*found, *templates().values()]},
    }


def main() -> None:
    written = files()
    for path in (*(ROOT / RENDERED).rglob("*.json"), *(ROOT / DRAWN).glob("*.svg")):
        if path.relative_to(ROOT) not in written:
            path.unlink()
    for path, text in written.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
