"""Reads what Helm renders: many objects, some of them large."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from rehearsal.providers.wire import Properties

_COMMENT = re.compile(r"^#.*$\n?", re.MULTILINE)
_DOCUMENT = re.compile(r"^---\s*$", re.MULTILINE)
_TOP = re.compile(r"^(?=[A-Za-z\"'])", re.MULTILINE)
_TOLD = ("apiVersion", "kind", "metadata")
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FAST):
    """Texts stay texts: JSON, which Kubernetes reads YAML as, has no dates."""


_UNKNOWN_TO_JSON = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _UNKNOWN_TO_JSON]
    for first, resolvers in _FAST.yaml_implicit_resolvers.items()
}


def heads(manifest: str) -> Iterator[Properties]:
    """Of each object only what says which it is: the rest of a large chart takes seconds to read."""
    for document in _DOCUMENT.split(manifest):
        if _COMMENT.sub("", document, count=1).lstrip().startswith("{"):
            head = _parsed(document)
        else:
            head = _parsed("".join(block for block in _TOP.split(document) if block.lstrip("\"'").startswith(_TOLD)))
        if head:
            yield head


def objects(manifest: str, *, but: frozenset[str] = frozenset()) -> Iterator[Properties]:
    """Each object as a whole, those of some kinds left out unread."""
    for document in _DOCUMENT.split(manifest):
        head = next(heads(document), None)
        if head is not None and head["kind"] not in but and (parsed := _parsed(document)):
            yield parsed


def _parsed(text: str) -> Properties | None:
    """An object; None for what is empty or none."""
    content = yaml.load(text, Loader=_Loader) if text.strip() else None
    return content if isinstance(content, dict) and content.get("kind") and content.get("apiVersion") else None
