"""Rules that the SDKs leave open, carried as data with their sources: closed value sets, names and ranges.

tables/<package>.json maps a type token, or "*" for every type of the package, to

    values   {path: [allowed...]}, values_source
    ranges   {path: {min, max, minItems, maxItems, minLength, maxLength}}, ranges_source
    texts    [{path, min, max, pattern, patterns, words, forbidden, allowed, source, unverified}]

with wire-form paths in which `[*]` stands for every element of a list and every value of a map, `[keys]` for the keys
of a map. What is said of a text at the end of a path holds for every text of a list that is found there instead. One of
`patterns` has to match; `words` say what a text that matches none is not. A text rule marked unverified is shown as a
warning only.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from contract_check.findings import Finding, join, shown, wrong_value
from contract_check.wire import UNKNOWN, reveal

FOLDER = Path(__file__).parent / "tables"


@cache
def rules_of(token: str) -> dict[str, Any]:
    """The rules of one resource type, with the texts that its package has rules for in every type."""
    rules = _package_rules(token.split(":", 1)[0])
    everywhere, own = rules.get("*", {}), rules.get(token, {})
    return {**own, "texts": [*own.get("texts", []), *everywhere.get("texts", [])]}


@cache
def _package_rules(package: str) -> dict[str, Any]:
    path = FOLDER / f"{package}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def check_tables(token: str, inputs: dict[str, Any]) -> list[Finding]:
    """What is wrong with a resource's inputs by the sourced tables."""
    rules = rules_of(token)
    findings: list[Finding] = []
    for path, allowed in rules.get("values", {}).items():
        for found, value, hidden in _texts(inputs, path):
            if value not in allowed:
                findings.append(wrong_value(found, value, allowed, hidden=hidden, source=rules["values_source"]))
    for path, limits in rules.get("ranges", {}).items():
        for found, value, hidden in at(inputs, path):
            findings += check_range(found, value, limits, hidden=hidden)
    for rule in rules.get("texts", []):
        for found, value, hidden in _texts(inputs, rule["path"]):
            findings += check_text(found, value, rule, hidden=hidden)
    return findings


def at(value: Any, path: str, *, hidden: bool = False) -> Iterator[tuple[str, Any, bool]]:
    """Every known value below a path with `[*]` or `[keys]` steps: where it is, what it is, whether it is secret."""
    steps = [step for part in path.split(".") for step in _steps(part)]
    yield from _walk(value, steps, "", hidden=hidden)


def _texts(inputs: dict[str, Any], path: str) -> Iterator[tuple[str, str, bool]]:
    for found, value, hidden in at(inputs, path):
        if isinstance(value, str):
            yield found, value, hidden
        elif isinstance(value, list):
            for i, item in enumerate(value):
                item, concealed = reveal(item, hidden=hidden)
                if isinstance(item, str):
                    yield f"{found}[{i}]", item, concealed


def _steps(part: str) -> list[str]:
    name, bracket, _ = part.partition("[")
    return [name, part[len(name) :]] if bracket else [name]


def _walk(value: Any, steps: list[str], path: str, *, hidden: bool) -> Iterator[tuple[str, Any, bool]]:
    value, hidden = reveal(value, hidden=hidden)
    if value is None or value is UNKNOWN:
        return
    if not steps:
        yield path, value, hidden
    elif steps[0] == "[*]":
        for below, item in _members(value, path):
            yield from _walk(item, steps[1:], below, hidden=hidden)
    elif steps[0] == "[keys]":
        for key in value if isinstance(value, dict) else ():
            yield join(path, key), key, False
    elif isinstance(value, dict) and steps[0] in value:
        yield from _walk(value[steps[0]], steps[1:], join(path, steps[0]), hidden=hidden)


def _members(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{path}[{i}]", item) for i, item in enumerate(value))
    elif isinstance(value, dict):
        yield from ((join(path, key), item) for key, item in value.items())


def check_range(path: str, value: Any, limits: dict[str, int], *, hidden: bool) -> list[Finding]:
    """What is wrong with a number, a list's size or a text's length."""
    measures = {
        "": value if isinstance(value, int | float) and not isinstance(value, bool) else None,
        "Items": len(value) if isinstance(value, list) else None,
        "Length": len(value) if isinstance(value, str) else None,
    }
    words = {"": shown(value, hidden=hidden), "Items": "the number of elements", "Length": "the length"}
    findings: list[Finding] = []
    for suffix, measure in measures.items():
        low, high = limits.get(f"min{suffix}"), limits.get(f"max{suffix}")
        if measure is not None and low is not None and measure < low:
            findings.append(Finding(path=path, problem=f"{words[suffix]} is below the minimum of {low}"))
        if measure is not None and high is not None and measure > high:
            findings.append(Finding(path=path, problem=f"{words[suffix]} is above the maximum of {high}"))
    return findings


def check_text(path: str, value: str, rule: dict[str, Any], *, hidden: bool) -> list[Finding]:
    """What is wrong with a text: one finding, the first rule that it breaks."""
    text, source = shown(value, hidden=hidden), rule["source"]
    advisory = rule.get("unverified", False)
    if rule.get("allowed") and value not in rule["allowed"]:
        found = wrong_value(path, value, rule["allowed"], hidden=hidden, source=source)
        return [Finding(path=found.path, problem=found.problem, advisory=advisory)]
    problem = _text_problem(text, value, rule)
    return [Finding(path=path, problem=f"{problem} ({source})", advisory=advisory)] if problem else []


def _text_problem(text: str, value: str, rule: dict[str, Any]) -> str:
    if len(value) > rule.get("max", len(value)):
        return f"{text} has {len(value)} characters, at most {rule['max']} are allowed"
    if len(value) < rule.get("min", 0):
        return f"{text} has {len(value)} characters, at least {rule['min']} are needed"
    patterns = rule.get("patterns") or [rule[key] for key in ("pattern",) if key in rule]
    if patterns and not any(re.search(pattern, value) for pattern in patterns):
        return f"{text} is not {rule['words']}" if "words" in rule else f"{text} does not match {' or '.join(patterns)}"
    for forbidden in rule.get("forbidden", []):
        if re.search(forbidden, value):
            return f"{text} matches {forbidden}, which is refused"
    return ""
