"""The strictness that every settings model shares, and the value types that they are made of."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """Frozen, closed to unknown keys, and silent about the values that it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


def _private_block(text: str) -> str:
    try:
        block = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"not an IPv4 block: {error}") from None
    if not block.is_private:
        raise ValueError("not a private block (RFC 1918), for example 10.64.0.0/13")
    if block.prefixlen > 16:
        raise ValueError("too small: a /16 or larger")
    return text


def _block(text: str) -> str:
    try:
        ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"not an IPv4 block: {error}") from None
    return text


Cidr = Annotated[str, AfterValidator(_private_block)]
"""A private IPv4 block of /16 or larger, in CIDR notation."""

AllowedCidr = Annotated[str, AfterValidator(_block)]
"""Any IPv4 block, in CIDR notation."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")]
"""Lower-case letters, digits and hyphens, starting with a letter, 20 characters at most."""

DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=200)
]
"""A domain name in lower case, without a trailing dot."""
