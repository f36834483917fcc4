"""What has to be there once in a file of Kong's, and what has to be there at all since something else names it.

Source: kong/db/schema/others/declarative_config.lua of Kong/kong at 3.9.3.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Found = tuple[str, Mapping[str, Any], Mapping[str, str]]
"""A record: its kind, its fields, and what it stands below, by the field that says so."""


def check_references(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Names that are taken, and names of nothing."""
    records = [found for kind in schema["entities"] for found in _records(schema, kind, document.get(kind), {})]
    return [*_once(schema, records), *_known(schema, records)]


def _records(schema: Mapping[str, Any], kind: str, records: Any, above: Mapping[str, str]) -> Iterator[Found]:
    nested: Mapping[str, str] = schema["nested"].get(kind, {})
    for index, record in enumerate(records if isinstance(records, list) else ()):
        if not isinstance(record, Mapping):
            continue
        yield kind, record, above
        key = schema["entities"][kind].get("endpoint_key") or "id"
        name = str(record.get(key) or record.get("id") or f"number {index}")
        for below, parent_key in nested.items():
            yield from _records(schema, below, record.get(below), {parent_key: name})


def _once(schema: Mapping[str, Any], records: Sequence[Found]) -> Iterator[str]:
    taken: set[tuple[Any, ...]] = set()
    for kind, record, above in records:
        entity = schema["entities"][kind]
        singles = {field for field, about in entity["fields"].items() if about.get("unique")} | {"id"}
        if kind != "targets" and "endpoint_key" in entity:
            singles.add(entity["endpoint_key"])
        keys: list[tuple[tuple[Any, ...], str]] = [
            ((kind, field, record[field]), field) for field in sorted(singles) if record.get(field) is not None
        ]
        if kind in ("plugins", "targets", "acls"):
            together = {**record, **above}
            key: tuple[Any, ...] = (kind, *(together.get(field) for field in entity["cache_key"]))
            keys.append((key, " and ".join(entity["cache_key"])))
        for key, field in keys:
            if key in taken:
                yield f"{kind}: {_shown(kind, record, field)} is there twice"
            taken.add(key)


def _shown(kind: str, record: Mapping[str, Any], field: str) -> str:
    """What is there twice; a key is shown by no more than that it is one."""
    if kind == "keyauth_credentials":
        return "a key"
    if kind == "plugins" and field != "instance_name":
        return f"{record.get('name')} for the same requests"
    name = {"targets": "target", "acls": "group"}.get(kind, field)
    return f"{name} {record.get(name)}"


def _known(schema: Mapping[str, Any], records: Sequence[Found]) -> Iterator[str]:
    names: dict[str, set[Any]] = {}
    for kind, record, _above in records:
        key = schema["entities"][kind].get("endpoint_key") or "id"
        names.setdefault(kind, set()).update({record.get(key), record.get("id")} - {None})
    for kind, record, _above in records:
        for field, about in schema["entities"][kind]["fields"].items():
            value = record.get(field)
            if about["type"] == "foreign" and isinstance(value, str) and value not in names.get(about["reference"], ()):
                yield f"{kind}: there is no {field} {value}"
