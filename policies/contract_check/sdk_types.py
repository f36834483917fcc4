"""Reads by reflection what a resource class of an installed SDK takes.

A type is written as JSON, so that it can be cached:

    "string" "integer" "number" "boolean" "any" "asset"
    ["list", T]  ["map", T]  ["object", NAME]  ["values", [V...]]  ["union", [T...]]

and an object as {wire name: [T, required]}.
"""

import collections.abc
import enum
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import pulumi
from pulumi._types import input_type_py_to_pulumi_names, is_input_type

from contract_check.sdk_packages import ResourceClass, UnreadableTypeError

TypeSchema: TypeAlias = str | list[Any]
ObjectSchema: TypeAlias = dict[str, list[Any]]

# The SDKs annotate with forward references to names that their own modules do not always import.
FORWARD_REFERENCES = {"Output": pulumi.Output, "Input": pulumi.Input, "T": Any, "Awaitable": typing.Awaitable}
SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", Any: "any", object: "any"}
ASSETS = (pulumi.Asset, pulumi.Archive)


def read_resource(found: ResourceClass) -> dict[str, Any]:
    """The inputs of a resource class and every object type that they reach."""
    resource = getattr(importlib.import_module(found.module), found.name, None)
    if resource is None:
        raise UnreadableTypeError(f"{found.module} has no class {found.name}")
    reader = _Reader()
    root = reader.object_type(_args_class(resource))
    return {"inputs": root[1], "types": reader.objects}


def _args_class(resource: type) -> type:
    """The class of a resource's arguments, which its constructor names (`NamespaceInitArgs` for `Namespace`)."""
    module = sys.modules[resource.__module__]
    for name in inspect.unwrap(resource.__init__).__code__.co_names:
        candidate = getattr(module, name, None)
        if name.endswith("Args") and isinstance(candidate, type) and is_input_type(candidate):
            return candidate
    raise UnreadableTypeError(f"{resource.__module__}.{resource.__name__} names no argument class")


class _Reader:
    """Collects object types by name while it follows the annotations of argument classes."""

    def __init__(self) -> None:
        self.objects: dict[str, ObjectSchema] = {}

    def object_type(self, args: type) -> TypeSchema:
        name = f"{args.__module__}.{args.__qualname__}"
        if name not in self.objects:
            self.objects[name] = {}
            self.objects[name].update(self._properties(args))
        return ["object", name]

    def _properties(self, args: type) -> ObjectSchema:
        return {name: [self.read(annotation), required] for name, (annotation, required) in _annotations(args).items()}

    def read(self, annotation: Any) -> TypeSchema:
        """The schema of one annotation; outputs, awaitables and None add nothing to what may be given."""
        if isinstance(annotation, str):
            raise UnreadableTypeError(f"unresolved annotation {annotation}")
        if annotation in SCALARS:
            return SCALARS[annotation]
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            return self._union(arguments)
        if origin is typing.Literal:
            return ["values", list(arguments)]
        if origin in (collections.abc.Sequence, list):
            return ["list", self.read(arguments[0])]
        if origin in (collections.abc.Mapping, dict):
            return ["map", self.read(arguments[1])]
        return self._class(annotation)

    def _union(self, members: tuple[Any, ...]) -> TypeSchema:
        schemas: list[TypeSchema] = []
        for member in members:
            if _is_deferred(member):
                continue
            schema = self.read(member)
            if schema not in schemas:
                schemas.append(schema)
        # An azure-native enum is open (`Union[str, Enum]`); its known values say more than "a string" does.
        if "string" in schemas and any(schema[0] == "values" for schema in schemas):
            schemas.remove("string")
        if "any" in schemas:
            return "any"
        return schemas[0] if len(schemas) == 1 else ["union", schemas]

    def _class(self, annotation: Any) -> TypeSchema:
        if not isinstance(annotation, type):
            raise UnreadableTypeError(f"unexpected annotation {annotation}")
        if issubclass(annotation, enum.Enum):
            return ["values", [member.value for member in annotation]]
        if issubclass(annotation, ASSETS):
            return "asset"
        if is_input_type(annotation):
            return self.object_type(annotation)
        if issubclass(annotation, dict | collections.abc.Mapping):
            return ["map", "any"]
        raise UnreadableTypeError(f"unexpected class {annotation.__module__}.{annotation.__qualname__}")


@cache
def _annotations(args: type) -> Mapping[str, tuple[Any, bool]]:
    """The annotation of each property by its wire name, and whether it is required.

    Kept, because a class such as a pod's specification is reached from dozens of resources.
    """
    hints = typing.get_type_hints(args.__init__, localns=FORWARD_REFERENCES)
    wire_names = input_type_py_to_pulumi_names(args)
    return {
        wire_names[name]: (hints[name], not _may_be_left_out(args, name))
        for name in inspect.signature(args.__init__).parameters
        if name in wire_names
    }


def _may_be_left_out(args: type, name: str) -> bool:
    """What a property gives back says it: its parameter may have a default, which a plain dict does not get."""
    hint = typing.get_type_hints(getattr(args, name).fget, localns=FORWARD_REFERENCES)["return"]
    return hint is Any or type(None) in typing.get_args(hint)


def _is_deferred(member: Any) -> bool:
    origin = typing.get_origin(member) or member
    return member is type(None) or origin in (collections.abc.Awaitable, pulumi.Output)
