"""Every setting that a stack file may have, by path, read from the model itself."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

from stacks.model import Model


def setting_paths(model: type[Model]) -> dict[str, str]:
    """What the docstring of each setting says, by path. `*` stands for the names of a group such as the node pools."""
    return {path: text for path, text, inner in _paths(model) if inner is None}


def group_paths(model: type[Model]) -> dict[str, str]:
    """The same of what holds settings in turn, such as `postgres`."""
    return {path: text for path, text, inner in _paths(model) if inner is not None}


def _paths(model: type[Model]) -> Iterator[tuple[str, str, type[Model] | None]]:
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        yield name, field.description or "", inner
        if inner is not None:
            group = f"{name}.*" if get_origin(field.annotation) is dict else name
            yield from ((f"{group}.{path}", text, model) for path, text, model in _paths(inner))


def _inner(annotation: Any) -> type[Model] | None:
    """The model that a field holds: itself, optionally, or by name."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    if get_origin(annotation) in (Union, UnionType, dict):
        found = [inner for argument in get_args(annotation) if (inner := _inner(argument))]
        return found[0] if found else None
    if get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        return _inner(get_args(annotation)[0])
    return None
