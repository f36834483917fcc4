"""How a wrong settings or workload file is reported: every problem at once, one line each, by key path."""

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import pulumi
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from stacks.locations import Location, find
from stacks.model import AT_KEYS

Valid = TypeVar("Valid")


class SettingsError(pulumi.RunError):
    """A file that a person wrote cannot be used. Shown as it is, without a traceback."""

    def __init__(self, problems: Sequence[str], source: str = "stack settings") -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{count} in the {source}:", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


def validated(adapter: TypeAdapter[Valid], values: Any, models: Sequence[type[BaseModel]], source: str) -> Valid:
    """The model of what a YAML file says. Raises `SettingsError` with every problem at once.

    `models` are the models that the adapter knows; where there are several, they are a union on `cloud`.
    """
    try:
        # As JSON, whose lists pydantic takes for tuples where it is strict about everything else.
        text = json.dumps(values, default=str)
    except (TypeError, ValueError) as error:
        raise SettingsError([f"not made of lists, mappings and plain values alone: {error}"], source) from None
    try:
        return adapter.validate_json(text, strict=True)
    except ValidationError as error:
        raise SettingsError(describe(error, models), source) from None


def describe(error: ValidationError, models: Sequence[type[BaseModel]]) -> list[str]:
    """One line for each problem: the key path as the user wrote it, what is wrong, and what to do."""
    errors = error.errors(include_url=False)
    holders = {details["loc"][:depth] for details in errors for depth in range(len(details["loc"]))}
    return sorted(
        line
        for details in errors
        # Entries that are wrong by themselves do not count: their list is not too short as well.
        if not (details["type"] == "too_short" and details["loc"] in holders)
        for line in _lines(details, models)
    )


def _lines(details: ErrorDetails, models: Sequence[type[BaseModel]]) -> list[str]:
    place = find(details["loc"], models)
    path = ".".join(place.keys)
    if details["type"] == AT_KEYS:
        inside: list[tuple[str, str]] = details.get("ctx", {})["problems"]
        return [f"{_join(path, key) if key else path}: {problem}" for key, problem in inside]
    if details["type"] in ("union_tag_not_found", "union_tag_invalid"):
        wrong = "missing; one of" if details["type"] == "union_tag_not_found" else "not one of"
        key = details.get("ctx", {})["discriminator"].strip("'")
        meant = _meant(details.get("ctx", {}).get("tag"), place.tags)
        return [f"{_join(path, key)}: {wrong} {', '.join(place.tags)}{meant}"]
    if details["type"] == "extra_forbidden":
        return [f"{path}: unknown key{_suggestion(details['loc'], models)}"]
    problem = _problem(details)
    return [f"{path}: {problem}" if path else problem]


def _problem(details: ErrorDetails) -> str:
    """What is wrong, in the words of YAML rather than of Python or JSON."""
    context = details.get("ctx", {})
    match details["type"]:
        case "missing":
            return "missing"
        case "json_invalid":
            return "not Unicode text everywhere: a character such as \\ud800 is half of one"
        case "string_type":
            return "expected text; a number or a date needs quotes to be one"
        case "int_type" | "int_from_float" | "int_parsing":
            return "expected a whole number, without quotes"
        case "bool_type" | "bool_parsing":
            return "expected true or false, without quotes"
        case "tuple_type" | "list_type":
            return "expected a list"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "expected a mapping"
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            return f"expected {_choices(context['expected'])}{_meant(details['input'], known)}"
        case "greater_than_equal":
            return f"expected {context['ge']} or more"
        case "less_than_equal":
            return f"expected {context['le']} or less"
        case "too_short":
            return f"expected {_entries(context['min_length'])} or more"
        case "too_long":
            return f"expected {_entries(context['max_length'])} or fewer"
        case "string_too_short":
            return "empty"
        case _:
            return _lower(details["msg"].removeprefix("Value error, "))


def _choices(expected: str) -> str:
    """The values that are possible, with a word on quotes where YAML takes a number for text or the other way round."""
    if "'" not in expected:
        return f"{expected}, without quotes"
    return f"{expected}, with quotes" if re.search(r"'[0-9.]+'", expected) else expected


def _meant(written: Any, known: Sequence[str]) -> str:
    """What was probably meant, of values that are public. What was written is not told: it may be a secret."""
    close = difflib.get_close_matches(written, known, n=1, cutoff=0.7) if isinstance(written, str) else []
    return f', did you mean "{close[0]}"?' if close else ""


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _join(path: str, rest: str) -> str:
    return f"{path}.{rest}" if path else rest


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _suggestion(location: Location, models: Sequence[type[BaseModel]]) -> str:
    key, holder = str(location[-1]), find(location[:-1], models)
    close = difflib.get_close_matches(key, holder.fields, n=1)
    if close:
        return f', did you mean "{close[0]}"?'
    elsewhere = [
        tag
        for index, tags in holder.choices[-1:]
        for tag in tags
        if key in find((*location[:index], tag, *location[index + 1 : -1]), models).fields
    ]
    only = f"; only for {', '.join(elsewhere)}" if elsewhere else ""
    return f"{only}; known: {', '.join(sorted(holder.fields))}" if holder.fields else only
