"""Turns the property structs of the engine's protocol into plain values.

Unknown values, secrets, assets and resource references travel as strings and maps with well-known signatures
(sdk/go/common/resource/sig in pulumi/pulumi); here each is an object of its own.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
OPAQUE_KINDS = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
}
UNKNOWN_SIGNATURES = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown:
    """A value that the engine does not know yet."""


@dataclass(frozen=True)
class Secret:
    """A value that must never be shown."""

    value: Any


@dataclass(frozen=True)
class Opaque:
    """A value whose content the check has no business with."""

    kind: str


UNKNOWN = Unknown()


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The plain form of a resource's properties."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in UNKNOWN_SIGNATURES else value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case "struct_value":
            return _from_map(from_struct(value.struct_value))
        case _:
            return None


def _from_map(value: dict[str, Any]) -> Any:
    signature = value.get(SIGNATURE_KEY)
    if signature is None:
        return value
    if signature == SECRET_SIGNATURE:
        return Secret(value.get("value"))
    if signature == OUTPUT_SIGNATURE:
        content = value.get("value", UNKNOWN)
        return Secret(content) if value.get("secret") else content
    return Opaque(OPAQUE_KINDS.get(signature, "an engine value"))


def reveal(value: Any, *, hidden: bool) -> tuple[Any, bool]:
    """The value without its secret wrapping, and whether it must stay hidden."""
    while isinstance(value, Secret):
        value, hidden = value.value, True
    return value, hidden


def kind_of(value: Any) -> str:
    """The kind of a value in the words of a finding."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "a map"
        case Opaque():
            return value.kind
        case Secret():
            return kind_of(value.value)
        case _:
            return "null"
