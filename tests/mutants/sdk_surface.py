"""What the installed SDKs say that a resource takes, read from the properties of its argument classes.

A property's getter carries the type, which says whether it may be left out, and the vendor's own words, which often
name the values that it may have.
"""

import collections.abc
import enum
import re
import sys
import types
import typing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import pulumi
from pulumi._types import input_type_py_to_pulumi_names, is_input_type
from pulumi.runtime.rpc import get_resource_module

_PROVIDERS = "pulumi:providers:"
_NAMES = {"Output": pulumi.Output, "Input": pulumi.Input, "T": Any, "Awaitable": typing.Awaitable}
_SCALARS = {str: "text", int: "number", float: "number", bool: "flag"}
_CLOSED = re.compile(r"(?:possible|valid|accepted|allowed) values? (?:are|is):?\s+((?:`[\w.-]+`|,|\s|and|or)+)", re.I)


@dataclass(frozen=True)
class Shape:
    """What a value has to be like."""

    kind: str
    """text, number, flag, list, map, object; anything, where the SDK does not say or leaves a choice of kinds."""
    element: "Shape | None" = None
    """Of a list or a map."""
    arguments: type | None = None
    """The class of an object."""
    values: tuple[str, ...] = ()
    """All that a text may be, where that is a closed set."""


ANYTHING = Shape("anything")


@dataclass(frozen=True)
class Property:
    """One property of an object."""

    shape: Shape
    required: bool


@cache
def arguments_of(token: str) -> type | None:
    """The class of what a resource takes, nothing where its SDK does not know the type."""
    if token.startswith(_PROVIDERS):
        return import_module(f"pulumi_{token.removeprefix(_PROVIDERS).replace('-', '_')}").ProviderArgs
    package, module, _ = token.split(":")
    import_module(f"pulumi_{package.replace('-', '_')}")
    known: Any = get_resource_module(package, module, "")
    name = known.mod_info["classes"].get(token) if known else None
    if name is None:
        return None
    resource = getattr(import_module(known.mod_info["fqn"]), name)
    home = sys.modules[resource.__module__]
    for overload in typing.get_overloads(resource.__init__):
        for hint in _alternatives(overload.__annotations__.get("args")):
            found = getattr(home, hint.__forward_arg__ if isinstance(hint, typing.ForwardRef) else str(hint), hint)
            if isinstance(found, type) and is_input_type(found):
                return found
    return None


def properties(arguments: type) -> dict[str, Property]:
    """The properties of an argument class by their names on the wire."""
    return _properties(arguments)


@cache
def _properties(arguments: type) -> dict[str, Property]:
    names = {**vars(sys.modules[arguments.__module__]), **_NAMES}
    found: dict[str, Property] = {}
    for python_name, wire_name in input_type_py_to_pulumi_names(arguments).items():
        getter = getattr(arguments, python_name).fget
        hint = typing.get_type_hints(getter, names)["return"]
        shape = _shape(hint)
        if shape.kind == "text" and not shape.values:
            shape = Shape("text", values=_documented(getter.__doc__ or ""))
        found[wire_name] = Property(shape, type(None) not in _alternatives(hint))
    return found


def _documented(words: str) -> tuple[str, ...]:
    match = _CLOSED.search(words)
    values = tuple(re.findall(r"`([\w.-]+)`", match[1])) if match else ()
    return values if len(values) > 1 else ()


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _shape(hint: Any) -> Shape:
    shapes: list[Shape] = []
    for one in _alternatives(hint):
        if one is type(None) or (typing.get_origin(one) or one) in (collections.abc.Awaitable, pulumi.Output):
            continue
        shape = _single(one)
        if shape not in shapes:
            shapes.append(shape)
    if len(shapes) == 2 and Shape("text") in shapes:
        # A set of values that the SDK leaves open for those that come later.
        [other] = [shape for shape in shapes if shape != Shape("text")]
        return other if other.values else ANYTHING
    return shapes[0] if len(shapes) == 1 else ANYTHING


def _single(hint: Any) -> Shape:
    if hint in _SCALARS:
        return Shape(_SCALARS[hint])
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return Shape("text", values=arguments)
    if origin in (collections.abc.Sequence, list):
        return Shape("list", element=_shape(arguments[0]))
    if origin in (collections.abc.Mapping, dict):
        return Shape("map", element=_shape(arguments[1]))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        values = tuple(member.value for member in hint)
        return Shape("text", values=values) if all(isinstance(value, str) for value in values) else ANYTHING
    if isinstance(hint, type) and is_input_type(hint):
        return Shape("object", arguments=hint)
    return ANYTHING
