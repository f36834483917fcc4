"""The capabilities of capabilities.yaml: what shows each in a plan, or why a cloud does not have it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.mock_engine import Deployed

CLOUDS = {"gke": "gke-prod", "aks": "aks-prod", "oke": "oke-prod", "local": "local-dev"}
"""The stack whose plan speaks for each cloud."""

ASKED = "What workloads ask of the cloud"
"""The area that no committed plan speaks for: what a workload is given that asks for it, `asked.py` says."""

TABLE = Path(__file__).with_name("capabilities.yaml")


@dataclass(frozen=True)
class Evidence:
    """A resource that has to be in the plan."""

    type: str
    values: Mapping[str, Any]
    """What it has to say, by path. `*` in a path stands for every member, and as a value for any; `~` before a text
    for a part of it. Nothing as a value: no resource of the type says anything there."""

    def is_in(self, plan: Deployed) -> bool:
        """Whether some resource of the plan is of the type and says all of it."""
        resources = plan.of_type(self.type)
        silent = [path.split(".") for path, value in self.values.items() if value is None]
        if any(list(_at(resource.inputs, path)) for resource in resources for path in silent):
            return False
        told = {path: value for path, value in self.values.items() if value is not None}
        return any(
            all(_says(resource.inputs, path.split("."), value) for path, value in told.items())
            for resource in resources
        )


@dataclass(frozen=True)
class Waiver:
    """Why a cloud does not have a capability."""

    limit: str
    """What the vendor does not offer, or what stands in its place."""

    source: str
    """Where the vendor says so."""

    look_again: date
    """When it may have changed."""


@dataclass(frozen=True)
class Capability:
    """One row of the table."""

    area: str
    name: str
    cells: Mapping[str, tuple[Evidence, ...] | Waiver]
    """By cloud: what shows the capability in its plan, or the waiver."""


def due(table: Iterable[Capability], today: date) -> Iterator[str]:
    """The waivers whose date to look again has come, for a person."""
    for row in table:
        for cloud, cell in row.cells.items():
            if isinstance(cell, Waiver) and cell.look_again <= today:
                yield f"look again: {row.name}, {cloud}: {cell.limit} ({cell.source})"


def capabilities() -> list[Capability]:
    """The table."""
    return [
        Capability(area, name, {cloud: _cell(cells[cloud]) for cloud in CLOUDS})
        for area, rows in yaml.safe_load(TABLE.read_text()).items()
        for name, cells in rows.items()
    ]


def _cell(cell: Mapping[str, Any]) -> tuple[Evidence, ...] | Waiver:
    if "limit" in cell:
        return Waiver(**cell)
    return tuple(Evidence(type_, values or {}) for type_, values in cell.items())


def _says(value: Any, path: list[str], expected: Any) -> bool:
    found = list(_at(value, path))
    if isinstance(expected, str) and expected.startswith("~"):
        return any(expected[1:] in str(one) for one in found)
    return bool(found) and (expected == "*" or expected in found)


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Everything that stands at the path."""
    if not path:
        if value is not None:
            yield value
        return
    step, *rest = path
    if isinstance(value, list):
        for member in value if step == "*" else ():
            yield from _at(member, rest)
    elif isinstance(value, Mapping):
        for key in value if step == "*" else [step] if step in value else []:
            yield from _at(value[key], rest)
