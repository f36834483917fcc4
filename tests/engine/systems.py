"""The four application systems as tests run them: settings, their files with something changed, who tells of whom."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from rehearsal.places import CLONE
from tests.engine.rehearsals import Rehearsal, clone_with_files

SYSTEMS = ("bakery", "indexforge", "orders", "todo")
File = dict[str, Any]
"""The content of a workload file."""


def all_four(size: str) -> Mapping[str, Any]:
    """Settings of a stack that runs all systems. In dev two are stand-ins, as before the first image of one's own."""
    stand_ins = ("bakery", "orders") if size == "dev" else ()
    return {"protect": False, "workloads": {name: {"stand_in": name in stand_ins} for name in SYSTEMS}}


def changed(rehearsal: Rehearsal, folder: Path, change: Callable[[str, File], None]) -> Rehearsal:
    """The same stack in the same home, from a clone in `folder` whose workload files were changed, each by its name."""
    texts: dict[str, str] = {}
    for name in SYSTEMS:
        file: File = yaml.safe_load((CLONE / "workloads" / f"{name}.yaml").read_text())
        change(name, file)
        texts[name] = yaml.safe_dump(file, sort_keys=False)
    return replace(rehearsal, places=replace(rehearsal.places, clone=clone_with_files(folder, texts)))


def remove(file: File, service: str) -> None:
    """Takes a service out of a file, which nobody calls any longer."""
    del file["services"][service]
    for other in file["services"].values():
        other["calls"] = [called for called in other.get("calls", []) if called != service]


def telling_of(rehearsal: Rehearsal, services: Iterable[str]) -> set[str]:
    """Names of the resources in the state of a stack among whose inputs one of the services is named, secrets too."""
    named = re.compile(rf"(?<![\w-])({'|'.join(services)})(?![\w-])")
    resources = rehearsal.export("--show-secrets")["resources"]
    return {one["urn"].rsplit("::", 1)[-1] for one in resources if named.search(json.dumps(one.get("inputs", {})))}
