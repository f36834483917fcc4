"""Finds `ignoreChanges` paths that match no input.

The Python SDK translates only the first step of such a path to its wire form; a snake_case name below it matches
nothing and the engine says so nowhere (`_translate_ignore_changes` in pulumi/runtime/resource.py).
"""

import re
from collections.abc import Iterable
from typing import Any

from contract_check.findings import Finding, did_you_mean

STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')


def check_ignored(paths: Iterable[str], types: dict[str, dict[str, list[Any]]], root: str) -> list[Finding]:
    """What is wrong with the paths that a resource ignores changes of."""
    return [found for path in paths for found in _check_path(path, types, ["object", root])]


def _check_path(path: str, types: dict[str, dict[str, list[Any]]], schema: Any) -> list[Finding]:
    for match in STEP.finditer(path):
        step = match[1] if match[1] is not None else match[2] or match[3]
        if isinstance(schema, list) and schema[0] == "union":
            return []
        if not isinstance(schema, list) or schema[0] == "values":
            if schema == "any":
                return []
            return [Finding(path="ignoreChanges", problem=f'"{path}" goes on below a plain value')]
        kind, content = schema
        if kind != "object":
            schema = content
            continue
        if step == "*":
            return []
        if step not in types[content]:
            problem = f'"{path}" matches no input, "{step}" is none{did_you_mean(step, types[content])}'
            return [Finding(path="ignoreChanges", problem=problem)]
        schema = types[content][step][0]
    return []
