"""How a wrong settings or workload file is reported: every problem at once, one line each, by key path."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, get_args

import pulumi
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

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
    errors = error.errors(include_url=False, include_input=False)
    holders = {details["loc"][:depth] for details in errors for depth in range(len(details["loc"]))}
    return sorted(
        line
        for details in errors
        # Entries that are wrong by themselves do not count: their list is not too short as well.
        if not (details["type"] == "too_short" and details["loc"] in holders)
        for line in _lines(details, models)
    )


def _lines(details: ErrorDetails, models: Sequence[type[BaseModel]]) -> list[str]:
    path = _path(details["loc"], models)
    if details["type"] == AT_KEYS:
        inside: list[tuple[str, str]] = details.get("ctx", {})["problems"]
        return [f"{_join(path, key) if key else path}: {problem}" for key, problem in inside]
    if details["type"] in ("union_tag_not_found", "union_tag_invalid"):
        wrong = "missing; one of" if details["type"] == "union_tag_not_found" else "not one of"
        return [f"{_join(path, 'cloud')}: {wrong} {', '.join(_tags(models))}"]
    if details["type"] == "extra_forbidden":
        return [f"{path}: unknown key{_suggestion(str(details['loc'][-1]), models, details['loc'])}"]
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
            return f"expected {_choices(context['expected'])}"
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


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _tag(model: type[BaseModel]) -> str:
    return get_args(model.model_fields["cloud"].annotation)[0]


def _tags(models: Sequence[type[BaseModel]]) -> list[str]:
    return [_tag(model) for model in models]


def _join(path: str, rest: str) -> str:
    return f"{path}.{rest}" if path else rest


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _path(location: Iterable[int | str], models: Sequence[type[BaseModel]]) -> str:
    parts = list(location)
    if parts and len(models) > 1:
        parts = parts[1:]
    return ".".join(str(part) for part in parts if part != "[key]")


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _fields(location: Sequence[int | str], models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Fields of the models that the location's last part may belong to."""
    current, parts = list(models), list(location[:-1])
    if parts and len(models) > 1:
        tag = parts.pop(0)
        current = [model for model in models if _tag(model) == tag]
    for part in parts:
        held = [field for model in current if (field := _as_written(model).get(str(part))) is not None]
        if held:
            current = [inner for field in held for inner in _models_in(field.annotation)]
    return {name: field for model in current for name, field in _as_written(model).items()}


def _as_written(model: type[BaseModel]) -> dict[str, Any]:
    """Fields of a model by the keys of the file, which may have hyphens."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _suggestion(key: str, models: Sequence[type[BaseModel]], location: Sequence[int | str]) -> str:
    known = _fields(location, models)
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f', did you mean "{close[0]}"?'
    elsewhere = (
        [tag for tag in _tags(models) if key in _fields((tag, *location[1:]), models)] if len(models) > 1 else []
    )
    only = f"; only for {', '.join(elsewhere)}" if elsewhere else ""
    return f"{only}; known: {', '.join(sorted(known))}" if known else only
