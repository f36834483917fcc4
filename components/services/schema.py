"""Writes the JSON Schema of workload files, which editors complete and check them by: `make schema`.

What only shows when several keys are seen together (a call of a service that is not there) no schema can say; a preview
tells it.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

from components.services.model import WORKLOADS, WorkloadSpec

FILE: Final = "workload.schema.json"
"""The schema, beside the files."""

FIRST_LINE: Final = f"# yaml-language-server: $schema={FILE}"
"""What a workload file begins with: editors look for the schema there."""

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""What every editor's language server knows."""

_LISTS: Final = ("anyOf", "oneOf", "allOf")
_MAPS: Final = ("properties", "definitions", "$defs")


def workload_schema() -> dict[str, Any]:
    """The schema of a workload file, from the model and its docstrings."""
    schema = _plain(WorkloadSpec.model_json_schema())
    return {"$schema": DRAFT, "title": "Workload", **schema}


def schema_text() -> str:
    """The file."""
    text = json.dumps(workload_schema(), indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text.replace('#/$defs/', '#/definitions/')}\n"


def _plain(schema: Any) -> Any:
    """Without titles that repeat keys and the words of OpenAPI; each text in one line; maps closed by their keys."""
    if not isinstance(schema, dict):
        return schema
    plain = {key: value for key, value in cast(dict[str, Any], schema).items() if key not in ("title", "discriminator")}
    if isinstance(text := plain.get("description"), str):
        plain["description"] = " ".join(text.split())
    if patterns := plain.pop("patternProperties", None):
        ((pattern, values),) = patterns.items()
        plain |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
    return {_renamed(key): _below(key, value, _plain) for key, value in plain.items()}


def _renamed(key: str) -> str:
    return "definitions" if key == "$defs" else key


def _below(key: str, value: Any, change: Callable[[Any], Any]) -> Any:
    if key in _MAPS:
        return {name: change(one) for name, one in value.items()}
    if key in _LISTS:
        return [change(one) for one in value]
    return change(value) if key in ("items", "additionalProperties", "propertyNames", "not") else value


def main(folder: Path = WORKLOADS) -> int:
    """Writes the file anew."""
    path = folder / FILE
    path.write_text(schema_text(), encoding="utf-8")
    print(f"{path} is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
