"""Keeps secret values out of the inventory while changes to them stay visible."""

import hashlib
import hmac
import json
from typing import Any, Final

from rehearsal.providers.wire import UNKNOWN, Secret, Special, plain

DIGEST_KEY: Final = "$secret"
CHANGED_ELSEWHERE: Final = "(changed outside of Pulumi)"


def redact(value: Any, salt: bytes) -> Any:
    """The value with each secret replaced by a digest of it."""
    match value:
        case Secret():
            return {DIGEST_KEY: _digest(value.value, salt)}
        case Special():
            return {"$special": redact(dict(value.fields), salt)}
        case dict():
            return {key: redact(item, salt) for key, item in value.items()}
        case list():
            return [redact(item, salt) for item in value]
        case _:
            return value


def restore(stored: Any, known: Any, salt: bytes) -> Any:
    """A stored value with its secrets filled in from the state's own copy, where the digests say they are the same."""
    match stored:
        case {"$secret": str(digest)}:
            return known if _digest(plain(known), salt) == digest else Secret(CHANGED_ELSEWHERE)
        case {"$special": fields}:
            return Special(restore(fields, dict(known.fields) if isinstance(known, Special) else {}, salt))
        case dict():
            inside = known.value if isinstance(known, Secret) else known
            beside = inside if isinstance(inside, dict) else {}
            return {key: restore(item, beside.get(key), salt) for key, item in stored.items()}
        case list():
            inside = known.value if isinstance(known, Secret) else known
            beside = inside if isinstance(inside, list) else []
            padded = [*beside, *([None] * len(stored))]
            return [restore(item, other, salt) for item, other in zip(stored, padded, strict=False)]
        case _:
            return stored


def _digest(value: Any, salt: bytes) -> str:
    text = json.dumps(plain(value), sort_keys=True, default=lambda item: "unknown" if item is UNKNOWN else str(item))
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()
