"""Names for resources whose program gives none, made the way the real providers make them."""

import hashlib
import uuid
from dataclasses import dataclass
from enum import Enum

from rehearsal.providers.errors import CloudError


class Mode(Enum):
    """What the stack's `pulumi:autonaming` setting asks of a provider."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True)
class Autonaming:
    """A name that the engine has made by the stack's own pattern."""

    proposed: str
    mode: Mode


def generate(
    logical: str,
    seed: bytes,
    *,
    digits: int,
    separator: str = "-",
    longest: int = 255,
    engine: Autonaming | None = None,
) -> str:
    """The logical name and hexadecimal digits that depend on nothing but the seed."""
    if engine is not None:
        if engine.mode is Mode.DISABLE:
            raise CloudError("autonaming is disabled, the resource needs a name of its own")
        return engine.proposed
    if digits == 0:
        return logical
    suffix = hashlib.sha256(seed + logical.encode()).hexdigest()[:digits]
    if len(logical) + len(separator) + digits > longest:
        raise CloudError(
            f"cannot make a name of at most {longest} characters out of {logical!r}: give it a shorter one"
        )
    return f"{logical}{separator}{suffix}"


def generate_uuid(logical: str, seed: bytes) -> str:
    """A name that has to be a UUID."""
    return str(uuid.UUID(bytes=hashlib.sha256(seed + logical.encode()).digest()[:16], version=4))
