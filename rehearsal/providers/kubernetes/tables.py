"""The tables of the rehearsed Kubernetes: kinds, what a new cluster holds, and what charts bring."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def rules() -> dict[str, Any]:
    return json.loads((_FOLDER / "rules.json").read_text())


@cache
def charts() -> dict[str, Any]:
    return json.loads((_FOLDER / "charts.json").read_text())


def chart(name: str) -> dict[str, Any] | None:
    """What is known of a chart."""
    return charts()["charts"].get(name)


def definitions(set_name: str) -> list[dict[str, Any]]:
    """Custom resource definitions that come together."""
    return charts()["definitions"][set_name]
