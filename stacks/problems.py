"""How a wrong settings or workload file is reported: every problem at once, one line each, by key path."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import pulumi
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


class SettingsError(pulumi.RunError):
    """A file that a person wrote cannot be used. Shown as it is, without a traceback."""

    def __init__(self, problems: Sequence[str], source: str = "stack settings") -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{count} in the {source}:", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


def describe(error: ValidationError, models: Sequence[type[BaseModel]]) -> list[str]:
    """One line for each problem: the key path as the user wrote it, what is wrong, and what to do.

    `models` are the models that were validated against; where there are several, they are a union on `cloud`.
    """
    return sorted(_line(details, models) for details in error.errors(include_url=False, include_input=False))


def _line(details: ErrorDetails, models: Sequence[type[BaseModel]]) -> str:
    path = _path(details["loc"], models)
    message = details["msg"].removeprefix("Value error, ")
    match details["type"]:
        case "extra_forbidden":
            return f"{path}: unknown key{_suggestion(str(details['loc'][-1]), models, details['loc'])}"
        case "missing":
            return f"{path}: missing"
        case "union_tag_not_found":
            return f"{_join(path, 'cloud')}: missing; one of gke, aks, oke, local"
        case "union_tag_invalid":
            return f"{_join(path, 'cloud')}: not one of gke, aks, oke, local"
        case "string_pattern_mismatch" if examples := _examples(details["loc"], models):
            return f"{path}: not of the form of {examples}"
        case "value_error" if message.partition(":")[0].replace(".", "").isidentifier():
            return _join(path, message)
        case _:
            return f"{path}: {_lower(message)}"


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
        current = [model for model in models if tag in get_args(model.model_fields["cloud"].annotation)]
    for part in parts:
        held = [field for model in current if (field := model.model_fields.get(str(part))) is not None]
        if held:
            current = [inner for field in held for inner in _models_in(field.annotation)]
    return {name: field for model in current for name, field in model.model_fields.items()}


def _suggestion(key: str, models: Sequence[type[BaseModel]], location: Sequence[int | str]) -> str:
    known = _fields(location, models)
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f', did you mean "{close[0]}"?'
    return f"; known: {', '.join(sorted(known))}" if known else ""


def _examples(location: Sequence[int | str], models: Sequence[type[BaseModel]]) -> str:
    field = _fields(location, models).get(str(location[-1]))
    return ", ".join(str(example) for example in field.examples) if field is not None and field.examples else ""
