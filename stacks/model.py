"""The strictness that every settings model shares, and the value types that they are made of."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """Frozen, closed to unknown keys, and silent about the values that it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


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

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")]
"""Lower-case letters, digits and hyphens, starting with a letter, 20 characters at most."""

DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=200)
]
"""A domain name in lower case, without a trailing dot."""
