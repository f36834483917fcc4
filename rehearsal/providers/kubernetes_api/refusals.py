"""What the API server answers when it refuses, and how a refusal is told."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import Properties, Secret, plain

_SHORTEST = 4
"""Characters of a secret text that is looked for: a shorter one would blot out words that are none."""
_HIDDEN = "[secret]"
_DATA = ("data", "stringData")


class Refusal(CloudError):
    """An answer of the API server other than success."""

    def __init__(self, status: int, reason: str, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.kind = kind
        """The kind of what is missing, as the API server names it, such as `namespaces`."""

    @property
    def not_found(self) -> bool:
        return self.status == 404

    @property
    def forbidden(self) -> bool:
        return self.status == 403

    @property
    def already_exists(self) -> bool:
        return self.reason == "AlreadyExists"

    @property
    def namespace_missing(self) -> bool:
        return self.not_found and self.kind == "namespaces"


class NoMatchError(CloudError):
    """The API server does not serve a kind."""


class UnreachableError(CloudError):
    """Nothing answers at the API server's address, or nobody is let in."""


def refusal(status: int, body: str) -> Refusal:
    """The error behind an answer, whose body is a Status object or plain text."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return Refusal(status, "", body.strip() or f"the server answered {status}")
    details = answer.get("details") or {}
    message = answer.get("message") or f"the server answered {status}"
    return Refusal(status, answer.get("reason") or "", message, details.get("kind") or "")


def without_secrets(message: str, inputs: Properties) -> str:
    """The message with every secret text of the inputs blotted out, as it is and in base64."""
    for text in sorted(set(_secret_texts(_guarded(inputs), secret=False)), key=len, reverse=True):
        for shape in (text, json.dumps(text)[1:-1], base64.b64encode(text.encode()).decode()):
            message = message.replace(shape, _HIDDEN)
    return message


def _guarded(inputs: Properties) -> Properties:
    if inputs.get("kind") != "Secret":
        return inputs
    return {key: Secret(value) if key in _DATA else value for key, value in inputs.items()}


def _secret_texts(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _secret_texts(plain(value.value), secret=True)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secret_texts(item, secret=secret)
    elif isinstance(value, list):
        for item in value:
            yield from _secret_texts(item, secret=secret)
    elif secret and isinstance(value, str) and len(value) >= _SHORTEST:
        yield value
