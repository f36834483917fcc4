"""What Kong refuses in a declarative configuration: unknown fields, wrong kinds and values, names that are taken."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SCHEMA = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "foreign": str,
    "integer": int,
    "map": dict,
    "number": (int, float),
    "record": dict,
    "set": list,
    "string": str,
}


def refusals(document: Mapping[str, Any]) -> list[str]:
    """Why Kong would not start with the configuration; empty where it does."""
    found = [] if document.get("_format_version") in SCHEMA["format_versions"] else ["_format_version: not one of them"]
    for kind, records in document.items():
        if kind == "_format_version":
            continue
        if kind not in SCHEMA["entities"]:
            found.append(f"{kind}: unknown")
            continue
        found += [
            problem for index, record in enumerate(records) for problem in _entity(kind, record, f"{kind}[{index}]")
        ]
    return [*found, *_twice(document)]


def _entity(kind: str, record: Mapping[str, Any], path: str) -> Iterator[str]:
    nested = SCHEMA["nested"].get(kind, [])
    own = {name: value for name, value in record.items() if name not in nested}
    parent = {"basicauth_credentials": "consumer"}.get(kind)
    fields = {name: field for name, field in SCHEMA["entities"][kind]["fields"].items() if name != parent}
    if kind == "plugins":
        config = SCHEMA["plugins"].get(record.get("name"))
        if config is None:
            yield f"{path}.name: no such plugin"
            return
        fields = {**fields, "config": {"type": "record", "fields": config}}
    yield from _record(fields, own, path)
    if kind == "routes" and not {"methods", "hosts", "headers", "paths", "snis"} & set(record):
        yield f"{path}: matches nothing"
    for below in nested:
        for index, child in enumerate(record.get(below, [])):
            yield from _entity(below, child, f"{path}.{below}[{index}]")


def _record(fields: Mapping[str, Any], record: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in record.items():
        if name not in fields:
            yield f"{path}.{name}: unknown field"
        else:
            yield from _value(fields[name], value, f"{path}.{name}")
    for name, field in fields.items():
        if field.get("required") and "default" not in field and field["type"] != "record" and name not in record:
            yield f"{path}.{name}: missing"


def _value(field: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    kind = field["type"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: not of type {kind}"
        return
    if "one_of" in field and value not in field["one_of"]:
        yield f"{path}: {value} is not one of {field['one_of']}"
    if "between" in field and not field["between"][0] <= value <= field["between"][1]:
        yield f"{path}: {value} is not between {field['between']}"
    if value == "":
        yield f"{path}: empty"
    if "starts_with" in field and not str(value).startswith(field["starts_with"]):
        yield f"{path}: does not begin with {field['starts_with']}"
    yield from _below(field, value, path)


def _below(field: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    match field["type"]:
        case "record":
            yield from _record(field["fields"], value, path)
        case "array" | "set":
            for index, element in enumerate(value):
                yield from _value(field["elements"], element, f"{path}[{index}]")
        case "map":
            for key, element in value.items():
                yield from _value(field["values"], element, f"{path}.{key}")
        case _:
            return


def _twice(document: Mapping[str, Any]) -> list[str]:
    """Names that have to be unique and are not, of routes wherever they stand."""
    services = document.get("services", [])
    routes = [*document.get("routes", []), *(route for service in services for route in service.get("routes", []))]
    consumers = document.get("consumers", [])
    names = {
        "services": [service.get("name") for service in services],
        "routes": [route.get("name") for route in routes],
        "consumers": [consumer.get("username") for consumer in consumers],
    }
    return [
        f"{kind}: {name} twice" for kind, known in names.items() for name in sorted({*known}) if known.count(name) > 1
    ]
