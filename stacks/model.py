"""The strictness that every settings model shares, and the value types that they are made of."""

import ipaddress
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Item = TypeVar("Item", bound=Hashable)


class Model(BaseModel):
    """Frozen, strict about types, closed to unknown keys, and silent about the values that it refuses."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )


AT_KEYS = "at_keys"
"""Type of an error that carries problems of its own, each at a key below the value that was validated."""


def at(*problems: tuple[str, str]) -> PydanticCustomError:
    """What a validator raises for several problems: each its key path inside the value (empty for itself), and text."""
    return PydanticCustomError(AT_KEYS, "problems inside", {"problems": list(problems)})


@dataclass(frozen=True)
class Form:
    """What text has to look like."""

    pattern: str
    description: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The pattern for editors, which look for it anywhere in the text unless told otherwise."""
        told = handler(schema)
        return told if "pattern" in told else {**told, "pattern": f"^(?:{self.pattern})$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"expected {self.description}")
        return text


def form(pattern: str, description: str) -> Form:
    """Text that matches `pattern` as a whole. `description` says what is expected where it does not."""
    return Form(pattern, description)


def _no_item_twice(items: Sequence[Item]) -> Sequence[Item]:
    twice = [str(item) for item, count in Counter(items).items() if count > 1]
    if twice:
        raise ValueError(f"{', '.join(twice)} more than once")
    return items


Distinct = AfterValidator(_no_item_twice)
"""A list in which nothing stands twice."""

RFC_1918 = tuple(ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def _block(text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"not an IPv4 block: {error}") from None


def _any_block(text: str) -> str:
    _block(text)
    return text


def _private_block(text: str) -> str:
    block = _block(text)
    if not any(block.subnet_of(private) for private in RFC_1918):
        raise ValueError("not a private block (RFC 1918), for example 10.64.0.0/13")
    if block.prefixlen > 16:
        raise ValueError("too small: a /16 or larger")
    return text


Cidr = Annotated[str, AfterValidator(_any_block)]
"""An IPv4 block, in CIDR notation."""

PrivateCidr = Annotated[str, AfterValidator(_private_block)]
"""A private IPv4 block of /16 or larger, in CIDR notation."""

Name = Annotated[
    str,
    form(
        r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?",
        "20 lower-case letters, digits and hyphens at most, starting with a letter and not ending with a hyphen",
    ),
]
"""Lower-case letters, digits and hyphens, starting with a letter, 20 characters at most."""

DomainName = Annotated[
    str,
    form(
        r"(?=.{1,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "a domain name in lower case without a trailing dot, 200 characters at most, for example dev.example.com",
    ),
]
"""A domain name in lower case, without a trailing dot."""

_OCI_PATH = re.compile(r"oci://[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+/?")


def _mirror(text: str) -> str:
    if ":" in text and not _OCI_PATH.fullmatch(text):
        raise ValueError("expected oci:// with a host and a path, for example oci://registry.acme.example/charts")
    if ":" not in text and not (text and Path(text).is_dir()):
        raise ValueError("there is no such folder, seen from the program's own; or write oci://host/path")
    return text


ChartMirror = Annotated[str, AfterValidator(_mirror)]
"""`oci://host/path`, or a folder that exists."""

_LABEL_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_DNS_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"

LabelKey = Annotated[
    str,
    form(
        rf"((?=[^/]{{1,253}}/){_DNS_LABEL}(\.{_DNS_LABEL})*/)?{_LABEL_NAME}",
        "a key that Kubernetes takes, for example acme.example/tier",
    ),
]
"""Key of a label or a taint: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""

LabelValue = Annotated[
    str,
    form(
        rf"({_LABEL_NAME})?",
        "63 letters, digits, dots, hyphens and underscores at most, with a letter or digit first and last",
    ),
]
"""Value of a label or a taint, which may be empty."""
