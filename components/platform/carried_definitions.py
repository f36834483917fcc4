"""Definitions of custom resources that the program carries, where no chart keeps them up to date."""

import json
from pathlib import Path
from typing import Any


def carried(path: Path) -> dict[str, Any]:
    """`spec` of each definition in a file, by its name."""
    return json.loads(path.read_text(encoding="utf-8"), object_hook=_underscored)


def _underscored(schema: dict[str, Any]) -> dict[str, Any]:
    """Marks of Kubernetes as the SDK spells them, which has no hyphens in names."""
    return {key.replace("-", "_") if key.startswith("x-kubernetes-") else key: value for key, value in schema.items()}
